"""An answer must say enough."""

from __future__ import annotations

from typing import Any

from worklists.evidence.rules.given import Given, words_of


def min_length(answer: Any, least: int, _given: Given) -> str:
    """Ask for more when the words have fewer than ``least`` characters."""
    if len(words_of(answer)) >= least:
        return ""
    return f"Say a little more: at least {least} characters are needed."
