"""Denials become work: one item a claim and queue, or a place in one that is there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby

from django.db import connection

from denials.enums import DenialStatus
from denials.models import Denial
from denials.services.appeal_clocks import AppealClocks
from denials.services.pieces import Piece, fresh_pieces, leading, summary
from worklists.models import ItemClock, WorkItem
from worklists.models.clocks import RUNNING
from worklists.services import aging, bulk, clocks
from worklists.services.batches import Parties, Stored
from worklists.services.opening import NewItem, Opener, open_items
from worklists.services.reading import subject

KIND = "denial"
JOINABLE = ("open", "in_progress", "pending", "returned")
# One statement takes 65,535 values, and changing an item takes some twenty.
ITEMS_AT_ONCE = 1000
Key = tuple[int, int]
# By item and fact: what it was, and what it is now.
Changes = dict[int, dict[str, list[str]]]


def open_denials(stored: Stored, parties: Parties) -> int:
    """Give every open denial of the file an item; return how many items are new.

    Denials of one claim that are routed to the same queue share an item. A denial
    joins the item of its claim and queue that is still worked on, with an event; one
    in review is left alone and a new item is opened.
    """
    desk = _Desk(stored, parties)
    return sum(desk.take(pieces) for pieces in fresh_pieces())


class _Desk:
    """Queues, rules and deadlines, read once for all items of a file."""

    def __init__(self, stored: Stored, parties: Parties) -> None:
        self._stored = stored
        self._about = subject("batch", stored.batch.pk)
        self._parties = parties
        self._opener = Opener()
        self._clocks = AppealClocks(parties)

    def take(self, pieces: Sequence[Piece]) -> int:
        """Place the denials of some claims; return how many items were opened."""
        groups: dict[Key, list[Piece]] = defaultdict(list)
        for piece in pieces:
            queue, _ = self._opener.route(self._to_route(piece))
            groups[piece.claim_id, queue.pk].append(piece)
        there = _items_to_join(groups)
        joined = {item_id: groups.pop(key) for key, item_id in there.items()}
        self._join(joined)
        return self._open(list(groups.values()))

    def _open(self, groups: list[list[Piece]]) -> int:
        new = [self._as_new(group) for group in groups]
        ids = open_items(
            new, at=self._stored.at, about=self._about, opener=self._opener
        )
        _hang(zip(ids, groups, strict=True))
        return len(ids)

    def _to_route(self, piece: Piece) -> NewItem:
        facts = piece.facts(self._parties)
        return NewItem(kind=KIND, facility_id=piece.facility_id, facts=facts)

    def _as_new(self, group: Sequence[Piece]) -> NewItem:
        first = leading(group)
        facility = self._parties.facilities[first.facility_id]
        code, label = summary(group)
        return NewItem(
            kind=KIND,
            facility_id=first.facility_id,
            claim_id=first.claim_id,
            payer_id=first.payer_id,
            amount=sum((piece.amount for piece in group), Decimal(0)),
            reason_code=code,
            reason_label=label,
            risk_class=first.defect_class,
            specialty=first.specialty or facility.specialty,
            service_on=first.service_on,
            # The rule that takes the first denial takes the item they share.
            facts=first.facts(self._parties),
            legal_clocks=self._clocks.of(group),
            parts=len(group),
            flags=self._clocks.flags(group),
        )

    def _join(self, joined: dict[int, list[Piece]]) -> None:
        if not joined:
            return
        _hang(joined.items())
        items, changes = recount(list(joined))
        self._add_clocks(items, joined)
        facts = {
            item_id: {
                "denials": [piece.id for piece in group],
                "amount": str(sum(piece.amount for piece in group)),
                "codes": [piece.code for piece in group],
                "changes": changes[item_id],
            }
            for item_id, group in joined.items()
        }
        self._ask_more(items, joined)
        bulk.append_events(facts, action="item.joined", about=self._about)

    def _ask_more(
        self, items: Sequence[WorkItem], joined: dict[int, list[Piece]]
    ) -> None:
        counts = _open_counts(list(joined))
        for item in items:
            queue, parts = self._opener.queues[item.queue_id], counts[item.pk]
            before = parts - len(joined[item.pk])
            asked = self._opener.asked(queue, parts)
            item.evidence_asked += asked - self._opener.asked(queue, before)
        _store(items, ["evidence_asked"])

    def _add_clocks(
        self, items: Sequence[WorkItem], joined: dict[int, list[Piece]]
    ) -> None:
        fresh: list[ItemClock] = []
        for item in items:
            rows = clocks.clock_rows(
                item.pk,
                queue_sla=self._opener.queues[item.queue_id].sla_policy,
                calendar=self._opener.calendars[item.facility_id],
                opened_at=self._stored.at,
                legal=self._clocks.of(joined[item.pk]),
            )
            fresh += [row for row in rows if row.kind == "legal"]
        ItemClock.objects.bulk_create(
            fresh,
            batch_size=ITEMS_AT_ONCE,
            ignore_conflicts=True,  # the same remittance's clock runs already
        )
        _read_deadlines(items)


def _items_to_join(groups: dict[Key, list[Piece]]) -> dict[Key, int]:
    """Return the item to join by claim and queue, locked: the oldest still worked on."""
    claim_ids = sorted({claim_id for claim_id, _ in groups})
    rows = (
        WorkItem.objects.filter(kind=KIND, claim_id__in=claim_ids, state__in=JOINABLE)
        .select_for_update(no_key=True)
        .order_by("pk")
        .values_list("claim_id", "queue_id", "pk")
    )
    found: dict[Key, int] = {}
    for claim_id, queue_id, item_id in rows:
        if (claim_id, queue_id) in groups:
            found.setdefault((claim_id, queue_id), item_id)
    return found


def _hang(placed: Iterable[tuple[int, list[Piece]]]) -> None:
    pairs = [(item_id, piece.id) for item_id, group in placed for piece in group]
    if not pairs:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE denials_denial d SET item_id = t.item_id "
            "FROM unnest(%s::bigint[], %s::bigint[]) AS t(item_id, denial_id) "
            "WHERE d.id = t.denial_id",
            [list(column) for column in zip(*pairs, strict=True)],
        )


def recount(item_ids: Sequence[int]) -> tuple[list[WorkItem], Changes]:
    """Set amount, codes and class of items from their open denials, and score them.

    Returns the items, and by item what it was and is now, in codes, for its event.
    """
    denials = Denial.objects.filter(item_id__in=item_ids, status=DenialStatus.OPEN)
    ordered = denials.order_by("item_id", "pk")
    by_item = {
        item_id: list(rows)
        for item_id, rows in groupby(ordered, key=lambda row: row.item_id)
    }
    items = list(WorkItem.objects.filter(pk__in=list(by_item)).order_by("pk"))
    before = {item.pk: _told(item) for item in items}
    for item in items:
        group = by_item[item.pk]
        item.amount = sum((piece.amount for piece in group), Decimal(0))
        item.reason_code, item.reason_label = summary(group)
        item.risk_class = leading(group).defect_class
        aging.rescore(item)
    _store(items, _RECOUNTED)
    return items, {item.pk: _differing(before[item.pk], _told(item)) for item in items}


def _told(item: WorkItem) -> dict[str, str]:
    return {
        "amount": f"{item.amount:.2f}",
        "reason_code": item.reason_code,
        "risk_class": item.risk_class,
    }


def _differing(was: dict[str, str], now: dict[str, str]) -> dict[str, list[str]]:
    return {name: [was[name], now[name]] for name in was if was[name] != now[name]}


_RECOUNTED = [
    *("amount", "reason_code", "reason_label", "risk_class"),
    *("priority", "priority_reasons", "age_bucket", "reage_at"),
]


def _open_counts(item_ids: Sequence[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT item_id, count(*) FROM denials_denial "
            "WHERE item_id = ANY(%s) AND status = 'open' GROUP BY item_id",
            [list(item_ids)],
        )
        return dict(cursor.fetchall())


def _read_deadlines(items: Sequence[WorkItem]) -> None:
    running = ItemClock.objects.filter(RUNNING, item__in=items, kind="legal")
    rows = running.order_by("-due_at")
    due = dict(rows.values_list("item_id", "due_at"))
    for item in items:
        item.legal_due_at = due.get(item.pk)
        aging.rescore(item)
    _store(items, ["legal_due_at", *_RECOUNTED])


def _store(items: Sequence[WorkItem], fields: Sequence[str]) -> None:
    WorkItem.objects.bulk_update(items, fields, batch_size=ITEMS_AT_ONCE)


def flag(item_ids: Sequence[int], code: str) -> None:
    """Put an overlay flag on items that do not carry it yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE worklists_workitem SET flags = flags || to_jsonb(%s::text) "
            "WHERE id = ANY(%s) AND NOT flags @> to_jsonb(%s::text)",
            [code, list(item_ids), code],
        )
