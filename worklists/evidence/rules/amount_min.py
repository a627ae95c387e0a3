"""An amount must not be less than it can be."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from worklists.evidence.rules.given import Given
from worklists.evidence.shapes import as_decimal


def amount_min(answer: Any, least: Decimal, _given: Given) -> str:
    """Refuse an amount below ``least``; ``least`` itself is accepted."""
    amount = as_decimal(answer)
    if amount is None or amount >= least:
        return ""
    return f"This must be {least:,} or more; check the amount."
