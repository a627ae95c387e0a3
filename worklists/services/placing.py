"""Which of many items can go to whom, and why the others cannot: asked, not done.

The rules are those of one ``assign`` or ``release`` (policy, table, who is eligible),
asked once for each queue, state and person.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import BigIntegerField, F
from django.db.models.functions import Cast, Extract

from worklists import kinds, policies
from worklists.enums import Action, State
from worklists.errors import BadInput, WrongState
from worklists.models import BulkActItem, Queue, User, WorkItem
from worklists.selectors.access import access_of, visible_q
from worklists.selectors.people import away_today, carried_by
from worklists.services.effects.handing import POOL, ineligible, release_moment
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
class Row:
    """What an act on many reads of one item: ten thousand whole items cost seconds.

    ``due_rank`` and ``nearest_due`` are whole seconds since 1970, for the same reason.
    """

    pk: int
    kind: str
    state: str
    queue_id: int
    facility_id: int
    assignee_id: int | None
    version: int
    priority: int
    due_rank: int
    nearest_due: int
    amount: Decimal

    @property
    def number(self) -> str:
        """Return the name people use, such as ``DN-48213``."""
        return kinds.number(self.kind, self.pk)


@dataclass(frozen=True, slots=True)
class Placing:
    """One item and where it goes: to a person, or to nobody."""

    item: Row
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


def rows_of(actor: User, chosen: Collection[int], *, lock: bool = False) -> list[Row]:
    """Return the chosen items that the person sees; ``BadInput`` for too many."""
    if not 1 <= len(chosen) <= MOST:
        raise BadInput(f"Choose 1 to {MOST:,} items.")
    named = IsAny(F("pk"), sorted(chosen))
    rows = WorkItem.objects.filter(visible_q(actor), named).order_by("pk")
    if lock:
        rows = rows.select_for_update(no_key=True)
    return [Row(*values) for values in rows.values_list(*_READ)]


def _seconds(column: str) -> Cast:
    return Cast(Extract(column, "epoch"), BigIntegerField())


_MOMENTS = {"due_rank": _seconds("due_rank"), "nearest_due": _seconds("nearest_due")}
_READ = tuple(_MOMENTS.get(f.name, f.name) for f in fields(Row))


class Desk:
    """The rules, asked once for everything that is alike."""

    def __init__(self, actor: User, target: Target) -> None:
        self._access = access_of(actor)
        self._target = target
        related = ("team", "clearance", "supervisor")
        self._queues = {q.pk: q for q in Queue.objects.select_related(*related)}
        self._barred: Callable[[int], str] = cache(self._why_barred)
        self._moment: Callable[..., datetime | None] = cache(self._release_moment)
        self._illegal: Callable[[str, str, Action], str] = cache(_why_illegal)
        self._ineligible: dict[tuple[int, int, int], str] = {}
        self._load = _load_of(target.people)

    def plan(self, chosen: Collection[int], rows: Sequence[Row]) -> Plan:
        """Place every chosen item, the most pressing first."""
        plan = Plan()
        for item in sorted(rows, key=_in_line):
            placing = self._barred(item.queue_id) or self._place(item)
            if isinstance(placing, Placing):
                plan.placings.append(placing)
            else:
                plan.left.append(Left(item.pk, item.number, placing))
        unseen = set(chosen).difference(item.pk for item in rows)
        plan.left += [Left(pk, "", GONE) for pk in sorted(unseen)]
        return plan

    def released_at(self, item: Row) -> datetime | None:
        """Return when a new holder's item goes back unworked, or None for never."""
        return self._moment(item.queue_id, item.facility_id, item.state)

    def _release_moment(
        self, queue_id: int, facility_id: int, state: str
    ) -> datetime | None:
        return release_moment(self._probe(queue_id, facility_id, state))

    def _probe(
        self, queue_id: int, facility_id: int = 0, state: str = State.OPEN
    ) -> WorkItem:
        """Return an unsaved item for the rules that are asked about one."""
        queue = self._queues[queue_id]
        return WorkItem(queue=queue, facility_id=facility_id, state=state)

    def _why_barred(self, queue_id: int) -> str:
        probe = self._probe(queue_id)
        barred = policies.barred(self._access, Action.ASSIGN, probe, ())
        return barred.why if barred else ""

    def _place(self, item: Row) -> Placing | str:
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

    def _why_not(self, item: Row, person: User) -> str:
        if item.assignee_id == person.pk:
            return f"{person} has it already."
        return self._why_ineligible(item, person)

    def _why_ineligible(self, item: Row, person: User) -> str:
        key = (person.pk, item.queue_id, item.facility_id)
        if key not in self._ineligible:
            probe = self._probe(item.queue_id, item.facility_id)
            self._ineligible[key] = ineligible(probe, person)
        return self._ineligible[key]

    def _to_pool(self, item: Row) -> Placing | str:
        """What somebody holds is released; what nobody has is in the pool already."""
        if item.state == State.PENDING:
            return "It is deferred: resume it first, or give it to a person."
        if item.state == State.OPEN and item.assignee_id is None:
            return "It is in the pool already."
        action = Action.ASSIGN if item.state == State.OPEN else Action.RELEASE
        illegal = self._illegal(item.kind, item.state, action)
        return illegal or Placing(item, None, State.OPEN)

    def why_not_back(self, item: Row, before: BulkActItem) -> str:
        """Return why an item cannot stand as before, or nothing."""
        if item.version != before.version:
            return "Something happened to it since; it stays as it is."
        if before.assignee is None:
            return self._barred(item.queue_id)
        barred = self._barred(item.queue_id)
        return barred or self._why_ineligible(item, before.assignee)


def _in_line(item: Row) -> tuple[int, int, int]:
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
