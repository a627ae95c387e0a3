"""All gaps at once, in the order of the form, in words that say what to do."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import strategies as st

from tests.laws import law
from worklists import context
from worklists.evidence import (
    Condition,
    Field,
    FileFact,
    Gap,
    Part,
    Validator,
    asked,
    expand,
    gap_summary,
    gaps,
    parse_template,
    progress,
)
from worklists.evidence.fields import TYPES

pytestmark = pytest.mark.unit

TODAY = date(2026, 6, 3)
PARTS = [Part("12", "line 1"), Part("13", "line 2")]
YES_NO = (("yes", "Yes"), ("no", "No"))


def must(name: str, kind: str = "text", **more: Any) -> Field:
    return Field(name, name.replace("_", " ").capitalize(), kind, required=True, **more)


def found(
    fields: list[Field],
    answers: dict[str, Any] | None = None,
    files: dict[str, list[FileFact]] | None = None,
    parts: list[Part] | None = None,
) -> list[tuple[str, str]]:
    """Return field and code of every gap."""
    all_gaps = gaps(fields, answers or {}, files or {}, parts or [], on=TODAY)
    return [(gap.field, gap.code) for gap in all_gaps]


def missing(*names: str) -> list[tuple[str, str]]:
    return [(name, "missing") for name in names]


# --- Missing and accepted -------------------------------------------------------------

ANSWERS = {
    "text": "Because.",
    "choice": "yes",
    "multichoice": ["no"],
    "yes_no": False,
    "date": "2026-06-01",
    "money": "0",
    "number": 0,
    "code": "97",
    "policy": "Manual, chapter 12",
    "step": {"state": "done"},
}
MESSAGES = {
    "text": "Write down: root cause.",
    "choice": "Choose: root cause.",
    "multichoice": "Choose at least one: root cause.",
    "yes_no": "Answer yes or no: root cause.",
    "date": "Give the date: root cause.",
    "money": "Give the amount in dollars: root cause.",
    "number": "Give the number: root cause.",
    "code": "Give the code: root cause.",
    "policy": "Cite the rule or policy this rests on: root cause.",
    "document": "Say on which page of which document this stands: root cause.",
    "attachment": "Attach the file: root cause.",
    "step": "Do this step and tick it off: root cause.",
}


@pytest.mark.parametrize("kind", TYPES)
def test_what_is_missing_is_said_for_each_type(kind: str):
    field = must("root_cause", kind, choices=YES_NO)
    expected = Gap("root_cause", "missing", MESSAGES[kind], "Root cause")
    assert gaps([field], {}, {}, on=TODAY) == [expected]


@pytest.mark.parametrize(("kind", "value"), ANSWERS.items())
def test_an_answer_closes_the_gap(kind: str, value: Any):
    assert found([must("a", kind, choices=YES_NO)], {"a": value}) == []


@pytest.mark.parametrize("value", ["", "  ", None, [], {}])
def test_an_empty_answer_does_not(value: Any):
    assert found([must("a")], {"a": value}) == missing("a")


@pytest.mark.parametrize("kind", TYPES)
def test_an_optional_field_may_stay_empty(kind: str):
    assert found([Field("a", "A", kind, choices=YES_NO)]) == []


def test_an_optional_field_is_judged_once_it_is_answered():
    field = Field("a", "A", "date", validators=(Validator("not_future", None),))
    assert found([field], {"a": "2026-06-04"}) == [("a", "not_accepted")]


def test_policy_needs_what_it_cites():
    field = must("policy", "policy")
    assert found([field], {"policy": {"cite": " ", "edition": "2026"}}) == missing(
        "policy"
    )
    assert found([field], {"policy": {"cite": None, "edition": "2026"}}) == missing(
        "policy"
    )
    assert found([field], {"policy": {"cite": "LCD L33822"}}) == []
    assert found([field], {"policy": {"cite": "LCD L33822", "edition": None}}) == []
    assert found([field], {"policy": {"page": "2"}}) == [("policy", "not_accepted")]


def test_a_page_of_a_document_is_needed():
    field = must("record", "document")
    assert found([field], {"record": "page 2"}) == missing("record")
    (gap,) = gaps([field], {}, {"record": [FileFact()]}, on=TODAY)
    assert gap == Gap(
        "record",
        "not_accepted",
        "Say on which page of which document this stands.",
        "Record",
    )
    assert found([field], {}, {"record": [FileFact(), FileFact("3")]}) == []


def test_an_attachment_needs_no_page():
    field = must("letter", "attachment")
    assert found([field], {}, {"other": [FileFact("1")]}) == missing("letter")
    assert found([field], {}, {"letter": [FileFact()]}) == []


def test_an_optional_document_without_a_page_is_not_accepted():
    field = Field("record", "Record", "document")
    assert found([field], {}, {"record": [FileFact()]}) == [("record", "not_accepted")]


def test_all_gaps_at_once_in_the_order_of_the_form():
    fields = [
        must("z"),
        must("paid", "money"),
        must("a", "choice", choices=YES_NO),
        must("m"),
    ]
    answers = {"paid": "lots", "m": "x"}
    expected = [("z", "missing"), ("paid", "not_accepted"), ("a", "missing")]
    assert found(fields, answers) == expected


def test_the_first_rule_that_does_not_accept_speaks():
    rules = (
        Validator("min_length", 10, "Tell the whole story."),
        Validator("not_same_as", "b"),
    )
    fields = [must("a", validators=rules), must("b")]
    (gap,) = gaps(fields, {"a": "same", "b": "same"}, {}, on=TODAY)
    assert gap.message == "Tell the whole story."
    (gap,) = gaps(fields, {"a": "same as that", "b": "Same as  that"}, {}, on=TODAY)
    assert gap.message == "This repeats “B”; say something different."


def test_day_of_the_act_is_the_clocks_when_none_is_given():
    field = must("a", "date", validators=(Validator("not_future", None),))
    answers = {"a": "2026-06-04"}
    with context.moment_context(datetime(2026, 6, 3, 23, tzinfo=UTC)):
        assert [gap.code for gap in gaps([field], answers, {})] == ["not_accepted"]
    with context.moment_context(datetime(2026, 6, 4, 0, tzinfo=UTC)):
        assert gaps([field], answers, {}) == []
        assert progress([field], answers, {}) == (1, 1)


# --- Conditions -----------------------------------------------------------------------


def when(name: str, on: str, *values: Any, kind: str = "text", **more: Any) -> Field:
    return Field(name, name, kind, required_when=Condition(on, values), **more)


@pytest.mark.parametrize(
    ("kind", "values", "answer", "is_asked"),
    [
        ("choice", ("yes",), "yes", True),
        ("choice", ("yes",), "no", False),
        ("choice", ("yes", "no"), "no", True),
        ("choice", ("yes",), None, False),
        ("multichoice", ("yes",), ["no", "yes"], True),
        ("multichoice", ("yes",), ["no"], False),
        ("multichoice", ("yes",), [], False),
        ("yes_no", (True,), True, True),
        ("yes_no", (False,), False, True),
        ("yes_no", (False,), None, False),
        ("text", ("x",), "x", True),
        ("text", ("x",), "X", False),
    ],
)
def test_required_when(kind, values, answer, is_asked):
    fields = [Field("a", "A", kind, choices=YES_NO), when("b", "a", *values)]
    assert found(fields, {"a": answer}) == (missing("b") if is_asked else [])
    names = [field.name for field in asked(fields, {"a": answer})]
    assert names == (["a", "b"] if is_asked else ["a"])


def test_a_condition_may_name_a_later_field():
    assert found([when("a", "b", "x"), must("b")], {"b": "x"}) == missing("a")


def test_what_is_not_asked_is_not_judged():
    rules = (Validator("min_length", 50),)
    fields = [must("a"), when("b", "a", "x", validators=rules)]
    assert found(fields, {"a": "y", "b": "short"}) == []
    assert found(fields, {"a": "x", "b": "short"}) == [("b", "not_accepted")]


def test_chains_break_where_a_field_is_no_longer_asked():
    fields = [
        must("decision"),
        when("reason", "decision", "appeal"),
        when("letter", "reason", "late", kind="attachment"),
        when("sent_on", "reason", "late", kind="date"),
    ]
    answers = {"decision": "appeal", "reason": "late"}
    assert found(fields, answers) == missing("letter", "sent_on")
    # The reason still stands from before, but an accepted loss asks for no letter.
    assert found(fields, {**answers, "decision": "accept"}) == []
    assert found(fields, {"decision": "appeal"}) == missing("reason")
    assert [one.name for one in asked(fields, answers)] == [one.name for one in fields]


def test_conditions_within_and_across_parts():
    fields = [
        must("decision", per_part=True),
        when("letter", "decision", "appeal", per_part=True),
        when("cover", "decision", "appeal", kind="attachment"),
        when("note", "cover_note", "x", per_part=True),
        Field("cover_note", "Cover note", "text"),
    ]
    answers = {"decision.12": "appeal", "decision.13": "accept"}
    assert found(fields, answers, parts=PARTS) == missing("letter.12", "cover")
    assert found(fields, {}, parts=PARTS) == missing("decision.12", "decision.13")
    answers["cover_note"] = "x"
    assert found(fields, answers, parts=PARTS) == missing(
        "letter.12", "cover", "note.12", "note.13"
    )
    accepted = {"decision.12": "accept", "decision.13": "accept"}
    assert found(fields, accepted, parts=PARTS) == []


def test_a_condition_on_something_that_is_not_there_never_holds():
    assert found([when("a", "gone", "x")], {"gone": "x"}) == []


def test_fields_expanded_before_give_the_same_gaps():
    fields = [must("decision", per_part=True), when("cover", "decision", "appeal")]
    answers = {"decision.13": "appeal"}
    expanded = expand(fields, PARTS)
    expected = missing("decision.12", "cover")
    assert found(fields, answers, parts=PARTS) == expected
    assert found(expanded, answers, parts=PARTS) == expected
    assert found(expanded, answers) == expected


def test_files_and_rules_of_a_part_are_its_own():
    fields = [
        must("record", "document", per_part=True),
        must("letter_on", "date", per_part=True),
        must(
            "reply_on",
            "date",
            per_part=True,
            validators=(Validator("not_before", "letter_on"),),
        ),
    ]
    answers = {
        "letter_on.12": "2026-05-01",
        "letter_on.13": "2026-05-20",
        "reply_on.12": "2026-05-10",
        "reply_on.13": "2026-05-10",
    }
    files = {"record.13": [FileFact("2")]}
    all_gaps = gaps(fields, answers, files, PARTS, on=TODAY)
    assert [(gap.field, gap.message) for gap in all_gaps] == [
        (
            "record.12",
            "Say on which page of which document this stands: record (line 1).",
        ),
        (
            "reply_on.13",
            "This is before “Letter on (line 2)” (May\N{NO-BREAK SPACE}20, 2026); check both.",
        ),
    ]


# --- Progress -------------------------------------------------------------------------


def test_progress_counts_mandatory_fields_that_are_asked():
    fields = [
        must("a"),
        must("b", validators=(Validator("min_length", 5),)),
        Field("c", "C", "text"),
        when("d", "a", "x"),
        must("e", per_part=True),
    ]
    assert progress(fields, {}, {}, [], on=TODAY) == (0, 2)
    assert progress(fields, {}, {}, PARTS, on=TODAY) == (0, 4)
    answers = {"a": "x", "b": "bad", "c": "more", "e.13": "y"}
    assert progress(fields, answers, {}, PARTS, on=TODAY) == (2, 5)
    answers |= {"b": "better", "d": "z", "e.12": "y"}
    assert progress(fields, answers, {}, PARTS, on=TODAY) == (5, 5)
    assert found(fields, answers, parts=PARTS) == []


# --- The button -----------------------------------------------------------------------


def gap(label: str, code: str = "missing") -> Gap:
    return Gap("f", code, "", label)


@pytest.mark.parametrize(
    ("some", "summary"),
    [
        ([], ""),
        (
            [gap("Alternatives"), gap("Root cause")],
            "2 missing: alternatives, root cause",
        ),
        ([gap("CPT code")], "1 missing: CPT code"),
        ([gap("Z79 code")], "1 missing: Z79 code"),
        ([gap("X")], "1 missing: x"),
        ([Gap("root_cause", "missing", "")], "1 missing: root_cause"),
        (
            [gap("A field"), gap("Date", "not_accepted"), gap("B field")],
            "2 missing: a field, b field; 1 not accepted: date",
        ),
        (
            [gap(f"Field {n}") for n in "abcdef"],
            "6 missing: field a, field b, field c, field d and 2 more",
        ),
    ],
)
def test_gap_summary(some: list[Gap], summary: str):
    assert gap_summary(some) == summary


# --- Properties -----------------------------------------------------------------------

TEMPLATE = parse_template(
    [
        {
            "name": "decision",
            "label": "Decision",
            "type": "choice",
            "required": True,
            "per_part": True,
            "choices": [["appeal", "Appeal"], ["accept", "Accept"]],
        },
        {
            "name": "reason",
            "label": "Reason",
            "type": "text",
            "per_part": True,
            "required_when": {"field": "decision", "in": ["appeal"]},
            "validators": [{"rule": "min_length", "value": 3}],
        },
        {"name": "sure", "label": "Sure", "type": "yes_no", "required": True},
        {
            "name": "second",
            "label": "Second opinion",
            "type": "text",
            "required_when": {"field": "sure", "in": [False]},
        },
        {
            "name": "by",
            "label": "By whom",
            "type": "text",
            "required_when": {"field": "second", "in": ["yes"]},
        },
    ]
)
answer_sets = st.fixed_dictionaries(
    {},
    optional={
        "decision.12": st.sampled_from(["appeal", "accept", "", "other"]),
        "decision.13": st.sampled_from(["appeal", "accept", ""]),
        "reason.12": st.sampled_from(["", "ab", "abc"]),
        "reason.13": st.sampled_from(["", "ab", "abc"]),
        "sure": st.sampled_from([True, False, None]),
        "second": st.sampled_from(["yes", "no", ""]),
        "by": st.text(max_size=3),
    },
)


@law(answer_sets)
def test_gaps_progress_and_form_tell_the_same_story(answers):
    all_gaps = gaps(TEMPLATE, answers, {}, PARTS, on=TODAY)
    shown = asked(TEMPLATE, answers, PARTS)
    done, of = progress(TEMPLATE, answers, {}, PARTS, on=TODAY)
    names = [field.name for field in shown]
    order = [names.index(one.field) for one in all_gaps]
    assert order == sorted(set(order))
    mandatory = {field.name for field in shown if field.is_mandatory}
    assert of == len(mandatory)
    assert of - done == sum(one.field in mandatory for one in all_gaps)


@law(answer_sets)
def test_closing_every_gap_ends(answers):
    """Answering what is asked, again and again, always leads to no gaps."""
    good = {
        "decision": "accept",
        "reason": "abc",
        "sure": True,
        "second": "no",
        "by": "x",
    }
    for _ in range(len(TEMPLATE)):
        for one in gaps(TEMPLATE, answers, {}, PARTS, on=TODAY):
            answers[one.field] = good[one.field.split(".")[0]]
    assert gaps(TEMPLATE, answers, {}, PARTS, on=TODAY) == []
