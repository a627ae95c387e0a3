"""``not_before``: one day cannot come before another."""

from __future__ import annotations

from datetime import date

import pytest

from worklists.evidence.rules.given import Given
from worklists.evidence.rules.not_before import not_before

pytestmark = pytest.mark.unit

ANSWERS = {"letter_on": "2026-05-10", "empty": "", "words": "soon"}
GIVEN = Given(ANSWERS, {"letter_on": "Letter of"}, date(2026, 6, 3))


@pytest.mark.parametrize(
    ("answer", "first"),
    [
        ("2026-05-10", date(2026, 5, 10)),
        ("2026-05-11", date(2026, 5, 10)),
        ("2026-05-10", "letter_on"),
        ("2026-05-11", "letter_on"),
        ("2020-01-01", "empty"),
        ("2020-01-01", "words"),
        ("2020-01-01", "gone"),
        ("no day", "letter_on"),
    ],
)
def test_on_or_after(answer, first):
    assert not_before(answer, first, GIVEN) == ""


def test_before_a_fixed_day():
    assert not_before("2026-05-09", date(2026, 5, 10), GIVEN) == (
        "Give a day from May\N{NO-BREAK SPACE}10, 2026 on."
    )


def test_before_the_day_of_another_field():
    assert not_before("2026-05-09", "letter_on", GIVEN) == (
        "This is before “Letter of” (May\N{NO-BREAK SPACE}10, 2026); check both."
    )
