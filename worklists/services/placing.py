"""Which of many items can go to whom, and why the others cannot: asked, not done.

The rules are those of one ``assign`` or ``release``: policy, table, who is eligible. A
round besides gives nobody more of a queue than its limit (``max_in_hand``): what is given
and what is in hand count. Who is named alone gets what a manager says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import Any

from worklists.enums import IN_HAND, POOL, Action, State
from worklists.errors import BadInput
from worklists.models import User
from worklists.selectors.people import away_today, carried_by, given_of
from worklists.services.bulk_rows import Placing, Plan, Row, Rules, in_line
from worklists.services.effects.handing import ineligible, release_moment
from worklists.services.locks import hold_person

MOST_PEOPLE = 50
# What a queue's limit counts in a round: given and not begun, and in hand.
COUNTED = frozenset({State.OPEN, *IN_HAND})


@dataclass(frozen=True, slots=True)
class Target:
    """Who gets the items: these people in turn, or with none of them the pool.

    Whoever is away today takes no part in a round, and alone only ``even_away``.
    """

    people: tuple[User, ...]
    asked: Any
    even_away: bool = True

    @property
    def is_round(self) -> bool:
        """Return whether several people get them in turn."""
        return len(self.people) > 1

    @classmethod
    def of(cls, to: Any, *, even_away: bool = False) -> Target:
        """Read ``to``: a username, ``pool`` or ``{"round_robin": [usernames]}``."""
        if to == POOL:
            return cls((), to)
        names = to.get("round_robin") if isinstance(to, Mapping) else [to]
        if not isinstance(names, list) or not 1 <= len(names) <= MOST_PEOPLE:
            raise _bad_target("Name a person, “pool”, or 1 to 50 people for a round.")
        if not all(isinstance(name, str) and "\0" not in name for name in names):
            raise _bad_target("People are named by their usernames.")
        known = {
            user.username: user
            for user in User.objects.filter(username__in=names, is_active=True)
        }
        for name in names:
            if name not in known:
                raise _bad_target(f"There is no active person “{name[:40]}”.")
        people = tuple(known[name] for name in dict.fromkeys(names))
        return cls(people, to, even_away)


def _bad_target(why: str) -> BadInput:
    return BadInput(why, fields={"to": [why]})


class Desk:
    """Who can get what, asked once for everything that is alike."""

    def __init__(self, actor: User | None, target: Target) -> None:
        self.rules = Rules(actor)
        self.target = target
        self._ineligible: dict[tuple[int, int, int], str] = {}
        self._moment: Callable[..., datetime | None] = cache(self._release_moment)
        self._load = _load_of(target)

    def plan(self, chosen: Collection[int], rows: Sequence[Row]) -> Plan:
        """Place every chosen item, the most pressing first."""
        plan = Plan()
        for item in sorted(rows, key=in_line):
            placing = self.place(item)
            if isinstance(placing, Placing):
                plan.placings.append(placing)
            else:
                plan.leave(item, placing)
        plan.leave_unseen(chosen, rows)
        return plan

    def released_at(self, item: Row) -> datetime | None:
        """Return when a new holder's item goes back unworked, or None for never."""
        return self._moment(item.queue_id, item.facility_id, item.state)

    def _release_moment(
        self, queue_id: int, facility_id: int, state: str
    ) -> datetime | None:
        probe = self.rules.probe(queue_id, facility_id=facility_id, state=state)
        return release_moment(probe)

    def place(self, item: Row) -> Placing | str:
        """Return where the item goes, or why it stays."""
        if not self.target.people:
            return self.to_pool(item)
        refused = self.rules.why_not(item, Action.ASSIGN)
        if refused:
            return refused
        full = []
        for person in sorted(self.target.people, key=self._fullness):
            refused = self.why_not(item, person)
            if not refused and self._is_at_limit(item, person):
                full.append(person)
            elif not refused:
                self._count(item, person)
                return Placing(item, person, State(item.state))
        if full:
            return self._why_full(item, full)
        if self.target.is_round:
            return "None of these people can be given it."
        return refused

    def hold_takers(self, rows: Sequence[Row]) -> None:
        """Let what the people of a round take meanwhile wait, where a limit counts it."""
        limited = set(self.rules.limited())
        if self.target.is_round and any(item.queue_id in limited for item in rows):
            for person in sorted(self.target.people, key=lambda one: one.pk):
                hold_person(person)

    @cached_property
    def given(self) -> Counter[tuple[int, int]]:
        """How many of each limited queue each person has, as the plan goes on."""
        ids = [person.pk for person in self.target.people]
        return given_of(ids, self.rules.limited())

    def _is_at_limit(self, item: Row, person: User) -> bool:
        most = self.rules.queue(item.queue_id).max_in_hand
        if not (self.target.is_round and most and item.state in COUNTED):
            return False
        return self.given[person.pk, item.queue_id] >= most

    def _count(self, item: Row, person: User) -> None:
        self._load[person.pk] += 1
        queue = self.rules.queue(item.queue_id)
        if self.target.is_round and queue.max_in_hand and item.state in COUNTED:
            self.given[person.pk, queue.pk] += 1
            self.given[item.assignee_id or 0, queue.pk] -= 1

    def _why_full(self, item: Row, full: Sequence[User]) -> str:
        queue = self.rules.queue(item.queue_id)
        names = ", ".join(sorted(map(str, full)))
        where = "in the pool" if item.assignee_id is None else "where it is"
        return (
            f"{names} {'has' if len(full) == 1 else 'have'} {queue.max_in_hand} of "
            f"“{queue}”, its limit. It stays {where}."
        )

    def _fullness(self, person: User) -> tuple[float, str]:
        return self._load[person.pk] / max(person.daily_capacity, 1), person.username

    def why_not(self, item: Row, person: User) -> str:
        """Return why a person is not given the item, or nothing."""
        if item.assignee_id == person.pk:
            return f"{person} has it already."
        return self.why_ineligible(item, person)

    def why_ineligible(self, item: Row, person: User) -> str:
        """Return why a person cannot be given the item, or nothing."""
        key = (person.pk, item.queue_id, item.facility_id)
        if key not in self._ineligible:
            probe = self.rules.probe(item.queue_id, facility_id=item.facility_id)
            barred = ineligible(probe, person)
            self._ineligible[key] = barred.why if barred else ""
        return self._ineligible[key]

    def to_pool(self, item: Row) -> Placing | str:
        """What somebody holds is released; what nobody has is in the pool already."""
        if item.state == State.PENDING:
            return "It is deferred: resume it first, or give it to a person."
        if item.state == State.OPEN and item.assignee_id is None:
            return "It is in the pool already."
        action = Action.ASSIGN if item.state == State.OPEN else Action.RELEASE
        return self.rules.why_not(item, action) or Placing(item, None, State.OPEN)


def _load_of(target: Target) -> dict[int, int]:
    """Return what each carries; refuse people who are away."""
    ids = [person.pk for person in target.people]
    if len(ids) > 1 or not target.even_away:
        away = away_today(ids)
        if away:
            _refuse_away([person for person in target.people if person.pk in away])
    return carried_by(ids)


def _refuse_away(away: Sequence[User]) -> None:
    names = ", ".join(map(str, away))
    raise _bad_target(
        f"Away today: {names}. Leave them out of the round, or give one of them items "
        "alone and say that it is meant (even_away)."
    )


def by_person(plan: Plan) -> dict[str, int]:
    """Return how many items each person gets, the pool by its own word."""
    counts: dict[str, int] = {}
    for placing in plan.placings:
        name = placing.to.username if placing.to else POOL
        counts[name] = counts.get(name, 0) + 1
    return counts
