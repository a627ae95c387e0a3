"""Through whose hands items went: what managers see beside them in a list."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from django.db import connection


class Past(NamedTuple):
    """How often an item was taken from one person and given to another, how often a
    review returned it, and who held it before it left their hands last.

    An assignment that was taken back later happened all the same, and counts.
    """

    reassigned: int = 0
    returned: int = 0
    held_before: str = ""


# The writer's JSON has no spaces, so a fact that names somebody is found as text.
_PASTS = """
SELECT p.subject_id, p.reassigned, p.returned,
       coalesce(nullif(trim(u.first_name || ' ' || u.last_name), ''), p.who, '')
  FROM (SELECT e.subject_id,
               count(*) FILTER (WHERE e.action = 'item.assigned' AND e.held
                   AND e.facts::json ->> 'to' NOT IN ('pool', e.facts::json ->> 'was_with'))
                   AS reassigned,
               count(*) FILTER (WHERE e.action = 'item.returned') AS returned,
               (array_agg(e.facts::json ->> 'was_with' ORDER BY e.seq DESC)
                   FILTER (WHERE e.held))[1] AS who
          FROM (SELECT t.subject_id, t.seq, t.action, t.facts,
                       t.facts LIKE '%%"was_with":"%%' AS held
                  FROM trail_event t
                 WHERE t.subject_kind = 'item' AND t.subject_id = ANY(%s::bigint[])) e
         GROUP BY e.subject_id) p
  LEFT JOIN worklists_user u ON u.username = p.who
"""


def pasts_of(item_ids: Collection[int]) -> dict[int, Past]:
    """Return the past of each of these items from its trail: one statement.

    It reads the trails of the items named and nothing else; the caller shows them to
    this person anyway and has asked ``policies.may_see_load``.
    """
    if not item_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_PASTS, [list(item_ids)])
        return {row[0]: Past(*row[1:]) for row in cursor.fetchall()}
