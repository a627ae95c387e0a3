"""``queue_page``: a queue's list over HTTP from the real web process, p50 and p95.

A lead who sees every queue pages, sorts and filters as people do; the reference is
the bare SQL of the rows of the first page. Both are milliseconds at the 95th
percentile, so the ratio says how many times the rows' own price a page costs.
"""

from __future__ import annotations

import http.client
import re
import time
from html import unescape

from tests.benchmarks import web
from tests.benchmarks.figures import Figure, interleaved, percentile

ROUNDS = 4
ADDRESSES = (
    # None without a word: such a list stands as it was left, by way of a redirect.
    *(
        "?ordering=-priority",
        "?assignee=any",
        "?assignee=any&ordering=-due",
        "?assignee=any&ordering=-age",
    ),
    *("?assignee=any&ordering=-amount", "?assignee=any&ordering=-touched"),
    *("?assignee=any&overdue=true", "?assignee=any&due_within=3"),
    *("?assignee=any&amount_from=5000", "?assignee=any&state=open", "?assignee=none"),
    *("?assignee=any&untouched=5", "?assignee=any&state=completed"),
)
REFERENCE = """
SELECT i.*, q.name, f.name FROM worklists_workitem i
  JOIN worklists_queue q ON q.id = i.queue_id
  JOIN worklists_facility f ON f.id = i.facility_id
 WHERE i.queue_id = %s AND i.state NOT IN ('completed', 'cancelled')
 ORDER BY i.priority DESC, i.due_rank, i.id LIMIT 51
"""
NEXT = re.compile(r'href="(\?[^"]*cursor=[^"]*)"')


def measure(runs: int = 3) -> Figure:
    """Return the p95 of pages and of their rows in milliseconds."""
    seen: dict[str, list[float]] = {}
    with web.running() as port:
        cookie = web.cookie_of("bench-lead")
        _walk(port, cookie, {})
        figure = interleaved(
            "queue_page",
            "ms (p95)",
            lambda: _walk(port, cookie, seen),
            _rows,
            runs=runs,
        )
    took = [one for times in seen.values() for one in times]
    slowest = max(seen, key=lambda name: percentile(seen[name], 0.5))
    figure.more = {
        "p50_ms": round(percentile(took, 0.5), 1),
        "p95_ms": round(percentile(took, 0.95), 1),
        "slowest": slowest or "first page",
        "slowest_p50_ms": round(percentile(seen[slowest], 0.5), 1),
    }
    return figure


def _walk(port: int, cookie: str, seen: dict[str, list[float]]) -> float:
    """Ask for every address, and for what lies behind it; return the p95."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    took = []
    for number in range(ROUNDS):
        for name in ADDRESSES:
            address = f"/queues/bench-{number}/{name}"
            milliseconds, text = web.get(link, address, cookie)
            assert 'class="id"' in text or "state=completed" in address, address
            took.append(milliseconds)
            seen.setdefault(name, []).append(milliseconds)
            onward = NEXT.search(text)
            if onward:
                behind = f"/queues/bench-{number}/{unescape(onward[1])}"
                milliseconds, _ = web.get(link, behind, cookie)
                took.append(milliseconds)
                seen.setdefault(f"{name} (next)", []).append(milliseconds)
    link.close()
    return percentile(took, 0.95)


def _rows() -> float:
    import psycopg

    from config import embedded
    from worklists.models import Queue

    queue = Queue.objects.get(slug="bench-0").pk
    took = []
    with psycopg.connect(embedded.database_url("app"), autocommit=True) as link:
        for _ in range(50):
            began = time.perf_counter()
            link.execute(REFERENCE, [queue]).fetchall()
            took.append((time.perf_counter() - began) * 1000)
    return percentile(took, 0.95)
