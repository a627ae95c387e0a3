"""``item_page``: one item's page over HTTP, p50 and p95, against its rows by bare SQL.

Items in hand, deferred, in review, completed and open, of coders and their lead, each
asked once: nothing of a page is kept for the next one. A tenth has a long history.
"""

from __future__ import annotations

import http.client
import time

from tests.benchmarks import web
from tests.benchmarks.figures import Figure, interleaved, percentile

EACH = 40
STATES = ("open", "in_progress", "in_review", "completed")
REFERENCE = """
SELECT i.*, q.*, f.* FROM worklists_workitem i
  JOIN worklists_queue q ON q.id = i.queue_id
  JOIN worklists_facility f ON f.id = i.facility_id
 WHERE i.id = %s
"""
EVENTS = """
SELECT * FROM trail_event WHERE subject_kind = 'item' AND subject_id = %s
 ORDER BY seq DESC LIMIT 50
"""
BESIDE = (
    "SELECT * FROM worklists_itemclock WHERE item_id = %s",
    "SELECT * FROM worklists_answer WHERE item_id = %s",
    EVENTS,
)


def measure(runs: int = 3) -> Figure:
    """Return the p95 of pages and of their rows in milliseconds."""
    ids = _ids()
    seen: list[float] = []
    with web.running() as port:
        cookie = web.cookie_of("bench-lead")
        _walk(port, cookie, ids[: 2 * EACH])
        figure = interleaved(
            "item_page",
            "ms (p95)",
            lambda: _walk(port, cookie, ids, seen),
            lambda: _rows(ids),
            runs=runs,
        )
    figure.more = {
        "p50_ms": round(percentile(seen, 0.5), 1),
        "p95_ms": round(percentile(seen, 0.95), 1),
        "pages": len(seen),
    }
    return figure


def _ids() -> list[int]:
    from worklists.models import WorkItem

    found: list[int] = []
    for state in STATES:
        rows = WorkItem.objects.filter(state=state, queue__slug__startswith="bench-")
        found += rows.order_by("-trail_seq", "pk").values_list("pk", flat=True)[:EACH]
    return found


def _walk(
    port: int, cookie: str, ids: list[int], seen: list[float] | None = None
) -> float:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    took = []
    for item_id in ids:
        milliseconds, text = web.get(link, f"/items/{item_id}/", cookie)
        assert f"IR-{item_id}" in text
        took.append(milliseconds)
    link.close()
    if seen is not None:
        seen += took
    return percentile(took, 0.95)


def _rows(ids: list[int]) -> float:
    import psycopg

    from config import embedded

    took = []
    with psycopg.connect(embedded.database_url("app"), autocommit=True) as link:
        for item_id in ids:
            began = time.perf_counter()
            for statement in (REFERENCE, *BESIDE):
                link.execute(statement, [item_id]).fetchall()
            took.append((time.perf_counter() - began) * 1000)
    return percentile(took, 0.95)
