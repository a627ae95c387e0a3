"""An answer must stay short enough to be read."""

from __future__ import annotations

from typing import Any

from worklists.evidence.rules.given import Given, words_of


def max_length(answer: Any, most: int, _given: Given) -> str:
    """Ask for fewer words when they have more than ``most`` characters."""
    length = len(words_of(answer))
    if length <= most:
        return ""
    return f"Shorten this to {most} characters; it has {length}."
