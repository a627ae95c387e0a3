"""``bulk_reassign``: 10,000 items to another person, ours against two statements.

Each run gives the same items to the other of two people, so every one of them moves.
The reference is one ``UPDATE`` and one ``INSERT … SELECT`` of events.
"""

from __future__ import annotations

import time
from itertools import cycle

from django.db import connection, transaction

from tests.benchmarks.figures import Figure, interleaved
from worklists.models import User, WorkItem
from worklists.services.reassigning import reassign

ITEMS = 10_000
EVENTS = """
INSERT INTO trail_event (subject_kind, subject_id, seq, prev_hash, action, actor_id,
    actor_name, actor_role, source, request_id, facility_id, queue_id, from_state,
    to_state, facts, commitments, occurred_at)
SELECT 'item', id, trail_seq + 1, trail_hash, 'item.assigned', %(me)s, 'b', 'manager',
       'command', '', facility_id, queue_id, state, state, '{}', '{}', now()
  FROM worklists_workitem WHERE id = ANY(%(ids)s) ORDER BY id
"""
MOVE = """
UPDATE worklists_workitem i
   SET assignee_id = %(to)s, version = i.version + 1,
       trail_seq = e.seq, trail_hash = e.hash
  FROM (SELECT DISTINCT ON (subject_id) subject_id, seq, hash FROM trail_event
         WHERE subject_kind = 'item' AND subject_id = ANY(%(ids)s)
         ORDER BY subject_id, seq DESC) e
 WHERE i.id = e.subject_id
"""


def measure(runs: int = 3) -> Figure:
    """Return the seconds an act on 10,000 items takes, and those of the statements."""
    lead = User.objects.get(username="bench-lead")
    people = cycle(User.objects.filter(username__in=("bench-0", "bench-1")))
    rows = WorkItem.objects.filter(state="open", kind="issue_report").order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:ITEMS])
    values = {"ids": ids, "me": lead.pk}

    def ours() -> float:
        begun = time.perf_counter()
        done = reassign(actor=lead, chosen=ids, to=next(people).username, reason="Away")
        assert (done.act is not None, len(done.plan.placings)) == (True, ITEMS)
        return time.perf_counter() - begun

    def theirs() -> float:
        begun = time.perf_counter()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(EVENTS, values)
            cursor.execute(MOVE, values | {"to": next(people).pk})
        return time.perf_counter() - begun

    found = interleaved("bulk_reassign", "seconds", ours, theirs, runs=runs)
    found.more = {"items": ITEMS}
    reassign(actor=lead, chosen=ids, to="pool")  # as the other figures found them
    return found
