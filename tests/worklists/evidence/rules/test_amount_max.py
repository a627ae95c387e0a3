"""``amount_max``: an amount must not be more than it can be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from worklists.evidence.rules.amount_max import amount_max
from worklists.evidence.rules.given import Given

pytestmark = pytest.mark.unit

GIVEN = Given({}, {}, date(2026, 6, 3))
MOST = Decimal("1000.00")


@pytest.mark.parametrize("answer", ["1000", "999.99", "-5", 1000, 0.5, "lots"])
def test_up_to_the_most(answer):
    assert amount_max(answer, MOST, GIVEN) == ""


@pytest.mark.parametrize("answer", ["1000.01", 1001])
def test_more(answer):
    assert amount_max(answer, MOST, GIVEN) == (
        "This can be 1,000.00 at most; check the amount."
    )
