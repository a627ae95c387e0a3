"""The task-class table as its rule page shows it: every act, its class, its way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from worklists.enums import RuleState, TaskClass
from worklists.models import RuleVersion
from worklists.task_classes import GROUPS, PEOPLE, SYSTEM, TABLE, Table, TaskAct, chosen
from worklists.trail_words import ACTIONS

TONES = {
    TaskClass.HUMAN: ("user", ""),
    TaskClass.ASSISTED: ("bulb", "accent"),
    TaskClass.AUTOMATIC: ("refresh", "soon"),
}
HELD = (RuleState.IN_FORCE, RuleState.SUPERSEDED)


@dataclass(frozen=True, slots=True)
class ShownAct:
    """One act of the table in words."""

    act: TaskAct
    holds: TaskClass
    since: int

    @property
    def tag(self) -> tuple[str, str, str]:
        """Return the class in force: words, icon, tone."""
        return str(self.holds.label), *TONES[self.holds]

    @property
    def choices(self) -> str:
        """Return what a site may choose instead."""
        return ", ".join(str(one.label).lower() for one in self.act.choices)

    @property
    def events(self) -> list[str]:
        """Return what the trail says of it."""
        return [ACTIONS[event] for event in self.act.events]


Group = tuple[str, str, list[ShownAct]]


def shown_table(versions: Sequence[RuleVersion]) -> list[Group]:
    """Return every act by who does it, with the version since which its class holds."""
    held = [one for one in versions if one.state in HELD]
    now = Table(held[0].number, chosen(held[0].content))
    rows = {act.code: _shown(act, now, held) for act in TABLE}
    groups = {"people": PEOPLE, "system": SYSTEM}
    return [
        (name, GROUPS[name], [rows[act.code] for act in acts])
        for name, acts in groups.items()
    ]


def _shown(act: TaskAct, now: Table, held: Sequence[RuleVersion]) -> ShownAct:
    since = held[-1].number
    for newer, older in pairwise(held):
        if act.choices and (
            chosen(newer.content)[act.code] != chosen(older.content)[act.code]
        ):
            since = newer.number
            break
    return ShownAct(act, now.of(act.code), since)
