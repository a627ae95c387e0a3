"""``max_length``: an answer must stay short enough to be read."""

from __future__ import annotations

from datetime import date

import pytest

from worklists.evidence.rules.given import Given
from worklists.evidence.rules.max_length import max_length

pytestmark = pytest.mark.unit

GIVEN = Given({}, {}, date(2026, 6, 3))


@pytest.mark.parametrize("answer", ["", "12345", "  12345  ", {"cite": "12345"}])
def test_short_enough(answer):
    assert max_length(answer, 5, GIVEN) == ""


def test_too_long():
    assert max_length("123456", 5, GIVEN) == ("Shorten this to 5 characters; it has 6.")
