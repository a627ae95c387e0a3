"""A policy counts in the edition that was in force."""

from __future__ import annotations

from typing import Any

from worklists.evidence.rules.given import Given


def edition_named(answer: Any, _value: None, _given: Given) -> str:
    """Ask for the edition, or the day, of the policy that is cited."""
    edition = answer.get("edition") if isinstance(answer, dict) else ""
    if isinstance(edition, str) and edition.strip():
        return ""
    return "Say which edition of this policy was in force on that day."
