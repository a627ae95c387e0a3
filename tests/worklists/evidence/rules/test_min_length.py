"""``min_length``: an answer must say enough."""

from __future__ import annotations

from datetime import date

import pytest

from worklists.evidence.rules.given import Given
from worklists.evidence.rules.min_length import min_length

pytestmark = pytest.mark.unit

GIVEN = Given({}, {}, date(2026, 6, 3))
REFUSED = "Say a little more: at least 5 characters are needed."


@pytest.mark.parametrize("answer", ["12345", " 12345 ", {"cite": "12345"}])
def test_enough(answer):
    assert min_length(answer, 5, GIVEN) == ""


@pytest.mark.parametrize(
    "answer", ["1234", "1234     ", {"cite": "1"}, {"edition": "12345"}]
)
def test_too_little(answer):
    assert min_length(answer, 5, GIVEN) == REFUSED
