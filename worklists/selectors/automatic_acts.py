"""What the system did, and what it left to people: the newest events, with how each stands.

A page looks at ``LOOK`` events of the system at most, so that a queue of which little
happened costs no more than a busy one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Q

from worklists.enums import ENDED, Role, TaskClass
from worklists.event_words import sentence
from worklists.models import Absence, Event, Queue, User, WorkItem
from worklists.policies import Access, Barred, may_read_trail
from worklists.selectors import keyset
from worklists.selectors.access import access_of, visible_to
from worklists.selectors.event_names import Named, named
from worklists.selectors.keyset import Key, Ordering
from worklists.selectors.people import begun
from worklists.selectors.staff import staff_ids
from worklists.task_classes import (
    ACTS,
    FACT,
    LEFT_ITEM,
    MOVE,
    REVERSES,
    REVERSIBLE,
    SYSTEM,
    TaskAct,
    act_of,
)
from worklists.trail_words import UNVERSIONED

LOOK = 100_000
SIZE = 50
NEWEST = Ordering("newest", (Key("id", descending=True),))
BACK, ALL, LEFT = "back", "all", "left"
_ITEMS = tuple(e for act in SYSTEM for e in act.events if e.startswith("item."))
_OFFERED = tuple(e for e in REVERSIBLE if e in _ITEMS and e != "item.opened")
_SHOWS = {BACK: _OFFERED, ALL: _ITEMS, LEFT: (LEFT_ITEM,)}


def may_see_automatic(access: Access) -> Barred | None:
    """Managers see what the system did in their queues, auditors all they may read."""
    return may_read_trail(access)


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of an act since: who reversed it, or that its item went on."""

    reversed_by: str = ""
    went_on: bool = False
    words: str = ""


def standing_of(event: Event, item: WorkItem) -> Standing:
    """Return what became of one act of the system on this item."""
    return _standings([event], {item.pk: item})[event.pk]


def _standings(
    events: Sequence[Event], items: Mapping[int, WorkItem]
) -> dict[int, Standing]:
    """Return it for many: three queries, for those whose item has another version."""
    moved = [e for e in events if _version(e) != items[e.subject_id].version]
    later: dict[int, list[Event]] = {}
    if moved:
        first = {e.subject_id: e.seq for e in sorted(moved, key=lambda e: -e.seq)}
        rows = Event.objects.filter(
            subject_kind="item",
            subject_id__in=list(first),
            seq__gt=min(first.values()),
        )
        rows = rows.exclude(action__in=UNVERSIONED)
        for row in rows.order_by("subject_id", "seq"):
            later.setdefault(row.subject_id, []).append(row)
    then = {e.pk: _then(e, later.get(e.subject_id, [])) for e in moved}
    acts = [act for act in then.values() if act]
    words = dict(
        zip((act.pk for act in acts), map(_said, acts, named(acts)), strict=True)
    )
    found = {e.pk: Standing() for e in events}
    return found | {e.pk: _since(e, then[e.pk], words) for e in moved}


def _version(event: Event) -> int:
    return int(json.loads(event.facts).get("version", 1))


def _then(event: Event, later: Iterable[Event]) -> Event | None:
    """Return the act that took this one back, else the first one after it."""
    after = [one for one in later if one.seq > event.seq]
    back = (one for one in after if _reverses(one, event))
    return next(back, after[0] if after else None)


def _reverses(act: Event, event: Event) -> bool:
    return bool(json.loads(act.facts).get(REVERSES, {}).get("seq") == event.seq)


def _since(event: Event, then: Event | None, words: Mapping[int, str]) -> Standing:
    if then is None:
        return Standing(went_on=True, words="it was worked")
    if _reverses(then, event):
        return Standing(reversed_by=then.actor_name, words=words[then.pk])
    return Standing(went_on=True, words=words[then.pk])


def _said(event: Event, names: Named) -> str:
    who = names.who if event.actor_id else "the worker"
    return f"{who} {sentence(event.action, names.facts)}"


@dataclass(frozen=True)
class Done:
    """One act of the system, or one thing it left, as a page shows it."""

    event: Event
    item: WorkItem
    queue: str
    standing: Standing
    visible: bool
    named: Named

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """Return the event's facts."""
        facts: dict[str, Any] = json.loads(self.event.facts)
        return facts

    @property
    def act(self) -> TaskAct:
        """Return which act of the table it is."""
        found = act_of(self.event.action)
        return found or ACTS[self.facts[FACT]["act"]]

    @property
    def words(self) -> str:
        """Return what was done, in a sentence with names."""
        return sentence(self.event.action, self.named.facts)

    @property
    def class_label(self) -> str:
        """Return its class, empty for what was done before there was a table."""
        said = self.facts.get(FACT)
        return str(TaskClass(said["class"]).label) if said else ""

    @property
    def version(self) -> int | None:
        """Return the version of the table by which it was done."""
        said = self.facts.get(FACT)
        return int(said["version"]) if said else None

    @property
    def at(self) -> datetime:
        """Return when it happened."""
        return self.event.occurred_at

    @property
    def can_be_reversed(self) -> bool:
        """Return whether it makes sense and nothing happened since."""
        past = self.standing.reversed_by or self.standing.went_on
        return bool(self.visible and self.act.back and not past and not self.is_moved)

    @property
    def is_moved(self) -> bool:
        """Return whether it is reversed by moving the item, on its own page."""
        return self.act.back == MOVE

    @property
    def is_left(self) -> bool:
        """Return whether it was left to people, and nobody has done it yet."""
        if self.event.action != LEFT_ITEM or self.item.state in ENDED:
            return False
        # What the payer reversed is left however much is done to the item.
        return self.act.code == "cancel_reversed" or not self.standing.went_on


@dataclass(frozen=True, slots=True)
class DonePage:
    """A page of acts; ``further`` leads on where the look ended."""

    rows: list[Done]
    next: str
    previous: str
    further: str


def automatic_acts(
    user: User, *, show: str = BACK, act: str = "", cursor: str = "", size: int = SIZE
) -> DonePage:
    """Return what the system did to items, newest first: eight queries at most.

    ``show`` is what can be taken back, everything, or what was left to people; ``act``
    narrows to one act. Managers see their queues, auditors their facilities.
    """
    events = _SHOWS.get(show, _OFFERED)
    rows = Event.objects.filter(actor=None, subject_kind="item")
    scope = _scope(user)
    wanted = Q(action__in=events) & scope
    if act in ACTS and show != LEFT:
        wanted = Q(action__in=ACTS[act].events) & scope
    edge = keyset.far_off(rows.only("id"), NEWEST, cursor=cursor, rows_on=LOOK)
    found = rows.filter(wanted)
    if edge is not None:
        found = found.filter(keyset.up_to(edge, NEWEST))
    page = keyset.page(found, NEWEST, cursor=cursor, size=size)
    further = ""
    if edge is not None and not page.next:
        further = keyset.cursor_after(edge, NEWEST)
    done = _done(user, page.rows)
    return DonePage(done, page.next or "", page.previous or "", further)


def automatic_act(user: User, event_id: int) -> Done | None:
    """Return one act of the system on an item that the person sees, or nothing."""
    rows = Event.objects.filter(pk=event_id, subject_kind="item", actor=None)
    done = _done(user, list(rows.filter(_scope(user), action__in=_ITEMS)))
    return next((one for one in done if one.visible), None)


def _scope(user: User) -> Q:
    access = access_of(user)
    here = Q(facility_id__in=access.facilities)
    if access.has(Role.AUDITOR):
        return here
    return here & Q(queue_id__in=access.manage)


def _done(user: User, events: Sequence[Event]) -> list[Done]:
    ids = {event.subject_id for event in events}
    items = WorkItem.objects.in_bulk(ids)
    seen = set(visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
    queues = dict(
        Queue.objects.filter(pk__in={e.queue_id for e in events}).values_list(
            "pk", "name"
        )
    )
    standings = _standings(events, items)
    return [
        Done(
            event,
            items[event.subject_id],
            queues.get(event.queue_id or 0, ""),
            standings[event.pk],
            event.subject_id in seen,
            names,
        )
        for event, names in zip(events, named(events), strict=True)
    ]


def left_absences(user: User) -> list[Absence]:
    """Return who of a person's people is away with their work not handed over."""
    rows = Absence.objects.filter(begun(), user_id__in=staff_ids(user))
    return list(rows.select_related("user", "backup").order_by("starts_on", "pk"))
