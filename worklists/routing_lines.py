"""Conditions of routing rules as lines that people read and type, both ways. Pure.

One condition a line, all of which must hold: ``carcs has 97, 236``, ``amount >= 500``,
``payer is summit-medicaid``, ``remarks is empty``. Either of several is ``is one of``
or ``has``; another way into the same queue is another rule.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from typing import Any

from worklists.routing import FIELDS, MANY, OPS, check_rule

# Longer ones first: “is not” is no “is” with “not …”.
VERBS = (
    ("is none of", "not_in"),
    ("is one of", "in"),
    ("is empty", "is_empty"),
    ("is known", "is_empty"),
    ("starts with", "starts_with"),
    ("is not", "ne"),
    ("is", "eq"),
    ("has", "contains_any"),
    (">=", "gte"),
    ("<=", "lte"),
    (">", "gt"),
    ("<", "lt"),
)
_VERB_OF = {op: verb for verb, op in reversed(VERBS)}
_FLAGS = {"yes": True, "no": False}
KNOWN = "is known"


def lines_of(conditions: Sequence[Mapping[str, Any]]) -> str:
    """Return conditions as lines; no line takes everything."""
    return "\n".join(_line(condition) for condition in conditions)


def _line(condition: Mapping[str, Any]) -> str:
    name, op = condition["field"], condition["op"]
    value: Any = condition.get("value")
    if op == "is_empty":
        return f"{name} {KNOWN if value is False else 'is empty'}"
    if FIELDS[name][0] == "flag":
        value = "yes" if value else "no"
    said = _joined(value) if op in MANY else str(value)
    return f"{name} {_VERB_OF[op]} {said}"


def _joined(values: Sequence[str]) -> str:
    return ", ".join(_quoted(value) for value in values)


def _quoted(value: str) -> str:
    if "," not in value and '"' not in value:
        return value
    return '"' + value.replace('"', '""') + '"'


def conditions_of(text: str) -> list[dict[str, Any]]:
    """Return the conditions that lines say; ``ValueError`` names the line and the fault."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            found.append(_condition(number, line.strip()))
    return found


def _condition(number: int, line: str) -> dict[str, Any]:
    name, _, rest = line.partition(" ")
    if name not in FIELDS:
        raise ValueError(
            f"Line {number}: there is no “{name}”. Take one of {', '.join(FIELDS)}."
        )
    kind = FIELDS[name][0]
    condition = {"field": name} | _said(number, name, rest.strip(), kind)
    try:
        check_rule([condition])
    except ValueError as error:
        why = str(error).partition(": ")[2] or str(error)
        raise ValueError(f"Line {number}: {why}") from None
    return condition


def _said(number: int, name: str, rest: str, kind: str) -> dict[str, Any]:
    for verb, op in VERBS:
        head, value = rest[: len(verb)], rest[len(verb) :]
        if head.casefold() != verb or (value and verb.isalpha() and value[0] != " "):
            continue
        if op in OPS[kind]:
            return {"op": op, "value": _value(verb, op, value.strip(), kind)}
    verbs = ", ".join(verb for verb, op in VERBS if op in OPS[kind])
    raise ValueError(f"Line {number}: after “{name}” comes one of: {verbs}.")


def _value(verb: str, op: str, text: str, kind: str) -> Any:
    if op == "is_empty":
        return verb != KNOWN
    if kind == "flag":
        return _FLAGS.get(text.casefold(), text)
    if op not in MANY:
        return text.removeprefix("$").replace(",", "") if kind == "money" else text
    rows = list(csv.reader([text], skipinitialspace=True))
    return [word.strip() for row in rows for word in row if word.strip()]
