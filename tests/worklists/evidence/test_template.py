"""A template is read strictly: every fault is named, none is loaded."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from worklists.evidence import Condition, Field, Validator, parse_template
from worklists.evidence.fields import TYPES

pytestmark = pytest.mark.unit

YES_NO = [["yes", "Yes"], ["no", "No"]]


def field(**changes: Any) -> dict[str, Any]:
    return {"name": "why", "label": "Why", "type": "text", **changes}


def choice(**changes: Any) -> dict[str, Any]:
    return field(**{"name": "decision", "type": "choice", "choices": YES_NO, **changes})


def rule(name: str, value: Any = None, **more: Any) -> list[dict[str, Any]]:
    return [{"rule": name, "value": value, **more}]


def test_a_whole_template():
    raw = [
        choice(required=True, per_part=True, help="What you decided."),
        field(
            label=" Alternatives rejected ",
            required_when={"field": "decision", "in": ["yes"]},
            validators=[
                {"rule": "min_length", "value": 10},
                {"rule": "not_same_as", "value": "decision", "message": "Say another."},
            ],
            per_part=True,
        ),
        field(name="paid", type="money", validators=rule("amount_max", "1000.00")),
        field(name="seen_on", type="date", validators=rule("not_before", "2020-01-01")),
    ]
    assert parse_template(raw) == (
        Field(
            "decision",
            "Why",
            "choice",
            required=True,
            per_part=True,
            choices=(("yes", "Yes"), ("no", "No")),
            help="What you decided.",
        ),
        Field(
            "why",
            "Alternatives rejected",
            "text",
            required_when=Condition("decision", ("yes",)),
            per_part=True,
            validators=(
                Validator("min_length", 10),
                Validator("not_same_as", "decision", "Say another."),
            ),
        ),
        Field(
            "paid",
            "Why",
            "money",
            validators=(Validator("amount_max", Decimal("1000.00")),),
        ),
        Field(
            "seen_on",
            "Why",
            "date",
            validators=(Validator("not_before", date(2020, 1, 1)),),
        ),
    )


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_is_read(kind: str):
    more = {"choices": YES_NO} if kind in {"choice", "multichoice"} else {}
    (read,) = parse_template([field(type=kind, **more)])
    assert read.type == kind
    assert not read.is_mandatory


@pytest.mark.parametrize("raw", [None, {}, [], "why", [field()] * 201])
def test_what_is_no_list_of_fields_is_refused(raw: Any):
    with pytest.raises(ValueError, match="a list of 1 to 200 fields"):
        parse_template(raw)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("why", "field 1: is not a set of keys"),
        ({}, "field 1: is not a set of keys"),
        (field(requird=True), "requird is not known here"),
        (field(name=None), "None is not a name"),
        (field(name="Why"), "'Why' is not a name"),
        (field(name="a" * 41), "is not a name"),
        (field(name="why.12"), "is not a name"),
        (field(name="return_reply"), "return_reply is kept for the answer to a return"),
        (field(type="words"), "'words' is not one of text, choice"),
        (field(type=["text"]), "is not one of"),
        (field(label=""), "it needs a label"),
        (field(label=None), "it needs a label"),
        (field(help=5), "help and messages are short texts"),
        (field(help="x" * 2001), "help and messages are short texts"),
        (field(required="yes"), "required is true or false"),
        (field(per_part=1), "per_part is true or false"),
        (field(required_when="decision"), "required_when has field and in"),
        (field(required_when={"field": "decision"}), "required_when has field and in"),
        (field(required_when={"field": 1, "in": ["x"]}), "names a field and a list"),
        (field(required_when={"field": "x", "in": "x"}), "names a field and a list"),
        (field(required_when={"field": "x", "in": []}), "names a field and a list"),
        (field(required_when={"field": "x", "in": [1]}), "as text, true or false"),
        (field(choices=YES_NO), "only a choice has choices"),
        (choice(choices=[]), "a choice needs choices"),
        (choice(choices="ab"), "a choice needs choices"),
        (choice(choices=["ab"]), "a choice is a value and a label"),
        (choice(choices=[["a", ""]]), "a choice is a value and a label"),
        (choice(choices=[["a", "A", "x"]]), "a choice is a value and a label"),
        (choice(choices=[[1, "A"]]), "a choice is a value and a label"),
        (choice(choices=[["a", "A"], ["a", "B"]]), "a choice stands twice"),
        (field(validators="min_length"), "validators are a list"),
        (field(validators=rule("min_length", 5) * 20), "each rule at most once"),
        (field(validators=["min_length"]), "a validator has rule, value and message"),
        (field(validators=rule("min_length", 5, val=1)), "a validator has rule"),
        (field(validators=rule("polite")), "there is no rule 'polite'"),
        (field(validators=[{}]), "there is no rule None"),
        (field(validators=rule("not_future")), "not_future does not judge a text"),
        (field(validators=rule("min_length", "5")), "min_length: '5' is not a number"),
        (field(validators=rule("min_length", 0)), "min_length: 0 is not a number"),
        (field(validators=rule("min_length", True)), "True is not a number"),
        (field(validators=rule("max_length", 20_001)), "20001 is not a number"),
        (field(validators=rule("min_length", 5, message=5)), "are short texts"),
        (field(validators=rule("pattern", "[")), r"pattern: '\[' is not a pattern"),
        (field(validators=rule("pattern", "")), "a pattern is a text of 1 to 300"),
        (field(validators=rule("pattern", None)), "a pattern is a text of 1 to 300"),
        (field(type="date", validators=rule("not_future", 5)), "takes no value"),
        (field(type="date", validators=rule("not_before", None)), "neither a day nor"),
        (
            field(type="date", validators=rule("not_before", "nope")),
            "is no other field",
        ),
        (field(type="money", validators=rule("amount_max", 1.5)), "is not an amount"),
        (field(type="money", validators=rule("amount_min", True)), "is not an amount"),
        (field(type="money", validators=rule("amount_min", "x")), "is not an amount"),
        (field(type="money", validators=rule("amount_min", "NaN")), "is not an amount"),
        (field(validators=rule("not_same_as")), "is not the name of a field"),
        (field(validators=rule("not_same_as", "why")), "which is no other field"),
    ],
)
def test_a_fault_of_one_field(raw: Any, message: str):
    with pytest.raises(ValueError, match=message):
        parse_template([raw])


def conditional(name: str, on: str, *answers: Any, **more: Any) -> dict[str, Any]:
    return field(name=name, required_when={"field": on, "in": list(answers)}, **more)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ([field(), field()], "two fields have the same name"),
        ([conditional("a", "b", "x")], "a: required_when cannot ask for b"),
        (
            [field(name="b", type="money"), conditional("a", "b", "x")],
            "a: required_when cannot ask for b",
        ),
        (
            [choice(), conditional("a", "decision", "yes", "maybe")],
            "a: decision is never answered with 'maybe'",
        ),
        (
            [field(name="b", type="yes_no"), conditional("a", "b", "yes")],
            "a: b is never answered with 'yes'",
        ),
        (
            [field(name="b"), conditional("a", "b", True)],
            "a: b is never answered with True",
        ),
        (
            [choice(), conditional("a", "decision", "yes", required=True)],
            "a: it is required always or sometimes, not both",
        ),
        ([conditional("a", "a", "x")], "a: its condition leads back to itself"),
        (
            [conditional("a", "b", "x"), conditional("b", "a", "x")],
            "b: its condition leads back to itself",
        ),
        (
            [
                field(name="day", type="date", per_part=True),
                field(name="a", type="date", validators=rule("not_before", "day")),
            ],
            "a: not_before names day, which has many parts",
        ),
    ],
)
def test_a_fault_between_fields(raw: list[Any], message: str):
    with pytest.raises(ValueError, match=message):
        parse_template(raw)


def test_all_faults_are_named_at_once():
    raw = [field(name="1"), field(label=""), conditional("a", "b", "x")]
    with pytest.raises(ValueError, match="field 1") as refused:
        parse_template(raw)
    assert str(refused.value).splitlines() == [
        "field 1: '1' is not a name of small letters, digits and _",
        "field 2: why: it needs a label for people",
        "a: required_when cannot ask for b",
    ]


@pytest.mark.parametrize(
    ("kind", "name", "value", "read"),
    [
        ("date", "not_future", None, None),
        ("date", "not_future", True, None),
        ("policy", "edition_named", None, None),
        ("text", "max_length", 20_000, 20_000),
        ("number", "amount_min", 5, Decimal(5)),
        ("code", "pattern", r"[A-Z]\d+", re.compile(r"[A-Z]\d+")),
    ],
)
def test_values_of_rules_are_read(kind: str, name: str, value: Any, read: Any):
    (one,) = parse_template([field(type=kind, validators=rule(name, value))])
    assert one.validators == (Validator(name, read),)


def test_good_conditions_are_read():
    fields = parse_template(
        [
            choice(),
            field(name="sure", type="yes_no"),
            field(name="code", type="code"),
            conditional("a", "decision", "yes", "no"),
            conditional("b", "sure", True),
            conditional("c", "code", "99213"),
            conditional("d", "a", "x"),
            field(
                name="e",
                per_part=True,
                validators=rule("not_same_as", "why"),
            ),
            field(name="why", per_part=True),
        ]
    )
    assert [one.required_when for one in fields[3:7]] == [
        Condition("decision", ("yes", "no")),
        Condition("sure", (True,)),
        Condition("code", ("99213",)),
        Condition("a", ("x",)),
    ]
