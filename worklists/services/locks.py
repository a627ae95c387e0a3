"""Locks on people: what one person's acts may do only one behind the other."""

from __future__ import annotations

from django.db import connection

from worklists.models import User

_HOLD = "SELECT 1 FROM worklists_user WHERE id = %s FOR NO KEY UPDATE"


def hold_person(person: User) -> None:
    """Let the person's other acts that ask for this wait until this one has ended.

    Taken where what they hold is counted against a limit, and where their next block
    of random reviews is drawn. Callers lock the item before, or afterwards only one
    that nobody holds, so two acts never wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [person.pk])
