"""Every page people meet says what it is for."""

from pathlib import Path

import pytest
from django.conf import settings

from tests.architecture.addresses import addresses
from worklists import page_help
from worklists.views.access import nobody_needed

APIS = ("api:", "audits-api:", "denials-api:")
# What a browser asks for without showing a page of the shell: parts, files, answers.
NO_PAGES = {
    "session",
    "worklists:batch_progress",
    "denials:profile_moving",
    "worklists:components",
    "worklists:download",
    "worklists:page_png",
}


def pages():
    """Return the names of all addresses at which somebody reads a page."""
    return {
        a.name
        for a in addresses()
        if not a.name.startswith(APIS)
        and a.policy is not nobody_needed
        and "GET" in getattr(a.view, "methods", ("GET",))
    } - NO_PAGES


def test_every_page_has_its_help_and_no_help_is_without_a_page():
    explained = {view for views in page_help.TEXTS.values() for view in views}

    assert pages() - explained == set()
    # A page that answers a POST, such as a preview, has help as well.
    assert explained - {a.name for a in addresses()} == set()


@pytest.mark.parametrize("name", sorted(page_help.TEXTS))
def test_help_is_short_and_says_something(name):
    [folder] = [Path(one) for one in settings.TEMPLATES[0]["DIRS"]][:1]
    text = (folder / "help" / f"{name}.html").read_text(encoding="utf-8")

    assert "<h3>" in text
    assert "<li>" in text
    assert 150 < len(text) < 1_500


def test_no_text_is_left_over():
    [folder] = [Path(one) for one in settings.TEMPLATES[0]["DIRS"]][:1]
    kept = {one.stem for one in (folder / "help").glob("*.html")}
    assert kept == set(page_help.TEXTS)
