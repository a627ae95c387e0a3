"""Whom an item can be given to, as the dialogs and pages that assign say it."""

from __future__ import annotations

from typing import Any

from worklists.models import Absence, User, WorkItem
from worklists.selectors.people import away_today
from worklists.selectors.takers import Takers, takers_of
from worklists.templatetags.codetrail import day

NAMED = 12


def taker_choices(user: User, item: WorkItem) -> dict[str, Any]:
    """Return who can be given an item and what to know of them, and who cannot."""
    found = takers_of(item, user)
    away = away_today([person.pk for person in found.people])
    return {
        "people": [(one, _known_of(one, found, away)) for one in found.people],
        **not_shown(found),
    }


def not_shown(found: Takers) -> dict[str, Any]:
    """Return why people one may look for are not in the list, the first of them."""
    return {
        "not_shown": found.refused[:NAMED],
        "not_shown_more": max(len(found.refused) - NAMED, 0),
    }


def _known_of(person: User, found: Takers, away: dict[int, Absence]) -> str:
    """Return since when they are away and who stands in, and whether they are full."""
    words, absence, queue = [], away.get(person.pk), found.full.get(person.pk)
    if absence is not None:
        words.append(
            f"away until {day(absence.ends_on)}, {absence.stands_in} stands in"
        )
    if queue is not None:
        words.append(f"holds {queue.max_in_hand} already, the limit of “{queue}”")
    return ", ".join(words)
