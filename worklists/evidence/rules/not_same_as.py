"""Two answers must differ, as a decision and the alternative it rejects."""

from __future__ import annotations

from typing import Any

from worklists.evidence.rules.given import Given, words_of


def not_same_as(answer: Any, other: str, given: Given) -> str:
    """Refuse an answer that repeats the answer to ``other``, spacing and case aside."""
    mine, theirs = _plain(answer), _plain(given.answers.get(other))
    if not mine or mine != theirs:
        return ""
    return f"This repeats “{given.labels[other]}”; say something different."


def _plain(answer: Any) -> str:
    return " ".join(words_of(answer).casefold().split())
