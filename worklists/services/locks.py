"""Locks on people: what one person's acts may do only one behind the other.

One order for all: a person's plans, clearances, then items, then the person, then
their time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from worklists.models import User
from worklists.selectors.access import renew

_HOLD = "SELECT 1 FROM worklists_user WHERE id = %s FOR NO KEY UPDATE"
# The same key as in the trigger absence_alone.
_HOLD_PLANS = """
SELECT pg_advisory_xact_lock(hashtextextended('plans', id)) FROM unnest(%s::bigint[]) id
"""
_HOLD_CLEARANCES = (
    "SELECT pg_advisory_xact_lock_shared(hashtextextended('clearances', 0))"
)
_CHANGE_CLEARANCES = "SELECT pg_advisory_xact_lock(hashtextextended('clearances', 0))"
_HOLD_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('time', %s))"
_HOLD_CALENDAR = "SELECT pg_advisory_xact_lock(hashtextextended('calendar', 0))"
_HOLD_LOAN = """
SELECT 1 FROM worklists_reviewdelegation
 WHERE id = %s AND ended_at IS NULL AND starts_at <= %s AND ends_at > %s FOR SHARE
"""


def hold_loan(delegation_id: int, at: datetime) -> bool:
    """Return whether lent authority is in force, and let its end wait for the decision.

    Taken after the item, as the trigger ``review_on_behalf_guard`` takes it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOLD_LOAN, [delegation_id, at, at])
        return cursor.fetchone() is not None


def hold_person(person: User) -> None:
    """Let the person's other acts that ask for this wait until this one has ended.

    Taken where what they hold is counted against a limit, and where their next block
    of random reviews is drawn. Callers lock the item before, or afterwards only one
    that nobody holds, so two acts never wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [person.pk])


def hold_first_calendar() -> None:
    """Let others who make a site's first calendar wait: there is one first."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD_CALENDAR)


def hold_plans(user_ids: Iterable[int]) -> None:
    """Let other absences and grants of these people wait until this one has ended.

    Taken before any item, where ``hold_person`` comes after; so it is no lock on the
    person's row, for which somebody who holds an item may be waiting.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOLD_PLANS, [sorted(set(user_ids))])


def hold_clearances(actor: User | None = None) -> None:
    """Let no clearance end before this act has, and know of those that ended before.

    Taken first by every act that puts items into people's hands, so that who ends a
    clearance finds all that was given under it. ``actor`` is who takes for themselves:
    what was known of them when their request began is read anew if it holds no more.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOLD_CLEARANCES)
    if actor is not None:
        renew(actor)


def change_clearances() -> None:
    """Wait for the acts that give items away, and let the next ones wait for this end."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE_CLEARANCES)


def hold_time(person: User) -> None:
    """Let other counting of the person's time wait: two windows count it once.

    No lock on the person's row, so a beat waits for no act of theirs.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOLD_TIME, [person.pk])
