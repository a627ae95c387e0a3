"""An amount must not be more than it can be."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from worklists.evidence.rules.given import Given
from worklists.evidence.shapes import as_decimal


def amount_max(answer: Any, most: Decimal, _given: Given) -> str:
    """Refuse an amount above ``most``; ``most`` itself is accepted."""
    amount = as_decimal(answer)
    if amount is None or amount <= most:
        return ""
    return f"This can be {most:,} at most; check the amount."
