"""``manager_page``: the manager's page over HTTP, p50 and p95, against bare SQL.

The lead of the benchmarks manages every queue. The reference is the plain count of
items in hand by person and the oldest escalations.
"""

from __future__ import annotations

import http.client
import time

from tests.benchmarks import web
from tests.benchmarks.figures import Figure, interleaved, percentile

PAGES = 60
LOADS = """
SELECT assignee_id, state, count(*) FROM worklists_workitem
 WHERE queue_id = ANY(%s) AND state IN ('in_progress', 'returned', 'pending', 'in_review')
 GROUP BY assignee_id, state
"""
CALLS = """
SELECT e.* FROM worklists_escalation e JOIN worklists_workitem i ON i.id = e.item_id
 WHERE e.needs_acknowledgement AND e.acknowledged_at IS NULL
   AND i.queue_id = ANY(%s)
 ORDER BY e.fired_at, e.id LIMIT 51
"""


def measure(runs: int = 3) -> Figure:
    """Return the p95 of the page and of its rows in milliseconds."""
    seen: list[float] = []
    with web.running() as port:
        cookie = web.cookie_of("bench-lead")
        _walk(port, cookie)
        figure = interleaved(
            "manager_page",
            "ms (p95)",
            lambda: _walk(port, cookie, seen),
            _rows,
            runs=runs,
        )
    figure.more = {
        "p50_ms": round(percentile(seen, 0.5), 1),
        "p95_ms": round(percentile(seen, 0.95), 1),
    }
    return figure


def _walk(port: int, cookie: str, seen: list[float] | None = None) -> float:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    took = []
    for _ in range(PAGES):
        milliseconds, text = web.get(link, "/manage/", cookie)
        assert "Queue 0" in text or "bench-0" in text
        took.append(milliseconds)
    link.close()
    if seen is not None:
        seen += took
    return percentile(took, 0.95)


def _rows() -> float:
    import psycopg

    from config import embedded
    from worklists.models import Queue

    queues = list(Queue.objects.values_list("pk", flat=True))
    took = []
    with psycopg.connect(embedded.database_url("app"), autocommit=True) as link:
        for _ in range(PAGES):
            began = time.perf_counter()
            for statement in (LOADS, CALLS):
                link.execute(statement, [queues]).fetchall()
            took.append((time.perf_counter() - began) * 1000)
    return percentile(took, 0.95)
