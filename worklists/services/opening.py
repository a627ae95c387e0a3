"""Opening items: routed, scored, clocked and traced, many at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import connection, transaction

from worklists import evidence, priority, review, routing, trail
from worklists.clocks import Calendar
from worklists.context import now
from worklists.enums import State
from worklists.errors import BadInput
from worklists.evidence import Part
from worklists.models import (
    Facility,
    ItemClock,
    Payer,
    Queue,
    RoutingRule,
    User,
    WorkItem,
)
from worklists.selectors.calendars import as_calendar
from worklists.selectors.evidence import fields_of
from worklists.selectors.review_facts import as_policy, count_recurring
from worklists.services import clocks
from worklists.services.clocks import LegalClock
from worklists.services.same_work import key_of, refuse_same


@dataclass(frozen=True, slots=True)
class NewItem:
    """What is known of a piece of work when it arrives.

    ``facts`` are what routing rules look at; ``parts`` how many things are decided
    one by one inside it (the denials of a claim).
    """

    kind: str
    facility_id: int
    claim_id: int | None = None
    payer_id: int | None = None
    amount: Decimal = Decimal(0)
    reason_code: str = ""
    reason_label: str = ""
    risk_class: str = ""
    specialty: str = ""
    service_on: date | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    legal_clocks: Sequence[LegalClock] = ()
    parts: int = 0
    flags: Sequence[str] = ()


class Opener:
    """Queues, rules and calendars read once for a whole batch of openings."""

    def __init__(self) -> None:
        self._asked: dict[tuple[int, int], int] = {}
        self._counts: dict[tuple[int, str, int, int], dict[str, int]] = {}

    @cached_property
    def queues(self) -> dict[int, Queue]:
        """Every queue with its policies; rules lead to active ones only."""
        rows = Queue.objects.select_related("sla_policy", "template", "review_policy")
        return {queue.pk: queue for queue in rows}

    @cached_property
    def rules(self) -> dict[str, list[routing.Rule]]:
        """The active rules of every kind, in order."""
        found: dict[str, list[routing.Rule]] = {}
        for row in RoutingRule.objects.filter(is_active=True, queue__is_active=True):
            rule = routing.Rule(
                id=row.pk,
                position=row.position,
                name=row.name,
                conditions=row.conditions,
                queue_id=row.queue_id,
                version=row.version,
            )
            found.setdefault(row.kind, []).append(rule)
        return found

    @cached_property
    def calendars(self) -> dict[int, Calendar]:
        """The working hours of every facility."""
        rows = Facility.objects.select_related("calendar")
        return {row.pk: as_calendar(row.calendar) for row in rows}

    @cached_property
    def watched(self) -> frozenset[int]:
        """The payers on watch."""
        return frozenset(
            Payer.objects.filter(on_watch=True).values_list("pk", flat=True)
        )

    def route(self, new: NewItem) -> tuple[Queue, routing.Rule]:
        """Return the queue of the first rule that matches, and that rule."""
        facts = {"kind": new.kind, "amount": new.amount, **new.facts}
        rule = routing.first_match(self.rules.get(new.kind, ()), facts)
        if rule is None:
            raise BadInput(
                f"No queue takes {new.kind} items: add a routing rule without "
                "conditions as the last one of this kind."
            )
        return self.queues[rule.queue_id], rule

    def asked(self, queue: Queue, parts: int) -> int:
        """Return how many fields the queue's form asks of a fresh item."""
        key = (queue.template_id, parts)
        if key not in self._asked:
            blank = tuple(Part(str(n), "") for n in range(parts))
            fields = fields_of(queue.template_id)
            self._asked[key] = evidence.progress(fields, {}, {}, blank)[1]
        return self._asked[key]

    def review_because(self, new: NewItem, queue: Queue) -> str:
        """Return the triggers that the item itself will fire, whoever submits it."""
        policy = as_policy(queue.review_policy)
        facts = review.SubmitFacts(
            amount=new.amount,
            risk_classes=frozenset({new.risk_class} if new.risk_class else ()),
            tier="independent",
            payer_on_watch=new.payer_id in self.watched,
            recurring=self._recurring(new, policy),
        )
        fired = review.triggers(facts, policy, random_pick=False)
        return review.because(trigger.label for trigger in fired)

    def _recurring(self, new: NewItem, policy: review.Policy) -> dict[str, int]:
        """Return what the payer had of the item's class: asked once for each pair."""
        if policy.recurring_from is None or new.payer_id is None or not new.risk_class:
            return {}
        most = review.most_counted(policy)
        key = (new.payer_id, new.risk_class, policy.recurring_days, most)
        if key not in self._counts:
            since = now() - timedelta(days=policy.recurring_days)
            self._counts[key] = count_recurring(
                new.payer_id, [new.risk_class], since=since, most=most
            )
        return self._counts[key]


def open_items(
    new: Sequence[NewItem],
    *,
    at: datetime,
    actor: User | None = None,
    about: trail.Subject | None = None,
    opener: Opener | None = None,
) -> list[int]:
    """Store new items in the order given and return their ids.

    Each is routed by the first matching rule, scored, given its internal clock and
    its legal ones, and opened with one event; all of it set-based in one transaction.
    ``about`` is what they came from (a batch). Raises ``BadInput`` when no queue takes
    a kind, and ``Duplicate`` when the same work is open already by the rule of its
    kind (``Kind.same_work``); then nothing is stored.
    """
    if not new:
        return []
    opener = opener or Opener()
    with transaction.atomic():
        refuse_same([same_key(item) for item in new])
        ids = _next_ids(len(new))
        rows = [
            _row(item_id, item, at, opener)
            for item_id, item in zip(ids, new, strict=True)
        ]
        hashes = trail.append_first_events(
            [row.first for row in rows], actor=actor, about=about
        )
        _copy_items(rows, hashes)
        _copy_clocks(row_clock for row in rows for row_clock in row.clocks)
    return ids


def same_key(new: NewItem) -> str:
    """Return what makes an item the same work as another, empty when nothing does."""
    return key_of(new.kind, new.claim_id, new.reason_code[:80], new.reason_label[:160])


@dataclass(slots=True)
class _Row:
    item: WorkItem
    clocks: list[ItemClock]
    first: trail.FirstRow


def _next_ids(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('worklists_workitem', 'id')) "
            "FROM generate_series(1, %s)",
            [count],
        )
        return [row[0] for row in cursor.fetchall()]


def _row(item_id: int, new: NewItem, at: datetime, opener: Opener) -> _Row:
    queue, rule = opener.route(new)
    running = clocks.clock_rows(
        item_id,
        queue_sla=queue.sla_policy,
        calendar=opener.calendars[new.facility_id],
        opened_at=at,
        legal=new.legal_clocks,
    )
    why = {"rule": rule.position, "version": rule.version, "words": routing.words(rule)}
    item = WorkItem(
        pk=item_id,
        kind=new.kind,
        state=State.OPEN,
        queue_id=queue.pk,
        facility_id=new.facility_id,
        claim_id=new.claim_id,
        payer_id=new.payer_id,
        template_id=queue.template_id,
        reason_code=new.reason_code[:80],
        reason_label=new.reason_label[:160],
        same_key=same_key(new),
        risk_class=new.risk_class[:40],
        amount=new.amount,
        specialty=new.specialty[:80],
        service_on=new.service_on,
        why_here=why,
        flags=list(new.flags),
        evidence_asked=opener.asked(queue, new.parts),
        review_because=opener.review_because(new, queue),
        opened_at=at,
        entered_at=at,
        touched_at=at,
        trail_seq=1,
    )
    _score(item, running, at)
    facts = {"kind": new.kind, "queue": queue.slug, "rule": rule.id, **why}
    return _Row(
        item, running, trail.FirstRow(item_id, new.facility_id, queue.pk, facts)
    )


def _score(item: WorkItem, running: Sequence[ItemClock], at: datetime) -> None:
    legal = [c.due_at for c in running if c.kind == "legal"]
    internal = [c.due_at for c in running if c.kind == "internal"]
    item.legal_due_at = min(legal, default=None)
    item.internal_due_at = min(internal, default=None)
    score = priority.score(
        priority.Facts(
            amount=item.amount,
            opened_at=item.opened_at,
            legal_due_at=item.legal_due_at,
            internal_due_at=item.internal_due_at,
            recovery=None,
        ),
        at,
    )
    item.priority = score.points
    item.priority_reasons = [
        {"factor": f.factor, "value": f.value, "points": f.points}
        for f in score.reasons
    ]
    item.age_bucket = score.bucket
    item.reage_at = score.changes_at


_ITEM_COLUMNS = [
    f.attname
    for f in WorkItem._meta.concrete_fields
    if not f.generated and f.attname != "trail_hash"
]
_CLOCK_COLUMNS = [
    f.attname for f in ItemClock._meta.concrete_fields if not f.primary_key
]


def _copy(table: str, columns: Sequence[str], rows: Iterator[list[Any]]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


_JSON = {"why_here", "flags", "priority_reasons"}


def _copy_items(rows: Sequence[_Row], hashes: Mapping[int, bytes]) -> None:
    def values(row: _Row) -> list[Any]:
        cells = [
            trail.canonical_json(v) if name in _JSON else v
            for name in _ITEM_COLUMNS
            for v in [getattr(row.item, name)]
        ]
        return [*cells, hashes[row.item.pk]]

    columns = [*_ITEM_COLUMNS, "trail_hash"]
    _copy(WorkItem._meta.db_table, columns, (values(row) for row in rows))


def _copy_clocks(running: Iterator[ItemClock]) -> None:
    rows = ([getattr(clock, name) for name in _CLOCK_COLUMNS] for clock in running)
    _copy(ItemClock._meta.db_table, _CLOCK_COLUMNS, rows)
