"""``pattern``: an answer must have the form its owner prescribes."""

from __future__ import annotations

import re
import time
from datetime import date

import pytest

from worklists.evidence.rules.given import Given
from worklists.evidence.rules.pattern import pattern

pytestmark = pytest.mark.unit

GIVEN = Given({}, {}, date(2026, 6, 3))
LCD = re.compile(r"LCD L\d{5}")
REFUSED = "This does not have the expected form; check it against the source."


@pytest.mark.parametrize(
    "answer", ["LCD L33822", " LCD L33822 ", {"cite": "LCD L33822"}]
)
def test_the_expected_form(answer):
    assert pattern(answer, LCD, GIVEN) == ""


@pytest.mark.parametrize(
    "answer", ["LCD", "LCD L33822x", "xLCD L33822", "lcd l33822", "", {"edition": "x"}]
)
def test_another_form(answer):
    assert pattern(answer, LCD, GIVEN) == REFUSED


def test_a_long_text_is_not_searched():
    start = time.perf_counter()
    assert pattern("a" * 20_000, re.compile("a+b"), GIVEN) == REFUSED
    assert time.perf_counter() - start < 0.5
    assert pattern("a" * 201, re.compile("a*"), GIVEN) == REFUSED
    assert pattern("a" * 200, re.compile("a*"), GIVEN) == ""
