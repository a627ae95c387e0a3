"""What the shell of every page asks, in one query: counts, and banners of the moment."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import connection

from worklists.context import now
from worklists.enums import Role
from worklists.models import User
from worklists.policies import UNRESERVED
from worklists.selectors.access import access_of
from worklists.selectors.reviews import to_approve

MOST_COUNTED = 100
MOST_BANNERS = 3

_ASKED = """
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
              AND ((i.queue_id = ANY(%(review)s)
                    AND r.approver_role = ANY(%(unreserved)s))
                   OR (r.approver_role = ANY(%(roles)s) AND i.queue_id = ANY(%(approves)s)))
              AND i.facility_id = ANY(%(facilities)s)
              AND NOT r.workers && %(one)s::bigint[]
            LIMIT %(most)s) c),
       (SELECT count(*) FROM (
           SELECT 1 FROM worklists_notice
            WHERE user_id = %(me)s AND read_at IS NULL
            LIMIT %(most)s) d),
       (SELECT count(*) FROM worklists_ruleversion
         WHERE %(decides)s AND state = 'proposed'
           AND (proposed_by_id = ANY(%(one)s)) IS NOT TRUE),
       (SELECT coalesce(json_agg(json_build_array(id, tone, text)), '[]') FROM (
           SELECT id, tone, text FROM worklists_banner
            WHERE begins_at <= %(now)s AND ends_at > %(now)s
              AND (roles = '{}' OR roles && %(roles)s::varchar[])
            ORDER BY begins_at DESC, id DESC
            LIMIT %(banners)s) e)
"""
NAMES = ("mine", "returned", "review", "inbox", "rules")


class Words(NamedTuple):
    """One banner as it stands above a page."""

    id: int
    tone: str
    text: str


class Waiting(NamedTuple):
    """What waits for a person, by name, and the newest banners for their roles."""

    counts: dict[str, int]
    banners: list[Words]


def waiting_for(user: User) -> Waiting:
    """Return what waits for a person: ``mine``, ``returned``, ``review``, ``inbox``,
    ``rules`` (changes that wait for another person's word).

    A review that is reserved for another role does not wait for them.
    Each is counted up to 100 and no further, so that every page can afford it; of the
    banners the newest three.
    """
    access = access_of(user)
    reviews = access.review if access.has(Role.REVIEWER) else frozenset()
    values: dict[str, Any] = {
        "me": user.pk,
        "one": [user.pk, *sorted(access.one_with)],
        "visible": sorted(access.visible),
        "review": sorted(reviews),
        "unreserved": sorted(UNRESERVED),
        "roles": sorted(access.roles),
        "approves": sorted(access.review | access.manage),
        "facilities": sorted(access.facilities),
        "decides": access.has(Role.MANAGER, Role.ADMINISTRATOR),
        "most": MOST_COUNTED,
        "banners": MOST_BANNERS,
        "now": now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ASKED, values)
        *counts, banners = cursor.fetchone()
    found = dict(zip(NAMES, counts, strict=True))
    if access.lent:
        found["review"] = to_approve(user)[:MOST_COUNTED].count()
    return Waiting(found, [Words(*one) for one in banners])
