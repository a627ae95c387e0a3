"""``not_future``: what is evidence has happened already."""

from __future__ import annotations

from datetime import date

import pytest

from worklists.evidence.rules.given import Given
from worklists.evidence.rules.not_future import not_future

pytestmark = pytest.mark.unit

GIVEN = Given({}, {}, date(2026, 6, 3))


@pytest.mark.parametrize("answer", ["2026-06-03", "2026-06-02", "1999-01-01", "no day"])
def test_past_and_today(answer):
    assert not_future(answer, None, GIVEN) == ""


def test_still_to_come():
    assert not_future("2026-06-04", None, GIVEN) == (
        "This day is still to come; give a day up to Jun\N{NO-BREAK SPACE}3, 2026."
    )
