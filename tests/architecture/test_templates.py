"""Templates hold no script, no style and no address of another host (CSP)."""

import re

import pytest

from tests.architecture.sources import ROOT

pytestmark = pytest.mark.unit
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
RULES = {
    "inline script": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "handler attribute": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "script address": re.compile(r"javascript:", re.IGNORECASE),
    "another host": re.compile(r"(src|href|action)=[\"']?(https?:)?//", re.IGNORECASE),
    "script of htmx": re.compile(r"hx-(on|vals=[\"']js)", re.IGNORECASE),
    "unescaped text": re.compile(r"\|\s*safe\b|autoescape off"),
}
# Help texts are written by us; those of Django's password rules are a list.
OURS = {"unescaped text": {"templates/components/form_field.html"}}
COMMENT = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}|<!--.*?-->", re.DOTALL)


@pytest.mark.parametrize("rule", RULES)
def test_templates_hold_nothing_of(rule):
    found = {
        str(path.relative_to(ROOT))
        for path in TEMPLATES
        if RULES[rule].search(COMMENT.sub("", path.read_text()))
    }
    assert found - OURS.get(rule, set()) == set()


def test_templates_are_short():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in TEMPLATES
        if (lines := len(path.read_text().splitlines())) > 150
    }
    assert long == {}
