"""Where routing rules would lead the newest work: looked at, nothing moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from worklists import kinds
from worklists.enums import ENDED
from worklists.models import Queue, WorkItem
from worklists.routing import Rule, first_match

LOOKED_AT = 500
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Taken:
    """One rule: what it would take, and what it took of the same items until now."""

    name: str
    queue: str
    items: int
    before: int


@dataclass(frozen=True, slots=True)
class Led:
    """So many items that would come into another queue."""

    items: int
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class RoutingEffect:
    """What rules would do to the newest items of a kind, were they to arrive today."""

    looked: int
    taken: Sequence[Taken]
    led: Sequence[Led]

    @property
    def moved(self) -> int:
        """Return how many would come into another queue."""
        return sum(one.items for one in self.led)


def routing_effect(kind: str, before: Rows, after: Rows) -> RoutingEffect:
    """Return where the newest items of a kind that have not ended would be led.

    ``LOOKED_AT`` at most are looked at. They are compared with what the rules before
    say of them, not with where they lie: people move items, rules do not.
    """
    rows = WorkItem.objects.filter(kind=kind).exclude(state__in=ENDED)
    items = list(rows.order_by("-pk")[:LOOKED_AT])
    facts = kinds.get(kind).routing_facts(items)
    names: dict[str, str] = dict(Queue.objects.values_list("slug", "name"))
    old, new = _compiled(before), _compiled(after)
    took, would = Counter[str](), Counter[int]()
    led = Counter[tuple[str, str]]()
    for item in items:
        known = {"kind": kind, "amount": item.amount, **facts.get(item.pk, {})}
        was, is_ = first_match(old, known), first_match(new, known)
        took[was.name if was else ""] += 1
        would[is_.position if is_ else -1] += 1
        there = _leads(before, was), _leads(after, is_)
        led[there] += there[0] != there[1]
    return RoutingEffect(
        looked=len(items),
        taken=[
            Taken(
                row["name"],
                names.get(str(row["queue"])) or str(row["queue"]),
                would[place],
                took[row["name"]],
            )
            for place, row in enumerate(after)
        ],
        led=[
            Led(count, names.get(was, was), names.get(now, now))
            for (was, now), count in led.most_common()
            if count
        ],
    )


def _compiled(rows: Rows) -> list[Rule]:
    return [
        Rule(
            id=place,
            position=place,
            name=row["name"],
            conditions=row["conditions"],
            queue_id=place,
        )
        for place, row in enumerate(rows)
    ]


def _leads(rows: Rows, rule: Rule | None) -> str:
    return str(rows[rule.position]["queue"]) if rule else "no queue"
