"""Amounts, dates and codes from text, each text read once.

Remittances repeat themselves: the same dates, prices and codes come thousands of
times. Each table is a dict that reads what it does not hold and keeps it until it is
full, so memory stays bounded and a known text costs one look-up.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from worklists.x12.events import Delimiters, Procedure

ZERO = Decimal(0)
MOST_KEPT = 20_000
MOST_SEGMENTS = 8_192
WORTH_IT = 3  # segments seen for one kept: below that most are seen once
DIGITS = 18
SURELY_SHORT = 7  # seven digits behind the point take more
LONGEST_AMOUNT = 26  # 18 digits, sign, point and six digits behind it
_DAY = re.compile(r"\d{8}", re.ASCII)
_PLAIN = "0123456789.-+"
_AMOUNT = re.compile(r"[+-]?(?:\d{1,18}(?:\.\d{0,6})?|\.\d{1,6})", re.ASCII)


class NotReadable(ValueError):  # noqa: N818 - it names what was found
    """A text that is no amount or no date. Carries nothing: it may be a name."""


class Amounts(dict[str, Decimal]):
    """Text to ``Decimal``; absent is 0.

    Refuses (``NotReadable``) what ``Decimal`` alone would take: exponents, NaN,
    infinity, underscores, other digits than 0 to 9, more than 18 digits before or 6
    behind the point.
    """

    def __init__(self) -> None:
        super().__init__({"": ZERO})

    def __missing__(self, text: str) -> Decimal:
        value = self.read(text)
        if len(self) < MOST_KEPT:
            self[text] = value
        return value

    def read(self, text: str) -> Decimal:
        """Read an amount without looking it up: one that hardly comes again."""
        if text.strip(_PLAIN) or len(text) > LONGEST_AMOUNT:
            return self._odd(text)
        try:
            value = Decimal(text)
        except InvalidOperation:
            return self._odd(text)
        if len(text) > SURELY_SHORT and (len(text) > DIGITS or "." in text[:-7]):
            return self._odd(text)
        return value

    def _odd(self, text: str) -> Decimal:
        text = text.strip(" ")
        if not text:
            return ZERO
        if not _AMOUNT.fullmatch(text):
            raise NotReadable
        return Decimal(text)


class Dates(dict[str, date | None]):
    """CCYYMMDD to ``date``; absent is None. ``NotReadable`` for anything else."""

    def __init__(self) -> None:
        super().__init__({"": None})

    def __missing__(self, text: str) -> date | None:
        bare = text.strip(" ")
        if not bare:
            return None
        if not _DAY.fullmatch(bare):
            raise NotReadable
        try:
            found = date(int(bare[:4]), int(bare[4:6]), int(bare[6:8]))
        except ValueError:
            raise NotReadable from None
        if len(self) < MOST_KEPT:
            self[text] = found
        return found


class Codes(dict[str, str]):
    """A code as it is compared: without blanks, in capitals."""

    def __missing__(self, text: str) -> str:
        code = text.strip().upper()
        if len(self) < MOST_KEPT:
            self[text] = code
        return code


class Procedures(dict[str, Procedure]):
    """A procedure composite in its parts, for one component separator."""

    def __init__(self, component: str) -> None:
        super().__init__()
        self._component = component

    def __missing__(self, text: str) -> Procedure:
        parts = [part.strip() for part in text.split(self._component)]
        parts += [""] * (7 - len(parts))
        modifiers = tuple(filter(None, parts[2:6]))
        found = Procedure(parts[0], parts[1], modifiers, parts[6], text)
        if len(self) < MOST_KEPT:
            self[text] = found
        return found


class Known(dict[str, tuple[Callable[..., None], Any]]):
    """Whole segments already read: what takes them, and what they hold.

    Emptied when full. Where that happens soon, segments hardly repeat: then looking
    them up costs more than it saves, and ``useless`` says so for the rest of the file.
    """

    def __init__(self) -> None:
        super().__init__()
        self.useless = False
        self._began = 0

    def keep(
        self, text: str, taker: Callable[..., None], piece: object, number: int
    ) -> None:
        """Keep what segment ``number`` holds."""
        if len(self) >= MOST_SEGMENTS:
            self.useless = number - self._began < WORTH_IT * MOST_SEGMENTS
            self._began = number
            self.clear()
        self[text] = (taker, piece)


class Tables:
    """The tables that serve all transactions of one file."""

    def __init__(self) -> None:
        self.amounts = Amounts()
        self.dates = Dates()
        self.codes = Codes()
        self._procedures: dict[str, Procedures] = {}
        self._known: dict[Delimiters, Known] = {}

    def known(self, delimiters: Delimiters) -> Known:
        """Return the segments read under these separators."""
        if delimiters not in self._known:
            self._known = {delimiters: Known()}
        return self._known[delimiters]

    def procedures(self, component: str) -> Procedures:
        """Return the procedures of a component separator."""
        if component not in self._procedures:
            self._procedures = {component: Procedures(component)}
        return self._procedures[component]


def plain(value: Decimal) -> str:
    """Return an amount as JSON carries it: digits and a point, no exponent."""
    return format(value, "f")
