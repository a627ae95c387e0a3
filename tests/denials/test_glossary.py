"""Codes of a denial explained in our own words."""

import pytest
from django.template.loader import render_to_string

from denials.kind import DENIAL
from denials.models import Denial
from denials.selectors.glossary import GROUPS, NO_ROW, NO_WORDS, code_words, terms_of
from seeds.taxonomy import read_taxonomy
from tests.denials import remit
from worklists import kinds
from worklists.models import WorkItem
from worklists.taxonomy import GROUPS as KNOWN
from worklists.taxonomy import Pattern, TaxonomyTable

# Denials, claims with lines, adjustments and remarks, others' denials, the taxonomy.
QUERIES = 7
DIAGNOSIS = Pattern(
    carc="16",
    remark="M76",
    label="Diagnosis missing or wrong",
    defect_class="coding",
    first_route="correct_resubmit",
)
TABLE = TaxonomyTable(
    1,
    [
        Pattern(carc="16", label="Information missing", defect_class="missing_info"),
        DIAGNOSIS,
        Pattern(carc="*", remark="N211", appealable=False),
    ],
)


def denial(**more) -> Denial:
    """Return a denial for a diagnosis, as the taxonomy would sort it."""
    facts = {
        "group": "CO",
        "carc": "16",
        "remarks": ["M76"],
        "defect_class": "missing_info",
        "suggested_root_cause": "knowledge",
        "owner": "coder",
        "route": "correct_resubmit",
        "appealable": False,
    }
    return Denial(**facts | more)


def test_each_code_and_what_follows_is_said():
    assert terms_of(denial(), TABLE) == [
        ("CO", GROUPS["CO"]),
        ("16", "Information missing"),
        ("M76", "Diagnosis missing or wrong"),
        ("Class", "missing information"),
        ("Usually caused by", "knowledge"),
        ("Owner", "coder"),
        ("First thing to do", "correct and resend"),
        ("Appealable", "no"),
    ]


def test_what_is_not_known_is_left_out_or_said():
    row = denial(
        group="CR",
        carc="999",
        remarks=["ZZ1", "N211"],
        suggested_root_cause="unknown",
        owner="",
        route="none",
        appealable=True,
    )
    assert terms_of(row, TABLE) == [
        ("999", NO_ROW),
        ("ZZ1", NO_WORDS),
        ("N211", "Takes the appeal away"),
        ("Class", "missing information"),
        ("Appealable", "yes"),
    ]


def test_a_remark_that_only_bars_the_appeal_says_that():
    words = dict(terms_of(denial(remarks=["N211"]), TABLE))
    assert words["N211"] == "Takes the appeal away"


def test_without_a_taxonomy_the_group_is_still_explained():
    assert terms_of(denial(), None)[:2] == [
        ("CO", GROUPS["CO"]),
        ("Class", "missing information"),
    ]
    assert code_words(None, "PR", "2") == f"PR: {GROUPS['PR']}"


def test_every_group_that_denies_is_explained():
    assert set(GROUPS) == KNOWN


def test_an_adjustment_is_explained_in_a_line():
    assert (
        code_words(TABLE, "CO", "16") == f"CO: {GROUPS['CO']}. 16: Information missing"
    )


def test_every_shipped_reason_has_words():
    table = TaxonomyTable(1, read_taxonomy())
    row = table.row("97")
    assert row is not None
    assert code_words(table, "CO", "97").endswith(row.label)


@pytest.mark.django_db
@pytest.mark.usefixtures("site")
def test_the_item_explains_what_failed_in_place(ingest, django_assert_num_queries):
    line = remit.svc("HC:99213", "100", "0", cas=[("CO", "97", "100")], remarks=["M15"])
    ingest(remit.interchange(remit.payment(remit.clp("PCN1", line, status="4"))))
    item, kind = WorkItem.objects.get(), kinds.get(DENIAL)
    kind.detail(item)
    with django_assert_num_queries(QUERIES):
        detail = kind.detail(item)
    context = {"item": item, "kind": kind, "detail": detail}
    failed = drawn("worklists/items/_failed.html", context)
    assert "<summary>What this means</summary>" in failed
    assert "<dt>CO</dt>" in failed
    assert f"<dd> {GROUPS['CO']} </dd>" in failed
    claim = drawn("denials/_claim.html", {"claim": detail["claims"][0]})
    assert f'title="CO: {GROUPS["CO"]}. 97: ' in claim


def drawn(template: str, context: dict[str, object]) -> str:
    """Return a template drawn, each run of white space as one blank."""
    return " ".join(render_to_string(template, context).split())


@pytest.mark.django_db
@pytest.mark.usefixtures("site")
def test_a_denial_without_any_code_explains_none(ingest):
    line = remit.svc("HC:99213", "100", "0")
    ingest(remit.interchange(remit.payment(remit.clp("PCN4", line, status="4"))))
    (failed,) = kinds.get(DENIAL).detail(WorkItem.objects.get())["failed"]
    assert next(term.name for term in failed.terms) == "Class"
