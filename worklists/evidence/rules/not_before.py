"""One day cannot come before another."""

from __future__ import annotations

from datetime import date
from typing import Any

from worklists.evidence.rules.given import Given
from worklists.evidence.shapes import as_date
from worklists.templatetags.wording import long_date


def not_before(answer: Any, first: date | str, given: Given) -> str:
    """Refuse a day before ``first``: a fixed day, or the day answered to a field.

    While that field has no day there is nothing to compare with.
    """
    day = as_date(answer)
    floor = first if isinstance(first, date) else as_date(given.answers.get(first))
    if day is None or floor is None or day >= floor:
        return ""
    if isinstance(first, date):
        return f"Give a day from {long_date(floor)} on."
    return f"This is before “{given.labels[first]}” ({long_date(floor)}); check both."
