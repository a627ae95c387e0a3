"""``edition_named``: a policy counts in the edition that was in force."""

from __future__ import annotations

from datetime import date

import pytest

from worklists.evidence.rules.edition_named import edition_named
from worklists.evidence.rules.given import Given

pytestmark = pytest.mark.unit

GIVEN = Given({}, {}, date(2026, 6, 3))


def test_named():
    assert edition_named({"cite": "LCD L33822", "edition": "R12"}, None, GIVEN) == ""


@pytest.mark.parametrize(
    "answer",
    [
        "LCD L33822",
        {"cite": "x"},
        {"cite": "x", "edition": " "},
        {"cite": "x", "edition": 5},
    ],
)
def test_not_named(answer):
    assert edition_named(answer, None, GIVEN) == (
        "Say which edition of this policy was in force on that day."
    )
