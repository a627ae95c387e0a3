"""Which queue an item belongs to: ordered rules, the first that matches wins.

A rule is a list of conditions, all of which must hold; a rule without any takes
everything, so the last rule of a kind is its default. Conditions are checked and
compiled when a rule is made, so a misspelt field never reaches an item.

Source: PRODUCT 2 (queues: scope rule; "why it is here").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from worklists.class_words import class_words

Test = Callable[[Mapping[str, Any]], bool]

# Facts a rule may ask about: what they hold, and how people call them.
FIELDS: dict[str, tuple[str, str]] = {
    "kind": ("text", "kind of work"),
    "facility": ("text", "facility"),
    "payer": ("text", "payer"),
    "payer_name": ("text", "payer's name"),
    "plan_type": ("text", "plan type"),
    "specialty": ("text", "specialty"),
    "amount": ("money", "amount"),
    "carcs": ("list", "CARC"),
    "remarks": ("list", "remark"),
    "groups": ("list", "group"),
    "defect_class": ("text", "class"),
    "defect_classes": ("list", "class"),
    "service_on": ("date", "service date"),
    "code": ("text", "code"),
    "appealable": ("flag", "appealable"),
}
OPS: dict[str, tuple[str, ...]] = {
    "text": ("eq", "ne", "in", "not_in", "starts_with", "contains_any", "is_empty"),
    "list": ("contains_any", "not_in", "is_empty"),
    "money": ("eq", "ne", "gte", "lte", "gt", "lt", "is_empty"),
    "date": ("eq", "ne", "gte", "lte", "gt", "lt", "is_empty"),
    "flag": ("eq", "ne", "is_empty"),
}
_CLASSES = frozenset({"defect_class", "defect_classes"})
MANY = frozenset({"in", "not_in", "contains_any"})
KEYS = frozenset({"field", "op", "value"})
MOST_CONDITIONS = 50


@dataclass(frozen=True, slots=True)
class Rule:
    """One ordered rule: items that meet every condition go to ``queue_id``.

    ``conditions`` are ``{"field", "op", "value"}``. Raises ``ValueError`` naming the
    condition when a field or an op is unknown, they do not fit together, or the value
    has the wrong shape.
    """

    id: int
    position: int
    name: str
    conditions: Sequence[Mapping[str, Any]]
    queue_id: int
    version: int = 1
    tests: tuple[Test, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tests", _compile(self.conditions))


def first_match(rules: Iterable[Rule], facts: Mapping[str, Any]) -> Rule | None:
    """Return the first of ``rules``, given in order of position, that takes the item.

    A fact that is absent, None, or empty meets only ``is_empty``, ``ne`` and
    ``not_in``. None when no rule takes it.
    """
    for rule in rules:
        for test in rule.tests:
            if not test(facts):
                break
        else:
            return rule
    return None


def check_rule(conditions: object) -> None:
    """Raise ``ValueError``, naming the first fault, for conditions nobody can apply."""
    _compile(conditions)


def words(rule: Rule) -> str:
    """Return why an item is here: “rule 3: CARC 97 or 236, $500 or more”."""
    said = [_condition_words(condition) for condition in rule.conditions]
    return f"rule {rule.position}: {', '.join(said) or 'everything else'}"


def _compile(conditions: object) -> tuple[Test, ...]:
    if not isinstance(conditions, list | tuple) or len(conditions) > MOST_CONDITIONS:
        raise ValueError(f"Conditions are a list of at most {MOST_CONDITIONS}.")
    return tuple(_compile_one(n, one) for n, one in enumerate(conditions, 1))


def _compile_one(number: int, condition: object) -> Test:
    if not isinstance(condition, Mapping) or set(condition) - KEYS:
        raise ValueError(f"Condition {number} has field, op and value, nothing else.")
    name, op = condition.get("field"), condition.get("op")
    if not isinstance(name, str) or name not in FIELDS:
        raise ValueError(f"Condition {number}: there is no field {name!r}.")
    kind = FIELDS[name][0]
    if op not in OPS[kind]:
        raise ValueError(
            f"Condition {number}: {name} takes {', '.join(OPS[kind])}, not {op!r}."
        )
    try:
        value = _read_value(kind, op, condition.get("value"))
    except ValueError as error:
        raise ValueError(f"Condition {number} ({name} {op}): {error}") from None
    return _TESTS[op](name, value)


def _read_value(kind: str, op: str, value: object) -> Any:
    if op == "is_empty":
        if value not in (True, False, None):
            raise ValueError("the value is true or false.")
        return value is not False
    if op not in MANY:
        return _READERS[kind](value)
    if not isinstance(value, list | tuple) or not value:
        raise ValueError("the value is a list with at least one entry.")
    return frozenset(_read_text(one) for one in value)


def _read_text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{value!r} is not a text.")
    return value


def _read_money(value: object) -> Decimal:
    if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
        try:
            amount = Decimal(value)
        except InvalidOperation:
            amount = Decimal("NaN")
        if amount.is_finite():
            return amount
    raise ValueError(f"{value!r} is not an amount such as 500.00.")


def _read_date(value: object) -> date:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError(f"{value!r} is not a date such as 2026-01-31.")


def _read_flag(value: object) -> bool:
    if value is not True and value is not False:
        raise ValueError(f"{value!r} is neither true nor false.")
    return bool(value)


_READERS: dict[str, Callable[[object], Any]] = {
    "text": _read_text,
    "list": _read_text,
    "money": _read_money,
    "date": _read_date,
    "flag": _read_flag,
}


def _eq(name: str, value: object) -> Test:
    return lambda facts: bool(facts.get(name) == value)


def _ne(name: str, value: object) -> Test:
    return lambda facts: bool(facts.get(name) != value)


def _in(name: str, values: frozenset[str]) -> Test:
    return lambda facts: facts.get(name) in values


def _not_in(name: str, values: frozenset[str]) -> Test:
    if FIELDS[name][0] == "list":
        return lambda facts: values.isdisjoint(facts.get(name) or ())
    return lambda facts: facts.get(name) not in values


def _gte(name: str, value: Any) -> Test:
    return lambda facts: (fact := facts.get(name)) is not None and fact >= value


def _lte(name: str, value: Any) -> Test:
    return lambda facts: (fact := facts.get(name)) is not None and fact <= value


def _gt(name: str, value: Any) -> Test:
    return lambda facts: (fact := facts.get(name)) is not None and fact > value


def _lt(name: str, value: Any) -> Test:
    return lambda facts: (fact := facts.get(name)) is not None and fact < value


def _starts_with(name: str, value: str) -> Test:
    start = value.casefold()
    return lambda facts: (facts.get(name) or "").casefold().startswith(start)


def _contains_any(name: str, values: frozenset[str]) -> Test:
    if FIELDS[name][0] == "list":
        return lambda facts: not values.isdisjoint(facts.get(name) or ())
    parts = [value.casefold() for value in sorted(values)]

    def holds(facts: Mapping[str, Any]) -> bool:
        fact = (facts.get(name) or "").casefold()
        return any(part in fact for part in parts)

    return holds


def _is_empty(name: str, wanted: bool) -> Test:  # noqa: FBT001 - the condition's value
    return lambda facts: (facts.get(name) in (None, "") or _bare(facts[name])) is wanted


def _bare(fact: object) -> bool:
    return isinstance(fact, list | tuple | set | frozenset) and not fact


_TESTS: dict[str, Callable[[str, Any], Test]] = {
    "eq": _eq,
    "ne": _ne,
    "in": _in,
    "not_in": _not_in,
    "gte": _gte,
    "lte": _lte,
    "gt": _gt,
    "lt": _lt,
    "starts_with": _starts_with,
    "contains_any": _contains_any,
    "is_empty": _is_empty,
}

_SAID = {
    "eq": "{name} {value}",
    "ne": "{name} not {value}",
    "in": "{name} {value}",
    "not_in": "{name} not {value}",
    "gte": "{name} {value} or later",
    "lte": "{name} {value} or earlier",
    "gt": "{name} after {value}",
    "lt": "{name} before {value}",
    "starts_with": "{name} starting with {value}",
    "contains_any": "{name} {value}",
}
_SAID_MONEY = {
    "eq": "{value}",
    "ne": "not {value}",
    "gte": "{value} or more",
    "lte": "{value} or less",
    "gt": "more than {value}",
    "lt": "less than {value}",
}


def _condition_words(condition: Mapping[str, Any]) -> str:
    kind, name = FIELDS[condition["field"]]
    op, value = condition["op"], condition.get("value")
    if op == "is_empty":
        return f"{name} known" if value is False else f"no {name}"
    if kind == "flag":
        return name if value is (op == "eq") else f"not {name}"
    if kind == "money":
        dollars = f"${_read_money(value):,.2f}".removesuffix(".00")
        return _SAID_MONEY[op].format(value=dollars)
    return _SAID[op].format(name=name, value=_value_words(condition["field"], value))


def _value_words(field: str, value: object) -> str:
    values = value if isinstance(value, list | tuple) else [value]
    say = class_words if field in _CLASSES else _spelled
    names = [say(str(one)) for one in values]
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _spelled(code: str) -> str:
    return code.replace("_", " ")
