"""``not_same_as``: two answers must differ."""

from __future__ import annotations

from datetime import date

import pytest

from worklists.evidence.rules.given import Given
from worklists.evidence.rules.not_same_as import not_same_as

pytestmark = pytest.mark.unit

ANSWERS = {"decision": "Appeal with  notes", "empty": None, "policy": {"cite": "A 1"}}
GIVEN = Given(ANSWERS, {"decision": "Decision", "policy": "Policy"}, date(2026, 6, 3))


@pytest.mark.parametrize(
    ("answer", "other"),
    [
        ("Write off", "decision"),
        ("", "decision"),
        ("", "empty"),
        ("x", "empty"),
        ("x", "gone"),
        (5, "decision"),
    ],
)
def test_different(answer, other):
    assert not_same_as(answer, other, GIVEN) == ""


@pytest.mark.parametrize(
    ("answer", "other", "label"),
    [
        ("appeal with notes", "decision", "Decision"),
        (" APPEAL with\nnotes ", "decision", "Decision"),
        ({"cite": "a 1"}, "policy", "Policy"),
    ],
)
def test_the_same(answer, other, label):
    assert not_same_as(answer, other, GIVEN) == (
        f"This repeats “{label}”; say something different."
    )
