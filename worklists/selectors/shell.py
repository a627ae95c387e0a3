"""The counts that stand on the rail and the bell: one query for every page."""

from __future__ import annotations

from typing import Any

from django.db import connection

from worklists.enums import Role
from worklists.models import User
from worklists.selectors.access import access_of
from worklists.selectors.reviews import reviews_for

MOST_COUNTED = 100

_COUNTS = """
SELECT (SELECT count(*) FROM (
           SELECT 1 FROM worklists_workitem
            WHERE assignee_id = %(me)s
              AND state IN ('open', 'in_progress', 'pending', 'returned')
              AND queue_id = ANY(%(visible)s) AND facility_id = ANY(%(facilities)s)
            LIMIT %(most)s) a),
       (SELECT count(*) FROM (
           SELECT 1 FROM worklists_workitem
            WHERE assignee_id = %(me)s AND state = 'returned'
              AND queue_id = ANY(%(visible)s) AND facility_id = ANY(%(facilities)s)
            LIMIT %(most)s) b),
       (SELECT count(*) FROM (
           SELECT 1 FROM worklists_workitem i
             JOIN worklists_review r ON r.item_id = i.id AND r.decided_at IS NULL
            WHERE i.state = 'in_review'
              AND (i.queue_id = ANY(%(review)s)
                   OR (r.approver_role = ANY(%(roles)s) AND i.queue_id = ANY(%(approves)s)))
              AND i.facility_id = ANY(%(facilities)s)
              AND NOT (%(me)s = ANY(r.workers))
            LIMIT %(most)s) c),
       (SELECT count(*) FROM (
           SELECT 1 FROM worklists_notice
            WHERE user_id = %(me)s AND read_at IS NULL
            LIMIT %(most)s) d)
"""


def shell_counts(user: User) -> dict[str, int]:
    """Return what waits for a person: ``mine``, ``returned``, ``review``, ``inbox``.

    Each is counted up to 100 and no further, so that every page can afford it.
    """
    access = access_of(user)
    reviews = access.review if access.has(Role.REVIEWER) else frozenset()
    values: dict[str, Any] = {
        "me": user.pk,
        "visible": sorted(access.visible),
        "review": sorted(reviews),
        "roles": sorted(access.roles),
        "approves": sorted(access.review | access.manage),
        "facilities": sorted(access.facilities),
        "most": MOST_COUNTED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, values)
        counts = cursor.fetchone()
    found = dict(zip(("mine", "returned", "review", "inbox"), counts, strict=True))
    if access.lent:
        found["review"] = reviews_for(user)[:MOST_COUNTED].count()
    return found
