"""Readers of the values that templates give to rules.

Each returns the value as its rule wants it, or raises ``ValueError`` saying what was
expected, so that a wrong template is refused when it is loaded.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from worklists.evidence.shapes import LONGEST_TEXT, as_date, as_decimal

LONGEST_PATTERN = 300


def whole_number(value: Any) -> int:
    """A number of characters, from 1 to the longest text."""
    if type(value) is int and 1 <= value <= LONGEST_TEXT:  # true is no number
        return value
    raise ValueError(f"{value!r} is not a number from 1 to {LONGEST_TEXT}")


def amount(value: Any) -> Decimal:
    """An amount in dollars, as decimal text or a whole number."""
    read = None if isinstance(value, bool | float) else as_decimal(value)
    if read is None:
        raise ValueError(f"{value!r} is not an amount such as 100.00")
    return read


def day(value: Any) -> date | str:
    """A day, or the name of the field that holds it."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"{value!r} is neither a day nor the name of a field")
    return as_date(value) or value


def another_field(value: Any) -> str:
    """The name of another field."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"{value!r} is not the name of a field")
    return value


def regular_expression(value: Any) -> re.Pattern[str]:
    """A pattern the whole text must match, at most 300 characters long."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_PATTERN:
        raise ValueError(f"a pattern is a text of 1 to {LONGEST_PATTERN} characters")
    try:
        return re.compile(value)
    except re.error as error:
        raise ValueError(f"{value!r} is not a pattern: {error}") from error


def nothing(value: Any) -> None:
    """No value, or true for those who like to write one."""
    if value not in (None, True):
        raise ValueError("this rule takes no value")
