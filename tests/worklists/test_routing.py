"""Which rule takes an item, which rules are refused, and how a rule is said."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import strategies as st

from tests.laws import law
from worklists.routing import (
    FIELDS,
    OPS,
    Rule,
    check_rule,
    first_match,
    words,
)

pytestmark = pytest.mark.unit

ITEM = {
    "kind": "denial",
    "facility": "mercy-north",
    "payer": "medicare-ffs",
    "payer_name": "NOVITAS Solutions",
    "plan_type": "medicare",
    "specialty": "",
    "amount": Decimal("500.00"),
    "carcs": ["97", "45"],
    "remarks": [],
    "groups": {"CO"},
    "defect_class": "bundling",
    "defect_classes": frozenset({"bundling", "coding"}),
    "service_on": date(2026, 6, 3),
    "appealable": False,
}


def rule(*conditions: dict[str, Any], position: int = 1, queue: int = 7) -> Rule:
    return Rule(position, position, "a rule", list(conditions), queue)


def when(field: str, op: str, value: object = None) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


@pytest.mark.parametrize(
    ("field", "op", "value", "expected"),
    [
        ("kind", "eq", "denial", True),
        ("kind", "eq", "query", False),
        ("specialty", "eq", "cardiology", False),
        ("code", "eq", "x", False),
        ("kind", "ne", "query", True),
        ("kind", "ne", "denial", False),
        ("code", "ne", "x", True),
        ("facility", "in", ["mercy-south", "mercy-north"], True),
        ("facility", "in", ["mercy-south"], False),
        ("code", "in", ["x"], False),
        ("facility", "not_in", ["mercy-south"], True),
        ("facility", "not_in", ["mercy-north"], False),
        ("code", "not_in", ["x"], True),
        ("payer_name", "starts_with", "novitas", True),
        ("payer_name", "starts_with", "solutions", False),
        ("code", "starts_with", "x", False),
        ("payer_name", "contains_any", ["palmetto", "solutions"], True),
        ("payer_name", "contains_any", ["palmetto"], False),
        ("code", "contains_any", ["x"], False),
        ("specialty", "is_empty", True, True),
        ("code", "is_empty", None, True),
        ("kind", "is_empty", True, False),
        ("kind", "is_empty", False, True),
        ("carcs", "contains_any", ["236", "97"], True),
        ("carcs", "contains_any", ["9"], False),
        ("remarks", "contains_any", ["M15"], False),
        ("groups", "contains_any", ["CO"], True),
        ("defect_classes", "contains_any", ["coding"], True),
        ("carcs", "not_in", ["97"], False),
        ("carcs", "not_in", ["1", "2"], True),
        ("remarks", "not_in", ["M15"], True),
        ("remarks", "is_empty", True, True),
        ("carcs", "is_empty", True, False),
        ("carcs", "is_empty", False, True),
        ("amount", "gte", "500", True),
        ("amount", "gte", "500.01", False),
        ("amount", "gt", 499, True),
        ("amount", "gt", 500, False),
        ("amount", "lte", "500.00", True),
        ("amount", "lte", "499.99", False),
        ("amount", "lt", Decimal("500.01"), True),
        ("amount", "lt", "500", False),
        ("amount", "eq", "500", True),
        ("amount", "ne", "500.0", False),
        ("service_on", "gte", "2026-06-03", True),
        ("service_on", "gt", "2026-06-03", False),
        ("service_on", "lt", "2026-06-04", True),
        ("service_on", "lte", "2026-06-02", False),
        ("service_on", "eq", "2026-06-03", True),
        ("service_on", "is_empty", True, False),
        ("appealable", "eq", False, True),
        ("appealable", "eq", True, False),
        ("appealable", "ne", True, True),
        ("appealable", "is_empty", True, False),
    ],
)
def test_condition(field: str, op: str, value: object, expected: bool):
    taken = first_match([rule(when(field, op, value))], ITEM)
    assert (taken is not None) is expected


@pytest.mark.parametrize("op", ["gte", "lte", "gt", "lt"])
@pytest.mark.parametrize(
    ("field", "value"), [("amount", "0"), ("service_on", "2026-01-01")]
)
def test_a_missing_fact_is_neither_more_nor_less(field: str, op: str, value: str):
    assert first_match([rule(when(field, op, value))], {}) is None
    assert first_match([rule(when(field, op, value))], {field: None}) is None


def test_first_match_wins_and_all_conditions_must_hold():
    rules = [
        rule(
            when("carcs", "contains_any", ["97"]), when("amount", "gt", 500), position=1
        ),
        rule(when("carcs", "contains_any", ["97"]), position=2, queue=8),
        rule(position=3, queue=9),
    ]
    taken = first_match(rules, ITEM)
    assert taken is rules[1]
    assert taken.queue_id == 8


def test_default_rule_takes_everything_and_without_it_nothing_does():
    default = rule(position=9)
    assert first_match([rule(when("kind", "eq", "query")), default], ITEM) is default
    assert first_match([rule(when("kind", "eq", "query"))], ITEM) is None
    assert first_match([], ITEM) is None


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        (None, "Conditions are a list"),
        ({"field": "kind"}, "Conditions are a list"),
        ([{}] * 51, "at most 50"),
        (["kind"], "Condition 1 has field, op and value"),
        ([{"field": "kind", "op": "eq", "vale": "x"}], "Condition 1 has field, op"),
        ([when("carc", "eq", "97")], "Condition 1: there is no field 'carc'"),
        (
            [when("kind", "eq", "x"), when("kind", "is", "x")],
            "Condition 2: kind takes eq",
        ),
        ([when("carcs", "eq", "97")], "carcs takes contains_any, not_in, is_empty"),
        ([when("amount", "contains_any", ["5"])], "amount takes"),
        ([{"field": "kind", "op": None}], "not None"),
        ([{"op": "eq", "value": "x"}], "no field None"),
        ([when("kind", "eq", "")], "'' is not a text"),
        ([when("kind", "eq", 5)], "5 is not a text"),
        ([when("kind", "in", "denial")], "a list with at least one entry"),
        ([when("kind", "in", [])], "a list with at least one entry"),
        ([when("kind", "in", ["a", None])], "None is not a text"),
        ([when("amount", "gte", "lots")], "'lots' is not an amount"),
        ([when("amount", "gte", "NaN")], "'NaN' is not an amount"),
        ([when("amount", "gte", 1.5)], "1.5 is not an amount"),
        ([when("amount", "gte", True)], "True is not an amount"),
        ([when("service_on", "gte", "2026-13-01")], "not a date such as"),
        ([when("service_on", "gte", 20260101)], "not a date such as"),
        ([when("appealable", "eq", "yes")], "neither true nor false"),
        ([when("kind", "is_empty", "yes")], "the value is true or false"),
        ([when([], "eq", "x")], r"there is no field \[\]"),
        ([when({"a": 1}, "eq", "x")], "there is no field"),
        ([when("kind", ["eq"], "x")], "kind takes"),
    ],
)
def test_refused_conditions(conditions: object, message: str):
    with pytest.raises(ValueError, match=message):
        check_rule(conditions)
    with pytest.raises(ValueError, match=message):
        Rule(1, 1, "bad", conditions, 1)  # type: ignore[arg-type]


def test_good_conditions_are_not_refused():
    check_rule([when("carcs", "contains_any", ["97"]), when("amount", "gte", "500")])


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ([], "everything else"),
        (
            [when("carcs", "contains_any", ["97"]), when("amount", "gte", "500")],
            "CARC 97, $500 or more",
        ),
        ([when("carcs", "contains_any", ["97", "236", "B15"])], "CARC 97, 236 or B15"),
        ([when("carcs", "not_in", ["97", "236"])], "CARC not 97 or 236"),
        ([when("amount", "lt", "1234.50")], "less than $1,234.50"),
        ([when("amount", "lte", 500)], "$500 or less"),
        ([when("amount", "gt", 500)], "more than $500"),
        ([when("amount", "eq", 500), when("amount", "ne", 7)], "$500, not $7"),
        ([when("service_on", "gte", "2026-01-01")], "service date 2026-01-01 or later"),
        (
            [when("service_on", "lte", "2026-01-01")],
            "service date 2026-01-01 or earlier",
        ),
        ([when("service_on", "gt", "2026-01-01")], "service date after 2026-01-01"),
        ([when("service_on", "lt", "2026-01-01")], "service date before 2026-01-01"),
        ([when("payer", "eq", "medicare-ffs")], "payer medicare-ffs"),
        ([when("payer", "ne", "medicare-ffs")], "payer not medicare-ffs"),
        ([when("facility", "in", ["a", "b"])], "facility a or b"),
        ([when("payer_name", "starts_with", "NOV")], "payer's name starting with NOV"),
        ([when("defect_class", "eq", "timely_filing")], "class timely filing"),
        (
            [when("defect_classes", "contains_any", ["eligibility", "cob"])],
            "class eligibility or coordination of benefits",
        ),
        ([when("payer", "eq", "cob")], "payer cob"),
        ([when("specialty", "is_empty", True)], "no specialty"),
        ([when("payer", "is_empty", False)], "payer known"),
        ([when("appealable", "eq", True)], "appealable"),
        ([when("appealable", "eq", False)], "not appealable"),
        ([when("appealable", "ne", True)], "not appealable"),
        ([when("appealable", "ne", False)], "appealable"),
    ],
)
def test_words(conditions: list[dict[str, Any]], said: str):
    assert words(rule(*conditions, position=3)) == f"rule 3: {said}"


# --- Properties -----------------------------------------------------------------------

texts = st.sampled_from(["97", "45", "236", "B15", "medicare", "denial", "x"])
VALUES = {
    "text": texts,
    "list": texts,
    "money": st.integers(0, 3000).map(str),
    "date": st.dates(date(2026, 1, 1), date(2026, 12, 31)).map(date.isoformat),
    "flag": st.booleans(),
}
FACTS = {
    "text": st.none() | texts,
    "list": st.none() | st.lists(texts),
    "money": st.none() | st.integers(0, 3000).map(Decimal),
    "date": st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    "flag": st.none() | st.booleans(),
}


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    field = draw(st.sampled_from(sorted(FIELDS)))
    kind = FIELDS[field][0]
    op = draw(st.sampled_from(OPS[kind]))
    if op == "is_empty":
        return when(field, op, draw(st.booleans()))
    if op in {"in", "not_in", "contains_any"}:
        return when(field, op, draw(st.lists(texts, min_size=1)))
    return when(field, op, draw(VALUES[kind]))


items = st.fixed_dictionaries(
    {}, optional={name: FACTS[kind] for name, (kind, _) in FIELDS.items()}
)
rule_lists = st.lists(st.lists(conditions(), max_size=3), max_size=6)


@law(rule_lists, items)
def test_the_rule_taken_is_the_first_whose_every_condition_holds(lists, item):
    rules = [Rule(n, n, "", one, n) for n, one in enumerate(lists, 1)]
    alone = [
        one
        for one in rules
        if all(first_match([rule(c)], item) for c in one.conditions)
    ]
    assert first_match(rules, item) is (alone[0] if alone else None)


@law(rule_lists, items)
def test_a_default_rule_leaves_nothing_behind(lists, item):
    rules = [Rule(n, n, "", one, n) for n, one in enumerate([*lists, []], 1)]
    assert first_match(rules, item) is not None


@law(conditions(), items)
def test_opposites_exclude_each_other(condition, item):
    opposite = {"eq": "ne", "in": "not_in", "ne": "eq"}.get(condition["op"])
    if opposite is None:
        return
    turned = {**condition, "op": opposite}
    first, second = rule(condition), rule(turned)
    assert (first_match([first], item) is None) != (first_match([second], item) is None)


@law(rule_lists)
def test_every_good_rule_can_be_said(lists):
    for one in lists:
        assert words(rule(*one)).startswith("rule 1: ")
