"""Varied items, and a picture of all that sweeps leave behind, to compare two runs."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from typing import Any

from tests.factories import Site
from tests.worklists.services.timekeeping import MONDAY, held, opened, pend
from worklists.models import Escalation, Event, ItemClock, Notice, WorkItem


def varied_items(
    site: Site, seed: int, count: int, first: datetime = MONDAY
) -> list[WorkItem]:
    """Open items at odd moments of ten hours: deadlines, deferrals, holders."""
    rng = random.Random(seed)  # noqa: S311 - the same items for the same seed
    return [_varied_item(site, rng, first) for _ in range(count)]


def _varied_item(site: Site, rng: random.Random, first: datetime) -> WorkItem:
    start = first + timedelta(minutes=rng.randrange(600))
    due = start + timedelta(minutes=rng.randrange(60, 9000))
    legal = {"legal_due_at": due} if rng.random() < 0.6 else {}
    until = start + timedelta(minutes=rng.randrange(1, 4000))
    if rng.random() < 0.3:
        return opened(site, start, **legal)
    item = held(site, start, **legal)
    if rng.random() < 0.4 or (legal and until >= due):
        return item
    return pend(site.coder, item, start, until)


def picture() -> list[dict[str, Any]]:
    """Return everything a sweep changes, without row numbers and when it came by."""
    return [_of(item) for item in WorkItem.objects.order_by("id")]


def differences(
    one: list[dict[str, Any]], other: list[dict[str, Any]]
) -> list[tuple[int, str, Any, Any]]:
    """Return where two pictures differ: item, part, and both."""
    found = [
        (number, part, a[part], b[part])
        for number, (a, b) in enumerate(zip(one, other, strict=True))
        for part in a
        if a[part] != b[part]
    ]
    return found[:3]


def _of(item: WorkItem) -> dict[str, Any]:
    clocks = ItemClock.objects.filter(item=item).order_by("id")
    rungs = Escalation.objects.filter(item=item).order_by("id")
    told = Notice.objects.filter(item=item).order_by("id")
    events = Event.objects.filter(subject_kind="item", subject_id=item.pk)
    return {
        "item": (item.state, _name(item.assignee), item.version, item.wake_at),
        "score": (item.priority, item.age_bucket, item.reage_at),
        "due": (item.internal_due_at, item.legal_due_at),
        "clocks": [(c.due_at, c.paused_at, c.next_step_at) for c in clocks],
        "rungs": [(e.clock.name, e.step, _name(e.to), e.due_at) for e in rungs],
        "told": [(_name(n.user), n.code, n.by_mail, _facts(n.facts)) for n in told],
        "events": [
            (e.seq, e.action, e.from_state, e.to_state, _facts(json.loads(e.facts)))
            for e in events.order_by("seq")
        ],
    }


def _name(user: Any) -> str | None:
    return user.username if user else None


def _facts(facts: dict[str, Any]) -> dict[str, Any]:
    # Numbers of rows, and the names of a queue that is made anew for each run.
    left_out = {"escalation", "queue", "rule", "words"}
    return {name: value for name, value in facts.items() if name not in left_out}
