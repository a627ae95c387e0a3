"""The 276, 277 and 277CA, counted: levels, traces, statuses.

Counting only, as in ``claims837``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from worklists.x12.findings import Report
from worklists.x12.limits import Limits
from worklists.x12.machine import PADDING, Handler, Machine
from worklists.x12.tallies import Tally

_CLAIM_LEVELS = ("22", "23", "PT")


@dataclass(slots=True)
class StatusCounts:
    """What the ``27x`` section of the facts says, of one transaction or of many."""

    _most: int
    levels: Tally
    categories: Tally
    traces: list[dict[str, str]] = field(default_factory=list)
    statuses: list[dict[str, object]] = field(default_factory=list)
    found: int = 0
    claims: int = 0
    accepted: int = 0
    refused: int = 0

    @classmethod
    def within(cls, limits: Limits) -> StatusCounts:
        """Return empty counts."""
        return cls(limits.listed, Tally(limits.distinct), Tally(limits.distinct))

    def add(self, other: StatusCounts) -> None:
        """Add the counts of another transaction."""
        self.levels.merge(other.levels)
        self.categories.merge(other.categories)
        self.traces += other.traces[: self._most - len(self.traces)]
        self.statuses += other.statuses[: self._most - len(self.statuses)]
        self.found += other.found
        self.claims += other.claims
        self.accepted += other.accepted
        self.refused += other.refused

    def trace(self, level: str, kind: str, number: str) -> None:
        """Count a TRN."""
        if len(self.traces) < self._most:
            self.traces.append({"level_hl03": level, "type": kind, "id": number})

    def status(self, level: str, status: list[str], elements: list[str]) -> None:
        """Count an STC of a level."""
        self.found += 1
        if level in _CLAIM_LEVELS:
            self.claims += 1
            self.accepted += elements[3] == "WQ"
            self.refused += elements[3] == "U"
        if status:
            self.categories.add(status[0].split(":", 1)[:1])
        names = ("date", "action", "amount", "paid")
        if len(self.statuses) < self._most:
            rest = dict(zip(names, elements[2:6], strict=True))
            self.statuses.append({"level_hl03": level, "status": status, **rest})


class Status27x(Machine):
    """Counts one 276 or 277. ``claims`` are its STC at claim level."""

    __slots__ = ("_component", "_counts", "_level")

    def __init__(self, component: str, report: Report, limits: Limits) -> None:
        super().__init__(report, limits)
        self._component = component
        self._level = ""
        self._counts = StatusCounts.within(limits)

    def known(self) -> dict[str, Handler]:
        """Return the handlers by tag."""
        return {"HL": self._hl, "TRN": self._trn, "STC": self._stc}

    def counts(self) -> StatusCounts:
        """Return what was counted."""
        return self._counts

    def _hl(self, elements: list[str], _index: int) -> None:
        self._level = elements[3]
        self._counts.levels.add((self._level,))

    def _trn(self, elements: list[str], _index: int) -> None:
        self._counts.trace(self._level, elements[1], elements[2])

    def _stc(self, elements: list[str], _index: int) -> None:
        e = elements + PADDING
        shown = [e[place].replace(self._component, ":") for place in (1, 10, 11)]
        self._counts.status(self._level, [text for text in shown if text], e)
        self.claims = self._counts.claims
