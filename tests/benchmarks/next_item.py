"""``next_item``: eight people press Next at once, ours against hand-written SQL."""

from __future__ import annotations

import multiprocessing
import time
from typing import Any

from tests.benchmarks.figures import WORKERS, Figure, interleaved, percentile

CALLS = 60
# A running process has its plans and its parsed templates: the first calls make them.
WARM = 8
# One round trip, and the best plan we know: the first few of each queue by its index.
REFERENCE = """
WITH found AS (
    SELECT id, trail_seq, trail_hash, facility_id, queue_id FROM worklists_workitem
     WHERE id = ANY(ARRAY(
            SELECT c.id FROM unnest(%(queues)s::bigint[]) AS q (id)
             CROSS JOIN LATERAL (
                SELECT i.id, i.priority, i.due_rank FROM worklists_workitem i
                 WHERE i.state = 'open' AND i.queue_id = q.id AND i.assignee_id IS NULL
                 ORDER BY i.priority DESC, i.due_rank, i.id LIMIT 16) c
             ORDER BY c.priority DESC, c.due_rank, c.id LIMIT 16))
       AND state = 'open' AND assignee_id IS NULL
     ORDER BY priority DESC, due_rank, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
), said AS (
    INSERT INTO trail_event (subject_kind, subject_id, seq, prev_hash, action,
        actor_id, actor_name, actor_role, source, request_id, facility_id, queue_id,
        from_state, to_state, facts, commitments, occurred_at)
    SELECT 'item', id, trail_seq + 1, trail_hash, 'item.handed', %(me)s, 'b', 'coder',
           'command', '', facility_id, queue_id, 'open', 'in_progress', '{}', '{}', now()
      FROM found RETURNING subject_id, seq, hash
)
UPDATE worklists_workitem i
   SET state = 'in_progress', assignee_id = %(me)s, handed_at = now(),
       entered_at = now(), version = version + 1,
       trail_seq = said.seq, trail_hash = said.hash
  FROM said WHERE i.id = said.subject_id RETURNING i.id
"""


def _ours(number: int, calls: int, ready: Any, out: Any) -> None:
    import django

    django.setup()
    from worklists.models import User
    from worklists.services.next_item import next_item

    actor = User.objects.get(username=f"bench-{number}")
    took = []
    for call in range(WARM + calls):
        if call == WARM:
            ready.wait()
        started = time.perf_counter()
        assert next_item(actor=actor).item is not None
        took.append(time.perf_counter() - started)
    out.put(took[WARM:])


def _raw(number: int, calls: int, ready: Any, out: Any) -> None:
    import django

    django.setup()
    import psycopg

    from config import embedded
    from worklists.models import Queue, User

    me = User.objects.get(username=f"bench-{number}").pk
    values = {"me": me, "queues": list(Queue.objects.values_list("pk", flat=True))}
    with psycopg.connect(embedded.database_url("app"), autocommit=True) as link:
        took = []
        for call in range(WARM + calls):
            if call == WARM:
                ready.wait()
            started = time.perf_counter()
            # Who waits for a core finds the first 16 of its snapshot gone: once more.
            while link.execute(REFERENCE, values).fetchone() is None:
                pass
            took.append(time.perf_counter() - started)
    out.put(took[WARM:])


def crowd(target: Any, calls: int = CALLS) -> tuple[float, list[float]]:
    """Run eight processes; return items per second and every call's seconds.

    A target warms up, waits until all eight are ``ready``, then calls without pause:
    no call is measured beside a process that still starts.
    """
    context = multiprocessing.get_context("spawn")
    out, ready = context.Queue(), context.Barrier(WORKERS)
    people = [
        context.Process(target=target, args=(n, calls, ready, out))
        for n in range(WORKERS)
    ]
    for person in people:
        person.start()
    took = [out.get(timeout=60) for _ in people]
    for person in people:
        person.join()
    # Each works through its calls without pause, so the sum of their rates is the
    # rate of the crowd.
    rate = sum(len(calls_) / sum(calls_) for calls_ in took)
    return rate, [call for calls_ in took for call in calls_]


def measure(runs: int = 3) -> Figure:
    """Return items per second of ours and of the reference, with our p50 and p95."""
    seen: list[float] = []

    def ours() -> float:
        rate, calls = crowd(_ours)
        seen.extend(calls)
        return rate

    figure = interleaved(
        "next_item", "items/s", ours, lambda: crowd(_raw)[0], runs=runs
    )
    figure.more = {
        "p50_ms": round(percentile(seen, 0.5) * 1000, 2),
        "p95_ms": round(percentile(seen, 0.95) * 1000, 2),
        "workers": WORKERS,
    }
    return figure
