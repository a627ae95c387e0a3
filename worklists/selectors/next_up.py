"""What Next would hand out, in its order: the one place that says it.

Order: returned to the person; assigned to them and not begun; what nobody has. In each,
priority, highest first; nearest legal deadline; id.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from worklists.models import Queue, User, WorkItem
from worklists.selectors.access import access_of
from worklists.selectors.items import items_for, with_room
from worklists.selectors.queues import workable_queues

PREVIEWED = 4

# The limit stands in the text: so the server plans once for all calls, and anew each
# time were it a parameter.
_FIRST = """
(SELECT id, 0 AS turn, priority, due_rank FROM worklists_workitem
  WHERE assignee_id = %(me)s AND state = 'returned' AND handed_at IS NULL
    AND queue_id = ANY(%(queues)s) AND facility_id = ANY(%(facilities)s)
  ORDER BY priority DESC, due_rank, id LIMIT {limit})
UNION ALL
(SELECT id, 1, priority, due_rank FROM worklists_workitem
  WHERE assignee_id = %(me)s AND state = 'open'
    AND queue_id = ANY(%(with_room)s) AND facility_id = ANY(%(facilities)s)
  ORDER BY priority DESC, due_rank, id LIMIT {limit})
UNION ALL
(SELECT c.id, 2, c.priority, c.due_rank
   FROM unnest(%(with_room)s::bigint[]) AS q (id)
  CROSS JOIN LATERAL (
     SELECT i.id, i.priority, i.due_rank FROM worklists_workitem i
      WHERE i.state = 'open' AND i.queue_id = q.id
        AND i.facility_id = ANY(%(facilities)s)
        AND i.assignee_id IS NULL
      ORDER BY i.priority DESC, i.due_rank, i.id
      LIMIT {limit}
  ) c
  ORDER BY c.priority DESC, c.due_rank, c.id LIMIT {limit})
ORDER BY 2, 3 DESC, 4, 1 LIMIT {limit}
"""


def first_in_line(
    person: User, queues: Sequence[Queue], with_room: Sequence[int], limit: int
) -> list[int]:
    """Return the ids of the first items for a person, taking nothing: one query.

    ``queues`` are those they take from; open items come only from ``with_room``, the
    ids of those whose limit leaves them room. What was returned to them comes anyway.
    """
    values: dict[str, Any] = {
        "me": person.pk,
        "queues": sorted(queue.pk for queue in queues),
        "with_room": with_room,
        "facilities": sorted(access_of(person).facilities),
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIRST.format(limit=limit), values)
        return [row[0] for row in cursor.fetchall()]


def next_up(user: User, *, limit: int = PREVIEWED) -> list[WorkItem]:
    """Return what Next would hand to this person, in its order, taking nothing.

    The first is what they get now, unless somebody else is faster.
    """
    queues = workable_queues(access_of(user))
    ids = first_in_line(user, queues, with_room(user, queues), limit)
    found = {item.pk: item for item in items_for(user).filter(pk__in=ids)}
    return [found[item_id] for item_id in ids if item_id in found]
