"""``crowd``: 500 signed-in people at once, with half a minute between two requests.

Of their requests 60 % are lists, 25 % items, 15 % acts (Next, or giving back what they
hold). Told are errors, p50 and p95 in milliseconds as the people wait for them; there
is no reference. The people's own program runs on the same machine and takes its share.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from tests.benchmarks import web
from tests.benchmarks.dataset import QUEUES
from tests.benchmarks.figures import Figure, percentile

PEOPLE = 500
THINK = 30.0
SECONDS = 120.0
HOLDS = 3
TOKEN = "c" * 32
LIST, ITEM = 0.60, 0.85
JSON = {"Content-Type": "application/json", "Accept": "application/json"}


@dataclass(slots=True)
class Seen:
    """What all people saw, by kind of request."""

    took: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, milliseconds: float, error: str = "") -> None:
        """Keep one answer."""
        with self.lock:
            self.took.setdefault(kind, []).append(milliseconds)
            if error:
                self.errors.append(error)


def measure() -> Figure:
    """Return the p95 of all requests of a crowd."""
    people = [_Person(name, number) for number, name in enumerate(_names())]
    seen = Seen()
    with web.running() as port:
        until = time.monotonic() + THINK + SECONDS
        threads = [
            threading.Thread(target=person.live, args=(port, until, seen))
            for person in people
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    everything = [one for times in seen.took.values() for one in times]
    p95 = percentile(everything, 0.95)
    more: dict[str, Any] = {
        "people": PEOPLE,
        "requests": len(everything),
        "errors": len(seen.errors),
        "p50_ms": round(percentile(everything, 0.5), 1),
    }
    more |= {
        f"{kind}_p95_ms": round(percentile(times, 0.95), 1)
        for kind, times in sorted(seen.took.items())
    }
    if seen.errors:
        more["first_error"] = seen.errors[0]
    return Figure("crowd", "ms (p95)", p95, None, None, 1, p95, p95, more)


def _names() -> list[str]:
    from django.contrib.auth.models import Group
    from guardian.shortcuts import assign_perm

    from worklists.models import Facility, Queue, User

    names = [f"crowd-{number}" for number in range(PEOPLE)]
    known = set(User.objects.filter(username__in=names).values_list("username"))
    if len(known) < PEOPLE:
        group, _ = Group.objects.get_or_create(name="bench-crowd")
        coder, _ = Group.objects.get_or_create(name="coder")
        for queue in Queue.objects.filter(slug__startswith="bench-"):
            assign_perm("view_queue", group, queue)
            assign_perm("work_queue", group, queue)
        assign_perm("view_facility", group, Facility.objects.get(slug="bench"))
        missing = [name for name in names if (name,) not in known]
        made = User.objects.bulk_create(
            User(username=name, tier="independent") for name in missing
        )
        for user in made:
            user.groups.set([group, coder])
    return names


class _Person:
    """Somebody at work: thinks, asks for something, thinks."""

    def __init__(self, name: str, number: int) -> None:
        self._draw = random.Random(number)
        self._cookie = web.cookie_of(name)
        self._held: list[tuple[int, int]] = []
        self._items: list[int] = []

    def live(self, port: int, until: float, seen: Seen) -> None:
        """Ask until it is time to go home."""
        time.sleep(self._draw.random() * THINK)  # not all at the same moment
        while time.monotonic() < until:
            kind = self._kind()
            began = time.monotonic()
            error = ""
            try:
                getattr(self, f"_{kind}")(port)
            except (OSError, AssertionError, http.client.HTTPException) as broken:
                error = f"{kind}: {broken!r}"[:200]
            seen.note(kind, (time.monotonic() - began) * 1000, error)
            left = max(until - time.monotonic(), 0.0)
            time.sleep(min(self._draw.expovariate(1 / THINK), left))

    def _kind(self) -> str:
        drawn = self._draw.random()
        if drawn < LIST:
            return "list"
        return "item" if drawn < ITEM and self._items else "act"

    def _ask(
        self, port: int, method: str, address: str, body: object = None
    ) -> tuple[int, str]:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Cookie": f"{self._cookie}; {settings.CSRF_COOKIE_NAME}={TOKEN}"}
        if method == "POST":
            headers |= JSON | {"X-CSRFToken": TOKEN}
        try:
            link.request(method, address, json.dumps(body or {}), headers)
            answer = link.getresponse()
            return answer.status, answer.read().decode()
        finally:
            link.close()

    def _list(self, port: int) -> None:
        queue = self._draw.randrange(QUEUES)
        page = self._draw.choice(
            ("?assignee=me_or_none", "?assignee=any", "?assignee=any&overdue=true")
        )
        status, text = self._ask(port, "GET", f"/queues/bench-{queue}/{page}")
        assert status == 200, status
        found = [part.split("/")[0] for part in text.split('href="/items/')[1:]]
        self._items = [int(number) for number in found if number.isdecimal()]

    def _item(self, port: int) -> None:
        item_id = self._draw.choice(self._items)
        status, _ = self._ask(port, "GET", f"/items/{item_id}/")
        assert status == 200, status

    def _act(self, port: int) -> None:
        if len(self._held) >= HOLDS:
            item_id, version = self._held.pop()
            address = f"/api/v1/items/{item_id}/actions/release/"
            status, text = self._ask(port, "POST", address, {"version": version})
            assert status == 200, (status, text[:120])
            return
        status, text = self._ask(port, "POST", "/api/v1/items/next/")
        assert status in {200, 204}, (status, text[:120])
        if status == 200:
            item = json.loads(text)
            self._held.append((item["id"], item["version"]))
