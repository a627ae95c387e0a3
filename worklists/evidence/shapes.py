"""What can be an answer at all: type, size and characters, before any rule.

A value that fails here is a fault of the request, not a gap in the work. Empty values
clear an answer and are always well formed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from worklists.evidence.fields import (
    DONE,
    FILE_TYPES,
    NOT_APPLICABLE,
    Answers,
    Field,
    Part,
    expand,
)
from worklists.plain_text import is_blank

LONGEST_TEXT = 20_000
LONGEST_CODE = 40
LONGEST_POLICY = 2_000
LONGEST_WHY_NOT = 500
LARGEST = 10**12
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)
MOST_NAMED = 20
MOST_CHOICES = 200
MOST_PARTS = 5  # of one answer: a policy's

# Control characters but tab and line ends, and halves of a character: neither can
# be stored, and the first can rewrite a terminal.
_NOT_KEPT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MONEY = re.compile(r"-?\d{1,15}(\.\d{1,2})?", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 .:/-]*[A-Za-z0-9])?", re.ASCII)
_PART_NAME = re.compile(r"(?P<name>[a-z][a-z0-9_]*)\.[A-Za-z0-9_-]{1,39}", re.ASCII)


def shape_errors(
    fields: Iterable[Field],
    answers: Answers,
    parts: Sequence[Part] | None = None,
) -> dict[str, list[str]]:
    """Return what cannot be an answer, by name; empty when all is well formed.

    Unknown names are refused, and with ``parts`` also parts the item does not have.
    At most 20 unknown names are listed, since a hostile request may carry thousands.
    """
    known = list(fields)
    asked = {field.name: field for field in expand(known, parts or ())}
    repeated = {field.name: field for field in known if field.per_part}
    errors: dict[str, list[str]] = {}
    strangers = 0
    for name, value in answers.items():
        field = asked.get(name)
        if field is None and parts is None:
            field = _of_any_part(name, repeated)
        if field is None:
            strangers += 1
            if strangers <= MOST_NAMED:
                errors[str(name)[:80]] = ["This is not asked here."]
        elif fault := shape_error(field, value):
            errors[name] = [fault]
    return errors


def shape_error(field: Field, value: Any) -> str:
    """Return why ``value`` cannot be an answer to ``field``, empty when it can."""
    if is_empty(value):
        return ""
    return _SHAPES[field.type](field, value)


def is_typed(value: Any) -> bool:
    """Return whether a form can have been left with this value, right or wrong.

    Drafts keep what nobody may save yet, a date half typed; a page must draw it. So it
    is a text, a number, yes or no, a list of choices, or a mapping of such without lists.
    """
    if isinstance(value, list):
        return len(value) <= MOST_CHOICES and all(isinstance(v, str) for v in value)
    if isinstance(value, dict):
        return len(value) <= MOST_PARTS and all(
            one is None or isinstance(one, str | int | float) for one in value.values()
        )
    return value is None or isinstance(value, str | int | float)


def is_empty(value: Any) -> bool:
    """Tell whether a value answers nothing: none, blank text, an empty list."""
    if isinstance(value, str):
        return is_blank(value)
    if isinstance(value, dict):
        return all(one is None or one == "" for one in value.values())
    return value is None or value == []


def same(one: Any, other: Any) -> bool:
    """Return whether two answers say the same; all that answers nothing is the same."""
    return one == other or (is_empty(one) and is_empty(other))


def as_date(value: Any) -> date | None:
    """Return a date answer, None when it is none."""
    try:
        return date.fromisoformat(value) if _DATE.fullmatch(value) else None
    except (TypeError, ValueError):
        return None


def as_decimal(value: Any) -> Decimal | None:
    """Return a money or number answer, None when it is none."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _of_any_part(name: Any, repeated: dict[str, Field]) -> Field | None:
    match = _PART_NAME.fullmatch(name) if isinstance(name, str) else None
    return repeated.get(match["name"]) if match else None


def _text_fault(value: Any, longest: int = LONGEST_TEXT) -> str:
    if not isinstance(value, str):
        return "Write this as text."
    if len(value) > longest:
        return f"This is longer than {longest:,} characters; shorten it."
    if _NOT_KEPT.search(value):
        return "This holds control characters that cannot be kept; remove them."
    return ""


def _text(_field: Field, value: Any) -> str:
    return _text_fault(value)


def _choice(field: Field, value: Any) -> str:
    if isinstance(value, str) and value in dict(field.choices):
        return ""
    return f"Choose one of: {', '.join(label for _, label in field.choices)}."


def _multichoice(field: Field, value: Any) -> str:
    if not isinstance(value, list) or len(value) > MOST_CHOICES:
        return "Choose from the list."
    if any(_choice(field, one) for one in value):
        return f"Choose from: {', '.join(label for _, label in field.choices)}."
    return "" if len(set(value)) == len(value) else "Choose each only once."


def _yes_no(_field: Field, value: Any) -> str:
    return "" if isinstance(value, bool) else "Answer yes or no."


def _date(_field: Field, value: Any) -> str:
    day = as_date(value)
    if day is None:
        return "Give a date that exists, as year-month-day, such as 2026-01-31."
    if not FIRST_DAY <= day <= LAST_DAY:
        return "Give a date between 1900 and 2100."
    return ""


def _money(_field: Field, value: Any) -> str:
    if not isinstance(value, str) or not _MONEY.fullmatch(value):
        return "Give the amount in dollars and cents, such as 1234.50."
    if abs(Decimal(value)) >= LARGEST:
        return "This amount is too large to be right."
    return ""


def _number(_field: Field, value: Any) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and abs(value) < LARGEST:  # also false for NaN and infinity
        return ""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return ""
    return "Give a number, such as 12 or 0.5."


def _code(_field: Field, value: Any) -> str:
    fault = _text_fault(value, LONGEST_CODE)
    if fault or _CODE.fullmatch(value):
        return fault
    return "Give a code of letters and digits, such as 99213."


def _policy(_field: Field, value: Any) -> str:
    if not isinstance(value, dict):
        return _text_fault(value, LONGEST_POLICY)
    if set(value) - {"cite", "edition", "source", "version", "reason"}:
        return "Give the rule or policy, and its edition."
    version = value.get("version")
    if version is not None and (type(version) is not int or not 0 < version < LARGEST):
        return "The version is a whole number, as it is offered."
    if (version or value.get("reason")) and not value.get("source"):
        return "A version and a reason go with a source that we hold."
    texts = {name: one for name, one in value.items() if name != "version"}
    given = (one for one in texts.values() if one is not None)
    faults = (_text_fault(one, LONGEST_POLICY) for one in given)
    return next(filter(None, faults), "")


def _step(_field: Field, value: Any) -> str:
    if not isinstance(value, dict) or set(value) - {"state", "reason"}:
        return "Say how the step stands: its state, and a reason if it does not apply."
    state, reason = value.get("state"), value.get("reason", "")
    if state not in (DONE, NOT_APPLICABLE):
        return f"A step is {DONE} or {NOT_APPLICABLE}."
    if state == DONE and reason:
        return "A step that is done takes no reason."
    return _text_fault(reason, LONGEST_WHY_NOT)


def _file(_field: Field, _value: Any) -> str:
    return "Attach a file here; text cannot stand for it."


_SHAPES: dict[str, Callable[[Field, Any], str]] = {
    "text": _text,
    "choice": _choice,
    "multichoice": _multichoice,
    "yes_no": _yes_no,
    "date": _date,
    "money": _money,
    "number": _number,
    "code": _code,
    "policy": _policy,
    "step": _step,
    **dict.fromkeys(FILE_TYPES, _file),
}
