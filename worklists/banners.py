"""Banners a person has put away: remembered in the session, back at the next log-in."""

from __future__ import annotations

from django.contrib.sessions.backends.base import SessionBase

PUT_AWAY = "banners_put_away"
MOST = 20


def put_away(session: SessionBase) -> frozenset[int]:
    """Return the ids of the banners that were put away."""
    return frozenset(session.get(PUT_AWAY, ()))


def put(session: SessionBase, banner_id: int) -> None:
    """Put one away until the next log-in."""
    kept = [one for one in session.get(PUT_AWAY, ()) if one != banner_id]
    session[PUT_AWAY] = [*kept, banner_id][-MOST:]
