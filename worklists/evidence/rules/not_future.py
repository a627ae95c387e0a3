"""What is evidence has happened already."""

from __future__ import annotations

from typing import Any

from worklists.evidence.rules.given import Given
from worklists.evidence.shapes import as_date
from worklists.templatetags.wording import long_date


def not_future(answer: Any, _value: None, given: Given) -> str:
    """Refuse a day after the day of the act; the day itself is accepted."""
    day = as_date(answer)
    if day is None or day <= given.on:
        return ""
    return f"This day is still to come; give a day up to {long_date(given.on)}."
