"""Amounts and dates from text: exact, bounded, and never an exception."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

ZERO = Decimal(0)
_AMOUNT = re.compile(r"[+-]?(?:\d{1,18}(?:\.\d{0,6})?|\.\d{1,6})\Z")


@lru_cache(maxsize=1 << 16)
def amount(text: str) -> Decimal | None:
    """Return the amount, or None for what is no plain number.

    At most 18 digits before and 6 behind the point; no exponent, no NaN.
    """
    text = text.strip()
    if _AMOUNT.match(text) and text.isascii():
        return Decimal(text)
    return None


@lru_cache(maxsize=1 << 14)
def day(text: str) -> date | None:
    """Return a date of the form CCYYMMDD (or YYMMDD), else None."""
    text = text.strip()
    if len(text) == 6 and text.isdecimal():
        text = f"20{text}"
    if len(text) != 8 or not text.isdecimal() or not text.isascii():
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def plain(value: Decimal) -> str:
    """Return an amount as the decimal string of the JSON reports."""
    return format(value, "f")
