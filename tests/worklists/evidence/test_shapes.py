"""What cannot be an answer at all, hostile values first."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import strategies as st

from tests.laws import law
from worklists.evidence import Field, Part, gaps, shape_errors
from worklists.evidence.fields import TYPES
from worklists.evidence.shapes import as_date, as_decimal, is_empty, shape_error

pytestmark = pytest.mark.unit

CHOICES = (("a", "Appeal"), ("w", "Write off"))
TODAY = date(2026, 6, 3)
PARTS = [Part("12", "line 1"), Part("13", "line 2")]


def field(kind: str, **changes: Any) -> Field:
    choices = CHOICES if kind in {"choice", "multichoice"} else ()
    return Field("f", "F", kind, choices=choices, **changes)


EMPTY = [None, "", "   ", "\n", [], {}, {"cite": "", "edition": None}]


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("value", EMPTY)
def test_nothing_is_always_well_formed(kind: str, value: Any):
    assert is_empty(value)
    assert shape_error(field(kind), value) == ""


@pytest.mark.parametrize("value", [False, 0, "0", [0], {"cite": "x"}])
def test_something_is_not_nothing(value: Any):
    assert not is_empty(value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", "Because the record shows it.\n\tSee page 2.\r\n"),
        ("text", "x" * 20_000),
        ("text", "Zoë 日本 🙂"),
        ("choice", "a"),
        ("multichoice", ["a", "w"]),
        ("yes_no", True),
        ("yes_no", False),
        ("date", "2026-02-28"),
        ("date", "1900-01-01"),
        ("date", "2100-12-31"),
        ("money", "0"),
        ("money", "-12.5"),
        ("money", "999999999999.99"),
        ("number", 0),
        ("number", -3),
        ("number", 0.5),
        ("number", "12.125"),
        ("code", "99213"),
        ("code", "I10"),
        ("code", "E11.9"),
        ("code", "97-M15"),
        ("policy", "Medicare Claims Processing Manual, chapter 12"),
        ("policy", {"cite": "LCD L33822", "edition": "2026-01-01"}),
        ("policy", {"edition": "2026"}),
    ],
)
def test_well_formed(kind: str, value: Any):
    assert shape_error(field(kind), value) == ""


CONTROL = "This holds control characters that cannot be kept; remove them."
LONG = "This is longer than 20,000 characters; shorten it."
TEXT = "Write this as text."
MONEY = "Give the amount in dollars and cents, such as 1234.50."
DATE = "Give a date that exists, as year-month-day, such as 2026-01-31."
NUMBER = "Give a number, such as 12 or 0.5."
CODE = "Give a code of letters and digits, such as 99213."
ONE_OF = "Choose one of: Appeal, Write off."
FROM = "Choose from: Appeal, Write off."
LIST = "Choose from the list."
POLICY = "Give the rule or policy, and its edition."


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("text", 5, TEXT),
        ("text", True, TEXT),
        ("text", ["x"], TEXT),
        ("text", {"x": "y"}, TEXT),
        ("text", "x" * 20_001, LONG),
        ("text", "a\x00b", CONTROL),
        ("text", "a\x1b[31m", CONTROL),
        ("text", "a\x85b", CONTROL),
        ("text", "a\ud800b", CONTROL),
        ("choice", "x", ONE_OF),
        ("choice", "A", ONE_OF),
        ("choice", ["a"], ONE_OF),
        ("choice", {"a": 1}, ONE_OF),
        ("choice", 1, ONE_OF),
        ("multichoice", "a", LIST),
        ("multichoice", ["a"] * 201, LIST),
        ("multichoice", ["x"], FROM),
        ("multichoice", [["a"]], FROM),
        ("multichoice", [None], FROM),
        ("multichoice", ["a", "a"], "Choose each only once."),
        ("yes_no", "yes", "Answer yes or no."),
        ("yes_no", 1, "Answer yes or no."),
        ("date", "2026-02-30", DATE),
        ("date", "02/28/2026", DATE),
        ("date", "2026-2-3", DATE),
        ("date", "20260228", DATE),
        ("date", "2026-W09-6", DATE),
        ("date", "２０２６-01-01", DATE),
        ("date", 20260228, DATE),
        ("date", ["2026-01-01"], DATE),
        ("date", "9999-12-31", "Give a date between 1900 and 2100."),
        ("date", "0001-01-01", "Give a date between 1900 and 2100."),
        ("money", 12.5, MONEY),
        ("money", 12, MONEY),
        ("money", "NaN", MONEY),
        ("money", "Infinity", MONEY),
        ("money", "1e9", MONEY),
        ("money", "1,000", MONEY),
        ("money", "$12", MONEY),
        ("money", "1.234", MONEY),
        ("money", "１２", MONEY),
        ("money", "1" * 400, MONEY),
        ("money", "1000000000000", "This amount is too large to be right."),
        ("money", "-1000000000000.00", "This amount is too large to be right."),
        ("number", float("nan"), NUMBER),
        ("number", float("inf"), NUMBER),
        ("number", 10**400, NUMBER),
        ("number", True, NUMBER),
        ("number", "twelve", NUMBER),
        ("number", [1], NUMBER),
        ("code", "99213; DROP", CODE),
        ("code", "<b>", CODE),
        ("code", "-1", CODE),
        ("code", 99213, TEXT),
        ("code", "9" * 41, "This is longer than 40 characters; shorten it."),
        ("code", "9\x00", CONTROL),
        ("policy", 5, TEXT),
        ("policy", {"cite": "x", "page": 2}, POLICY),
        ("policy", {"cite": ["x"]}, TEXT),
        ("policy", {"cite": "x\x00"}, CONTROL),
        ("policy", "x" * 2001, "This is longer than 2,000 characters; shorten it."),
        ("document", "page 2", "Attach a file here; text cannot stand for it."),
        ("attachment", 5, "Attach a file here; text cannot stand for it."),
    ],
)
def test_refused(kind: str, value: Any, message: str):
    assert shape_error(field(kind), value) == message
    assert shape_errors([field(kind)], {"f": value}) == {"f": [message]}
    # What is stored all the same is not accepted as evidence, and breaks nothing.
    (gap,) = gaps([field(kind)], {"f": value}, {}, on=TODAY) or [None]
    if kind not in {"document", "attachment"}:
        assert (gap.code, gap.message) == ("not_accepted", message)


def test_unknown_names_are_refused():
    assert shape_errors([field("text")], {"f": "x", "g": "y"}) == {
        "g": ["This is not asked here."]
    }


def test_thousands_of_unknown_names_give_a_short_answer():
    hostile = {f"{'x' * 200}{number}": "y" for number in range(5000)}
    errors = shape_errors([field("text")], {**hostile, "f": 5})
    assert errors["f"] == [TEXT]
    assert len(errors) <= 21
    assert all(len(name) <= 80 for name in errors)


def test_a_name_that_is_no_text_is_refused():
    assert shape_errors([field("text", per_part=True)], {5: "x"}) == {  # type: ignore[dict-item]
        "5": ["This is not asked here."]
    }


@pytest.mark.parametrize(
    ("name", "parts", "is_known"),
    [
        ("f.12", PARTS, True),
        ("f.14", PARTS, False),
        ("f", PARTS, False),
        ("f.12", [], False),
        ("f.99", None, True),
        ("f.", None, False),
        ("f", None, False),
        ("g.12", None, False),
        ("f.1 2", None, False),
        ("f." + "1" * 40, None, False),
    ],
)
def test_names_of_parts(name: str, parts: list[Part] | None, is_known: bool):
    errors = shape_errors([field("text", per_part=True)], {name: "x"}, parts)
    assert (errors == {}) is is_known


def test_values_of_parts_are_judged_as_well():
    fields = [field("money", per_part=True)]
    for parts in (PARTS, None):
        assert shape_errors(fields, {"f.12": 5}, parts) == {"f.12": [MONEY]}


@pytest.mark.parametrize("value", [None, 5, [], {}, "x", "NaN", "sNaN", "Infinity"])
def test_readers_return_nothing_for_nonsense(value: Any):
    assert as_date(value) is None
    if value != 5:
        assert as_decimal(value) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


@law(st.sampled_from(TYPES), json_values)
def test_no_json_value_breaks_the_check(kind: str, value: Any):
    error = shape_error(field(kind), value)
    assert isinstance(error, str)
    found = gaps([field(kind)], {"f": value}, {}, on=TODAY)
    if error and kind not in {"document", "attachment"}:
        assert [gap.message for gap in found] == [error]
