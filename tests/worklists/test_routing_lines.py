"""Conditions as lines: what people read is what is kept, and the other way around."""

import pytest

from worklists.routing_lines import conditions_of, lines_of

PAIRS = [
    ([], ""),
    ([{"field": "payer", "op": "eq", "value": "summit"}], "payer is summit"),
    ([{"field": "payer", "op": "ne", "value": "summit"}], "payer is not summit"),
    (
        [{"field": "carcs", "op": "contains_any", "value": ["97", "236"]}],
        "carcs has 97, 236",
    ),
    (
        [{"field": "carcs", "op": "not_in", "value": ["45"]}],
        "carcs is none of 45",
    ),
    (
        [{"field": "payer_name", "op": "in", "value": ["Blue, Inc.", 'The "Red"']}],
        'payer_name is one of "Blue, Inc.", "The ""Red"""',
    ),
    ([{"field": "amount", "op": "gte", "value": "500.00"}], "amount >= 500.00"),
    ([{"field": "amount", "op": "lt", "value": "20"}], "amount < 20"),
    (
        [{"field": "payer_name", "op": "starts_with", "value": "Blue Cross"}],
        "payer_name starts with Blue Cross",
    ),
    ([{"field": "remarks", "op": "is_empty", "value": True}], "remarks is empty"),
    ([{"field": "remarks", "op": "is_empty", "value": False}], "remarks is known"),
    ([{"field": "appealable", "op": "eq", "value": True}], "appealable is yes"),
    ([{"field": "appealable", "op": "ne", "value": False}], "appealable is not no"),
    (
        [
            {"field": "service_on", "op": "gte", "value": "2026-01-01"},
            {"field": "specialty", "op": "eq", "value": "is"},
        ],
        "service_on >= 2026-01-01\nspecialty is is",
    ),
]


@pytest.mark.parametrize(("conditions", "text"), PAIRS)
def test_lines_say_conditions_and_are_read_back(conditions, text):
    assert lines_of(conditions) == text
    assert conditions_of(text) == conditions


@pytest.mark.parametrize(
    ("typed", "condition"),
    [
        ("amount >= $1,500", {"field": "amount", "op": "gte", "value": "1500"}),
        ("  payer   is  summit ", {"field": "payer", "op": "eq", "value": "summit"}),
        (
            "carcs HAS 97 ,236,",
            {"field": "carcs", "op": "contains_any", "value": ["97", "236"]},
        ),
        ("appealable is No", {"field": "appealable", "op": "eq", "value": False}),
    ],
)
def test_what_people_type_is_taken_kindly(typed, condition):
    assert conditions_of(f"\n{typed}\n\n") == [condition]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("payer is a\ncarc has 97", "Line 2: there is no “carc”. Take one of kind,"),
        ("carcs is 97", "Line 1: after “carcs” comes one of: is none of, is empty,"),
        ("amount is about 5", "Line 1: "),
        ("amount", "Line 1: after “amount” comes one of:"),
        ("payer isolates", "Line 1: after “payer” comes one of:"),
        ("carcs has", "Line 1: "),
        ("payer is", "Line 1: "),
        ("service_on > yesterday", "is not a date such as 2026-01-31"),
        ("appealable is maybe", "is neither true nor false"),
        ("amount >= lots", "is not an amount such as 500.00"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(typed, words):
    with pytest.raises(ValueError, match="Line") as refused:
        conditions_of(typed)
    assert words in str(refused.value)
