"""What a rule may look at beside the answer it judges."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from worklists.evidence.citing import NOTHING_HELD, Held


class Given(NamedTuple):
    """All answers by field name, labels, the day of the act, and the guidance held."""

    answers: Mapping[str, Any]
    labels: Mapping[str, str]
    on: date
    held: Held = NOTHING_HELD


def words_of(answer: Any) -> str:
    """Return the text of an answer; of a policy, what it cites."""
    if isinstance(answer, dict):
        answer = answer.get("cite")
    return answer.strip() if isinstance(answer, str) else ""
