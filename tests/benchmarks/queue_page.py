"""``queue_page``: a queue's list over HTTP from the real web process, p50 and p95.

A lead who sees every queue pages, sorts and filters as people do; the reference is
the bare SQL of the rows of the first page. Both are milliseconds at the 95th
percentile, so the ratio says how many times the rows' own price a page costs.
"""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

from tests.benchmarks.figures import Figure, interleaved, percentile

ROUNDS = 4
ADDRESSES = (
    *(
        "",
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
START_SECONDS = 60


def measure(runs: int = 3) -> Figure:
    """Return the p95 of pages and of their rows in milliseconds."""
    seen: dict[str, list[float]] = {}
    with _web() as port:
        cookie = _cookie()
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
            milliseconds, text = _get(link, address, cookie)
            took.append(milliseconds)
            seen.setdefault(name, []).append(milliseconds)
            onward = NEXT.search(text)
            if onward:
                behind = f"/queues/bench-{number}/{unescape(onward[1])}"
                milliseconds, _ = _get(link, behind, cookie)
                took.append(milliseconds)
                seen.setdefault(f"{name} (next)", []).append(milliseconds)
    link.close()
    return percentile(took, 0.95)


def _get(
    link: http.client.HTTPConnection, address: str, cookie: str
) -> tuple[float, str]:
    began = time.perf_counter()
    link.request("GET", address, headers={"Cookie": cookie})
    answer = link.getresponse()
    text = answer.read().decode()
    took = (time.perf_counter() - began) * 1000
    assert answer.status == 200, (address, answer.status)
    assert 'class="id"' in text or "state=completed" in address, address
    return took, text


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


def _cookie() -> str:
    from django.conf import settings
    from django.test import Client

    from worklists.models import User

    client = Client()
    client.force_login(User.objects.get(username="bench-lead"))
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"


@contextmanager
def _web() -> Iterator[int]:
    """Run the product's own web process and yield its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    line = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn_settings.py"]
    environment = os.environ | {"PORT": str(port), "LOG_LEVEL": "WARNING"}
    web = subprocess.Popen([*line, "config.wsgi:application"], env=environment)
    try:
        _wait(port)
        yield port
    finally:
        web.terminate()
        web.wait(timeout=60)


def _wait(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            link.request("GET", "/health/live")
            if link.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.3)
    raise TimeoutError("the web process did not answer")
