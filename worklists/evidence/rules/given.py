"""What a rule may look at beside the answer it judges."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple


class Given(NamedTuple):
    """All answers by field name, the labels of the fields, and the day of the act."""

    answers: Mapping[str, Any]
    labels: Mapping[str, str]
    on: date


def words_of(answer: Any) -> str:
    """Return the text of an answer; of a policy, what it cites."""
    if isinstance(answer, dict):
        answer = answer.get("cite")
    return answer.strip() if isinstance(answer, str) else ""
