"""Which of many items can go to whom, and why the others cannot: asked, not done.

The rules are those of one ``assign`` or ``release`` (policy, table, who is eligible),
asked once for each queue, state and person.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import F, Q, QuerySet

from worklists import kinds, policies
from worklists.enums import Action, State
from worklists.errors import BadInput, WrongState
from worklists.models import BulkActItem, Queue, User, WorkItem
from worklists.selectors.access import access_of, visible_q
from worklists.selectors.people import away_today, carried_by
from worklists.services.effects.handing import POOL, ineligible
from worklists.statements import IsAny

MOST = 10_000
MOST_PEOPLE = 50
GONE = "There is no such item among the ones you can see."


@dataclass(frozen=True, slots=True)
class Target:
    """Who gets the items: these people in turn, or with none of them the pool."""

    people: tuple[User, ...]
    asked: Any

    @classmethod
    def of(cls, to: Any) -> Target:
        """Read ``to``: a username, ``pool`` or ``{"round_robin": [usernames]}``."""
        if to == POOL:
            return cls((), to)
        names = to.get("round_robin") if isinstance(to, Mapping) else [to]
        if not isinstance(names, list) or not 1 <= len(names) <= MOST_PEOPLE:
            raise _bad_target("Name a person, “pool”, or 1 to 50 people for a round.")
        if not all(isinstance(name, str) for name in names):
            raise _bad_target("People are named by their usernames.")
        known = {
            user.username: user
            for user in User.objects.filter(username__in=names, is_active=True)
        }
        for name in names:
            if name not in known:
                raise _bad_target(f"There is no active person “{name[:40]}”.")
        return cls(tuple(known[name] for name in dict.fromkeys(names)), to)


def _bad_target(why: str) -> BadInput:
    return BadInput(why, fields={"to": [why]})


@dataclass(frozen=True, slots=True)
class Placing:
    """One item and where it goes: to a person, or to nobody."""

    item: WorkItem
    to: User | None
    state: State


@dataclass(frozen=True, slots=True)
class Left:
    """One item that stays as it is, and why in a sentence."""

    id: int
    number: str
    why: str


@dataclass(slots=True)
class Plan:
    """What would be done with the chosen items, in the order of handing out."""

    placings: list[Placing] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    def by_person(self) -> dict[str, int]:
        """Return how many items each person gets, the pool by its own word."""
        counts: dict[str, int] = {}
        for placing in self.placings:
            name = placing.to.username if placing.to else POOL
            counts[name] = counts.get(name, 0) + 1
        return counts


def rows_of(actor: User | None, chosen: Collection[int]) -> QuerySet[WorkItem]:
    """Return the chosen items that the person sees; ``BadInput`` for too many.

    The worker (None) sees every item.
    """
    if not 1 <= len(chosen) <= MOST:
        raise BadInput(f"Choose 1 to {MOST:,} items.")
    named = IsAny(F("pk"), sorted(chosen))
    rows = WorkItem.objects.filter(visible_q(actor) if actor else Q(), named)
    return rows.select_related("assignee").order_by("pk")


class Desk:
    """The rules, asked once for everything that is alike.

    The worker (None) is barred from nothing; who gets an item must be eligible all
    the same.
    """

    def __init__(self, actor: User | None, target: Target) -> None:
        self._access = access_of(actor) if actor else None
        self._target = target
        related = ("team", "clearance", "supervisor")
        self._queues = {q.pk: q for q in Queue.objects.select_related(*related)}
        self._barred: Callable[[int], str] = cache(self._why_barred)
        self._illegal: Callable[[str, str, Action], str] = cache(_why_illegal)
        self._ineligible: dict[tuple[int, int, int], str] = {}
        self._load = _load_of(target.people)

    def plan(self, chosen: Collection[int], rows: Iterable[WorkItem]) -> Plan:
        """Place every chosen item, the most pressing first."""
        found = {item.pk: item for item in rows}
        plan = Plan()
        for item in sorted(found.values(), key=_in_line):
            item.queue = self._queues[item.queue_id]
            placing = self._barred(item.queue_id) or self._place(item)
            if isinstance(placing, Placing):
                plan.placings.append(placing)
            else:
                plan.left.append(Left(item.pk, item.number, placing))
        plan.left += [Left(pk, "", GONE) for pk in sorted(set(chosen) - set(found))]
        return plan

    def _why_barred(self, queue_id: int) -> str:
        if self._access is None:
            return ""
        probe = WorkItem(queue=self._queues[queue_id])
        barred = policies.barred(self._access, Action.ASSIGN, probe, ())
        return barred.why if barred else ""

    def _place(self, item: WorkItem) -> Placing | str:
        if not self._target.people:
            return self._to_pool(item)
        illegal = self._illegal(item.kind, item.state, Action.ASSIGN)
        if illegal:
            return illegal
        refused = ""
        for person in sorted(self._target.people, key=self._fullness):
            refused = self._why_not(item, person)
            if not refused:
                self._load[person.pk] += 1
                return Placing(item, person, State(item.state))
        if len(self._target.people) > 1:
            return "None of these people can be given it."
        return refused

    def _fullness(self, person: User) -> tuple[float, str]:
        return self._load[person.pk] / max(person.daily_capacity, 1), person.username

    def _why_not(self, item: WorkItem, person: User) -> str:
        if item.assignee_id == person.pk:
            return f"{person} has it already."
        return self._why_ineligible(item, person)

    def _why_ineligible(self, item: WorkItem, person: User) -> str:
        key = (person.pk, item.queue_id, item.facility_id)
        if key not in self._ineligible:
            self._ineligible[key] = ineligible(item, person)
        return self._ineligible[key]

    def _to_pool(self, item: WorkItem) -> Placing | str:
        """What somebody holds is released; what nobody has is in the pool already."""
        if item.state == State.PENDING:
            return "It is deferred: resume it first, or give it to a person."
        if item.state == State.OPEN and item.assignee_id is None:
            return "It is in the pool already."
        action = Action.ASSIGN if item.state == State.OPEN else Action.RELEASE
        illegal = self._illegal(item.kind, item.state, action)
        return illegal or Placing(item, None, State.OPEN)

    def why_not_back(self, item: WorkItem, before: BulkActItem) -> str:
        """Return why an item cannot stand as before, or nothing."""
        item.queue = self._queues[item.queue_id]
        if item.version != before.version:
            return "Something happened to it since; it stays as it is."
        if before.assignee is None:
            return self._barred(item.queue_id)
        barred = self._barred(item.queue_id)
        return barred or self._why_ineligible(item, before.assignee)


def _in_line(item: WorkItem) -> tuple[int, datetime, int]:
    return -item.priority, item.due_rank, item.pk


def _why_illegal(kind: str, state: str, action: Action) -> str:
    try:
        kinds.get(kind).workflow.step(State(state), action)
    except WrongState as refusal:
        return refusal.detail
    return ""


def _load_of(people: Sequence[User]) -> dict[int, int]:
    """Return what each carries; of several, who is away today takes no part."""
    if len(people) > 1:
        away = away_today([person.pk for person in people])
        if away:
            names = ", ".join(str(p) for p in people if p.pk in away)
            raise _bad_target(f"Away today: {names}. Leave them out of the round.")
    return carried_by([person.pk for person in people])
