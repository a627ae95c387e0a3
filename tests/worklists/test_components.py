"""The components draw from plain values, and every template keeps the house's rules."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings
from django.template import Context, Template
from django.template.loader import get_template
from django.test import RequestFactory

from worklists.context import moment_context
from worklists.evidence.fields import TYPES
from worklists.templatetags.codetrail import CONTROLS
from worklists.views.sheet import sheet

pytestmark = pytest.mark.unit

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
COMPONENTS = sorted((ROOT / "templates" / "components").glob("*.html"))
SPRITE = ROOT / "config/static/vendor/icons/icons.svg"
NOW = datetime(2026, 11, 19, 14, 0, tzinfo=UTC)
COMMENT = re.compile(r"{% comment %}.*?{% endcomment %}|{#.*?#}", re.DOTALL)


def draw(source: str, **context: Any) -> str:
    return Template("{% load codetrail %}" + source).render(Context(context))


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def code_of(path: Path) -> str:
    return COMMENT.sub("", path.read_text())


def test_a_component_sees_its_parameters_and_nothing_else():
    drawn = draw('{% component "button" label="Go" %}', icon="flag", href="/leak/")
    assert "/leak/" not in drawn
    assert "flag" not in drawn
    assert ">" in drawn
    assert text(drawn) == "Go"


def test_names_with_prefixes_become_attributes_and_are_escaped():
    drawn = draw(
        '{% component "button" label="Go" hx_post=url data_once=True aria_label=bad %}',
        url="/x/",
        bad='"><script>',
    )
    assert 'hx-post="/x/"' in drawn
    assert " data-once" in drawn
    assert "<script>" not in drawn


def test_a_part_draws_around_its_block():
    drawn = draw(
        '{% part "panel" title="Mine" id="mine" %}<p>{{ inside }}</p>{% endpart %}',
        inside="<8>",
    )
    assert 'aria-labelledby="mine-h"' in drawn
    assert "<p>&lt;8&gt;</p>" in drawn


def test_a_refused_button_says_why_and_cannot_submit():
    drawn = draw('{% component "button" label="Take" refused="use Next" key="c" %}')
    assert 'aria-disabled="true"' in drawn
    assert 'type="button"' in drawn
    assert text(drawn) == "Take: use Next"


def test_an_action_posts_with_the_token():
    drawn = draw(
        '{% component "action" label="Go" url="/x/" confirm="Sure?" %}',
        csrf_token="tok",
    )
    assert re.search(r'method="post"\s+action="/x/"', drawn)
    assert 'value="tok"' in drawn
    assert 'data-confirm="Sure?"' in drawn


def test_submit_with_gaps_names_all_of_them():
    gaps = [{"label": "Alternatives"}, {"label": "Root cause"}]
    drawn = draw('{% component "submit" gaps=gaps goes="senior review" %}', gaps=gaps)
    assert "2 missing: alternatives, root cause" in text(drawn)
    assert 'aria-disabled="true"' in drawn
    assert "Then to senior review" in text(drawn)


def test_submit_without_gaps_says_where_it_goes():
    to_review = text(draw('{% component "submit" goes="senior review" %}'))
    assert "Submit, goes to senior review" in to_review


def test_submit_never_promises_that_the_random_share_passes_by():
    gaps = [{"label": "Why"}]
    for drawn in (
        text(draw('{% component "submit" %}')),
        text(draw('{% component "submit" gaps=gaps %}', gaps=gaps)),
    ):
        assert "No review is foreseen" in drawn
        assert "unless a senior looks at it first" in drawn
        assert "and close" not in drawn


@pytest.mark.parametrize(
    ("state", "css", "word"),
    [
        ("complete", 'class="ct-ev"', "complete"),
        ("missing", 'class="ct-ev is-gap"', "missing"),
        ("not_accepted", 'class="ct-ev is-gap is-wrong"', "not accepted"),
        ("not_checked", 'class="ct-ev"', "not checked"),
    ],
)
def test_an_evidence_field_says_how_it_stands(state, css, word):
    field = {"name": "why.12", "label": "Why", "type": "text", "state": state}
    drawn = draw('{% component "evidence" field=field %}', field=field)
    assert css in drawn
    assert 'id="ev-why-12"' in drawn
    assert 'for="ev-why-12-input"' in drawn
    assert word in text(drawn)
    assert ('aria-invalid="true"' in drawn) is (state == "not_accepted")


def test_choices_are_never_preselected():
    field = {"name": "d", "label": "D", "type": "choice", "state": "missing"}
    field |= {"choices": [("a", "A"), ("b", "B")]}
    drawn = draw('{% component "evidence" field=field %}', field=field)
    assert "checked" not in drawn
    assert "<fieldset" in drawn
    assert "<legend" in drawn


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_every_evidence_type_of_the_kernel_has_a_control(kind):
    assert kind in CONTROLS
    field = {"name": "f", "label": "F", "type": kind, "state": "optional"}
    assert "ev-f" in draw('{% component "evidence" field=field %}', field=field)


def test_an_unmasked_name_is_not_in_the_page_before_the_click():
    drawn = draw('{% component "unmask" name="Jordan Doe" url="/n/" %}')
    assert "J***n D***" in drawn
    assert "Jordan" not in drawn


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 429, 500])
def test_error_pages_need_no_context_at_all(status):
    drawn = get_template(f"errors/{status}.html").render({})
    assert "<h1" in drawn
    assert "Your start page" in drawn
    assert "ct-rail" not in drawn


def test_a_refusal_in_place_is_marked_for_the_script():
    facts = {"status": 409, "detail": "J. Park was faster.", "code": "stale_version"}
    drawn = get_template("errors/_error.html").render(facts)
    assert re.match(r"\s*<div[^>]*\bdata-error=\"stale_version\"", drawn)


def test_the_sheet_draws_every_part_twice_the_same():
    request = RequestFactory().get("/components/")
    with moment_context(NOW):
        first, second = sheet(request).content, sheet(request).content
    token = re.compile(rb'(value|content)="[A-Za-z0-9]{64}"')
    assert token.sub(b"", first) == token.sub(b"", second)
    assert b"Invalid" not in first


def test_every_icon_a_template_names_is_in_the_sprite():
    names = {symbol.get("id") for symbol in ET.parse(SPRITE).getroot()}  # noqa: S314
    used = {
        (path.name, name)
        for path in TEMPLATES
        for name in re.findall(
            r'{% icon "([a-z0-9-]+)"|\bicon="([a-z0-9-]+)"', code_of(path)
        )
        for name in name
        if name
    }
    assert [each for each in sorted(used) if each[1] not in names] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_keeps_the_rules(path):
    source = code_of(path)
    lines = path.read_text().count("\n")
    assert lines <= 150, f"{lines} lines"
    assert not re.search(r"\sstyle=", source), "inline style"
    markup = re.sub(r"{%.*?%}", "", source, flags=re.DOTALL)
    assert not re.search(r"\son[a-z]+=", markup), "inline handler"
    assert not re.search(r"<script(?![^>]*\bsrc=)", source), "inline script"
    assert not re.search(r"(href|src)=\"https?:", source), "another host"
    assert "{#" not in source, "a {# comment #} must end on its line"
    assert "|safe" not in source or path.name == "form_field.html"


def test_templates_are_short():
    assert median(path.read_text().count("\n") for path in TEMPLATES) <= 30


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.name)
def test_a_component_says_on_top_what_it_takes(path):
    assert re.match(r"{#|{% comment %}", path.read_text())


def test_scripts_make_no_code_and_no_style_at_run_time():
    """A measure of ours (``--ct-…``) that a style sheet reads may be set, no style."""
    style = re.compile(r"""\.style\b(?!\.(?:set|remove)Property\(["'`]--ct-)""")
    for path in (ROOT / "config/static/js").glob("*.js"):
        source = path.read_text()
        assert not style.search(source), f"{path.name}: {style.search(source)}"
        for word in ("eval(", "new Function", "document.write"):
            assert word not in source, f"{path.name}: {word}"
