"""How per-part fields are repeated for each part of an item."""

from __future__ import annotations

from datetime import date

import pytest

from worklists.evidence import Condition, Field, Part, Validator, expand

pytestmark = pytest.mark.unit

PARTS = [Part("12", "line 1"), Part("13", "line 2")]


def names(fields: list[Field]) -> list[str]:
    return [field.name for field in fields]


def test_plain_fields_stay_as_they_are():
    fields = [Field("a", "A", "text"), Field("b", "B", "date", required=True)]
    assert expand(fields, PARTS) == fields
    assert expand(fields, []) == fields


def test_neighbouring_fields_of_a_part_stay_together():
    fields = [
        Field("intro", "Intro", "text"),
        Field("decision", "Decision", "text", per_part=True),
        Field("why", "Why", "text", per_part=True),
        Field("middle", "Middle", "text"),
        Field("amount", "Amount", "money", per_part=True),
    ]
    assert names(expand(fields, PARTS)) == [
        "intro",
        "decision.12",
        "why.12",
        "decision.13",
        "why.13",
        "middle",
        "amount.12",
        "amount.13",
    ]


def test_without_parts_nothing_per_part_is_asked():
    fields = [Field("decision", "Decision", "text", per_part=True)]
    assert expand(fields, []) == []


def test_expanded_field_carries_part_label_and_everything_else():
    field = Field(
        "decision",
        "Decision",
        "choice",
        required=True,
        per_part=True,
        choices=(("a", "A"),),
        help="Choose with care.",
    )
    assert expand([field], PARTS)[1] == Field(
        "decision.13",
        "Decision (line 2)",
        "choice",
        required=True,
        choices=(("a", "A"),),
        help="Choose with care.",
        part="13",
    )


def test_conditions_and_rules_point_into_the_same_part():
    fields = [
        Field("scope", "Scope", "text"),
        Field("decision", "Decision", "text", per_part=True),
        Field("letter_on", "Letter of", "date", per_part=True),
        Field(
            "reply_on",
            "Reply of",
            "date",
            per_part=True,
            required_when=Condition("decision", ("appeal",)),
            validators=(
                Validator("not_before", "letter_on"),
                Validator("not_before", date(2026, 1, 1)),
                Validator("not_future", None),
            ),
        ),
        Field(
            "note",
            "Note",
            "text",
            per_part=True,
            required_when=Condition("scope", ("all",)),
            validators=(Validator("not_same_as", "scope"),),
        ),
        Field("sum_up", "Sum", "text", required_when=Condition("decision", ("x",))),
    ]
    asked = {field.name: field for field in expand(fields, PARTS)}
    reply, note = asked["reply_on.12"], asked["note.13"]
    assert reply.required_when == Condition("decision.12", ("appeal",))
    assert [one.value for one in reply.validators] == [
        "letter_on.12",
        date(2026, 1, 1),
        None,
    ]
    assert note.required_when == Condition("scope", ("all",))
    assert note.validators == (Validator("not_same_as", "scope"),)
    assert asked["sum_up"].required_when == Condition("decision", ("x",))


def test_expanding_twice_changes_nothing():
    fields = [Field("decision", "Decision", "text", per_part=True)]
    once = expand(fields, PARTS)
    assert expand(once, PARTS) == once


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (Field("a", "A", "text"), False),
        (Field("a", "A", "text", required=True), True),
        (Field("a", "A", "text", required_when=Condition("b", ("x",))), True),
    ],
)
def test_is_mandatory(field: Field, expected: bool):
    assert field.is_mandatory is expected
