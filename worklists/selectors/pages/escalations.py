"""Escalations that wait for a person: which, in which order, by what they are found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber

from worklists.enums import ENDED
from worklists.errors import BadInput
from worklists.models import Escalation, Queue, User
from worklists.models.clocks import WAITING
from worklists.selectors.access import (
    access_of,
    visible_q,
    visible_slots,
    visible_values,
)
from worklists.selectors.clock_views import with_running_clocks
from worklists.selectors.keyset import Key, Ordering, Page, page
from worklists.selectors.queues import Figure
from worklists.statements import IsAny, Slot, Statement

_ENDED, _SINCE, _ID = Key("has_ended"), Key("fired_at", "moment"), Key("id")
# What has ended comes last in every order: its call wants an answer, no work.
ORDERINGS = {
    "": Ordering("pressing", (_ENDED, Key("by_ladder"), _SINCE, _ID)),
    "oldest": Ordering("oldest", (_ENDED, _SINCE, _ID)),
    "due": Ordering("due", (_ENDED, Key("due", "moment"), _ID)),
    "dollars": Ordering(
        "dollars", (_ENDED, Key("amount", "money", descending=True), _ID)
    ),
}

# What set an escalation off. The numbers of steps are a ladder's own: they say nothing to
# a person who looks at several ladders, or at one that was changed since.
BY_PERSON, BY_REVIEW, BY_WARNING, BY_BREACH = "person", "review", "warning", "breach"
ACTIVE, FINISHED = "active", "finished"
_BY = Case(
    When(raised_by__isnull=False, then=Value(BY_PERSON)),
    When(clock=None, then=Value(BY_REVIEW)),
    When(due_at__lt=Coalesce("clock_due_at", "clock__due_at"), then=Value(BY_WARNING)),
    default=Value(BY_BREACH),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """By what the list is narrowed: queue, what set it off, who was told, the item.

    Empty parts ask for nothing; ``told`` is a username, ``item`` active or finished.
    What is none of those offered finds nothing.
    """

    queue: str = ""
    by: str = ""
    told: str = ""
    item: str = ""

    def of(self, rows: QuerySet[Escalation]) -> QuerySet[Escalation]:
        """Return those of ``escalations_for`` that are asked for."""
        parts = (
            ("item__queue__slug", self.queue),
            ("by", self.by),
            ("to__username", self.told),
            ("has_ended", _HAS_ENDED.get(self.item, -1) if self.item else ""),
        )
        return rows.filter(Q(*(part for part in parts if part[1] != "")))


_HAS_ENDED = {ACTIVE: 0, FINISHED: 1}


def escalations_for(user: User, *, own: bool | None = None) -> QuerySet[Escalation]:
    """Return escalations without an answer that this person may answer.

    With ``own`` only those that wait for them, or only those of their teams.

    Those of queues they manage, lead or supervise, or for whose lead, supervisor or
    manager they stand in today, on items they see. Their own are those that wait for
    them: told to them, to whom they stand in for, or to nobody who is still here. These
    come first; of each, what is still worked on before what has ended since
    (``has_ended``), people who called for help before what a clock's ladder fired, the
    oldest first.
    """
    values = _values(user)
    waiting = _waiting(values).filter(visible_q(user, "item__"))
    if own is not None:
        waiting = waiting.filter(Q(("own", own)))
    return _drawn(waiting).order_by("-own", "has_ended", "by_ladder", "fired_at", "id")


def _values(user: User) -> dict[str, Any]:
    """Return what a person answers for: themselves, whom they stand in for, queues."""
    access = access_of(user)
    return {
        "me": user.pk,
        "covers": sorted(access.covers),
        "manage": sorted(access.manage),
    }


def _waiting(values: Mapping[str, Any]) -> QuerySet[Escalation]:
    """Return those that ``values`` or their slots answer for, seen or not, unsorted."""
    me, covers = values["me"], values["covers"]
    ours = Q(IsAny(F("item__queue_id"), values["manage"]))
    ours |= Q(item__queue__supervisor_id=me) | Q(item__queue__team__lead_id=me)
    for who in ("supervisor", "team__lead", "team__manager"):
        ours |= Q(IsAny(F(f"item__queue__{who}_id"), covers))
    mine = Q(to_id=me) | Q(IsAny(F("to_id"), covers))
    mine |= Q(to=None) | Q(to__is_active=False)
    return Escalation.objects.filter(ours, WAITING).annotate(
        own=Case(When(mine, then=True), default=False),
        by_ladder=Case(When(raised_by=None, then=1), default=0),
        has_ended=Case(When(item__state__in=ENDED, then=1), default=0),
    )


def _drawn(waiting: QuerySet[Escalation]) -> QuerySet[Escalation]:
    """Return them with all that is shown of them."""
    related = (
        *("to", "raised_by", "clock"),
        *("item__queue", "item__claim", "item__assignee"),
    )
    return (
        waiting.select_related(*related)
        .prefetch_related(with_running_clocks("item__clocks"))
        .annotate(by=_BY, due=F("item__nearest_due"), amount=F("item__amount"))
    )


@dataclass(frozen=True, slots=True)
class Calls:
    """Escalations that a person may answer: their own, those of their teams.

    Of each the first, and how many wait: whoever sorts them counts them, too.
    """

    own: list[Escalation]
    others: list[Escalation]
    waiting: Figure
    waiting_others: Figure


_SLOTS = {name: Slot(name) for name in ("me", "covers", "manage")}


def _seen() -> QuerySet[Escalation]:
    return _waiting(_SLOTS).filter(visible_slots("item__"))


def _heads() -> QuerySet[Escalation, tuple[int, bool, int]]:
    """The first of each part in its order, each with how many the part has."""
    places = Window(
        RowNumber(),
        partition_by=[F("own")],
        order_by=[F("has_ended"), F("by_ladder"), F("fired_at"), F("id")],
    )
    counts = Window(Count("*"), partition_by=[F("own")])
    numbered = _seen().annotate(place=places, part=counts)
    found = numbered.filter(place__lte=Slot("first", IntegerField())).order_by(
        "-own", "place"
    )
    return found.values_list("pk", "own", "part")


_HEADS = Statement(_heads)
_SHOWN = Statement(lambda: _drawn(_seen()).filter(IsAny(F("pk"), Slot("calls"))))


def calls_for(user: User, first: int) -> Calls:
    """Return the first ``first`` of each part of ``escalations_for``, each counted.

    One look at all that waits, which sorts no more than ids, and one at what is shown.
    """
    values = {**_values(user), **visible_values(user)}
    heads = _HEADS.rows(first=first, **values)
    rows = _SHOWN.rows(calls=[pk for pk, _, _ in heads], **values) if heads else []
    shown = {row.pk: row for row in rows}
    counted = {own: count for _, own, count in heads}
    parts = {
        which: [shown[pk] for pk, own, _ in heads if own is which and pk in shown]
        for which in (True, False)
    }
    return Calls(
        parts[True],
        parts[False],
        Figure(counted.get(True, 0)),
        Figure(counted.get(False, 0)),
    )


def calls_page(
    user: User, *, own: bool, asked: Asked, ordering: str = "", cursor: str = ""
) -> Page[Escalation]:
    """Return a page of those that wait for a person, or for others of their teams.

    ``BadInput`` for an order that there is not.
    """
    order = ORDERINGS.get(ordering)
    if order is None:
        offered = ", ".join(filter(None, ORDERINGS))
        raise BadInput(
            f"There is no order “{ordering}”: choose one of {offered}.",
            fields={"ordering": [f"Choose one of {offered}."]},
        )
    rows = asked.of(escalations_for(user, own=own))
    return page(rows, order, cursor=cursor)


def calls_found(user: User, *, own: bool, asked: Asked, most: int) -> list[int]:
    """Return the ids of those that filters find, one more than ``most`` at most."""
    rows = asked.of(escalations_for(user, own=own))
    return list(rows.order_by("pk").values_list("pk", flat=True)[: most + 1])


@dataclass(frozen=True, slots=True)
class Sort:
    """What some of the waiting escalations have in common, as filters offer it."""

    queue: Queue
    by: str
    told: User | None
    has_ended: bool


_SORT: tuple[str, ...] = ("item__queue_id", "by", "to_id", "has_ended")


def sorts_of(user: User, *, own: bool) -> list[Sort]:
    """Return what there is among the waiting ones, each combination once.

    Three queries, whatever waits.
    """
    rows = escalations_for(user, own=own).order_by()
    found = list(rows.values_list(*_SORT).distinct())
    queues = Queue.objects.in_bulk({row[0] for row in found})
    people = User.objects.in_bulk({row[2] for row in found if row[2]})
    return [
        Sort(queues[queue], by, people.get(told), bool(ended))
        for queue, by, told, ended in found
    ]
