"""``amount_min``: an amount must not be less than it can be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from worklists.evidence.rules.amount_min import amount_min
from worklists.evidence.rules.given import Given

pytestmark = pytest.mark.unit

GIVEN = Given({}, {}, date(2026, 6, 3))
LEAST = Decimal("0.01")


@pytest.mark.parametrize("answer", ["0.01", "5", 1, 0.5, "lots"])
def test_from_the_least_on(answer):
    assert amount_min(answer, LEAST, GIVEN) == ""


@pytest.mark.parametrize("answer", ["0", "-5", 0])
def test_less(answer):
    assert amount_min(answer, LEAST, GIVEN) == (
        "This must be 0.01 or more; check the amount."
    )
