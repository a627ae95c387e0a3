"""Searching: what was found goes to the person, that they searched to their chain."""

from __future__ import annotations

from worklists.models import User
from worklists.selectors.search import Found, search
from worklists.services.reading import record


def search_items(*, actor: User, text: str) -> Found:
    """Return what a person finds under a number and record that they searched.

    The trail keeps how it matched and how many there were, never what was typed.
    Refuses texts that are too short or too long; those are not recorded.
    """
    found = search(actor, text)
    record(actor=actor, action="search.items", facts=found.facts())
    return found
