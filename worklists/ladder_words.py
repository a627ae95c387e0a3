"""Steps of a ladder as people say them, and what makes a ladder wrong: pure.

A step is a distance in hours from a clock's due moment: business hours for internal
clocks, plain hours for legal ones. A share of the time is turned into hours when it is
written, so that a step means the same years later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from worklists.enums import ClockKind

Step = Mapping[str, Any]
TELLS = {
    "assignee": "the person who holds it",
    "lead": "the team lead",
    "manager": "the team manager",
    "supervisor": "the queue supervisor",
}
DAY = 24
MOST_HOURS = 24 * 400
MOST_STEPS = 12
WHOLE = 100


def hours_of(basis: str, amount: int, business_hours: int) -> tuple[str, int]:
    """Return clock kind and offset of a step as it is written: “80 % of the time”.

    ``basis`` is ``share``, ``before``, ``after`` (business hours) or ``days_before``,
    ``days_after`` (days of a legal limit).
    """
    if basis == "share":
        return ClockKind.INTERNAL.value, round(
            business_hours * (amount - WHOLE) / WHOLE
        )
    kind = ClockKind.LEGAL if basis.startswith("days") else ClockKind.INTERNAL
    hours = amount * (DAY if kind == ClockKind.LEGAL else 1)
    return kind.value, -hours if basis.endswith("before") else hours


def basis_of(step: Step) -> tuple[str, int]:
    """Return how a step is written: the way back from ``hours_of``, in hours or days."""
    hours = int(step["offset_hours"])
    way = "before" if hours < 0 else "after"
    if step["clock_kind"] == ClockKind.LEGAL:
        return f"days_{way}", abs(hours) // DAY
    return way, abs(hours)


def when_words(step: Step, business_hours: int) -> str:
    """Return when a step comes: “4 business hours before the end, at 90 %”."""
    hours = int(step["offset_hours"])
    if step["clock_kind"] == ClockKind.LEGAL:
        return _side(abs(hours) // DAY, abs(hours) % DAY, hours, "the legal limit")
    said = f"{abs(hours):,} business {'hour' if abs(hours) == 1 else 'hours'}"
    if not hours:
        return "when the time is over"
    if hours > 0:
        return f"{said} after the time is over"
    share = round(WHOLE * (business_hours + hours) / business_hours)
    return f"{said} before the time is over, at {share} %"


def _side(days: int, hours: int, offset: int, what: str) -> str:
    parts = [
        f"{n:,} {name if n == 1 else name + 's'}"
        for n, name in ((days, "day"), (hours, "hour"))
        if n
    ]
    if not parts:
        return f"when {what} passes"
    return f"{' '.join(parts)} {'before' if offset < 0 else 'after'} {what}"


def step_words(step: Step, business_hours: int) -> str:
    """Return a whole step: when, whom, and whether it must be answered."""
    asks = ", needs an answer" if step["needs_acknowledgement"] else ""
    return f"{when_words(step, business_hours)}: tell {TELLS[step['tell']]}{asks}"


# A net that no service level has: it stands before every step that is numbered.
OWN_NET = 0


def in_order(steps: Iterable[Step]) -> list[Step]:
    """Return steps as they come: internal clocks first, the earliest ahead."""
    return sorted(steps, key=lambda s: (s["clock_kind"], s["offset_hours"]))


def ladder_faults(steps: Sequence[Step], business_hours: int) -> list[str]:
    """Return in words what is wrong with a ladder; empty for a good one."""
    faults = []
    if not 1 <= business_hours <= MOST_HOURS:
        faults.append(f"The time given is 1 to {MOST_HOURS:,} business hours.")
    if len(steps) > MOST_STEPS:
        faults.append(f"A ladder has {MOST_STEPS} steps at most.")
    seen: set[tuple[str, int]] = set()
    for step in steps:
        at = (step["clock_kind"], step["offset_hours"])
        when = when_words(step, max(business_hours, 1))
        if at in seen:
            faults.append(f"Two steps come at the same moment: {when}.")
        seen.add(at)
        if abs(step["offset_hours"]) > MOST_HOURS:
            faults.append(f"A step lies too far away: {when}.")
        if at[0] == ClockKind.INTERNAL and 0 < business_hours <= -step["offset_hours"]:
            faults.append(f"A step comes before the time begins: {when}.")
    internal = [hours for kind, hours in seen if kind == ClockKind.INTERNAL]
    if not any(hours >= 0 for hours in internal):
        faults.append(
            "No step comes when the time is over or after, so a breach would reach "
            "nobody. Add one."
        )
    return faults


def with_positions(
    steps: Iterable[Step], before: Iterable[Step], used: Mapping[str, int]
) -> list[dict[str, Any]]:
    """Return steps with the numbers by which it is known what has fired.

    A step at the same moment as one before is the same step: it keeps its number, so it
    does not fire twice. A new one gets a number that no version used (``used``, the
    highest by clock kind).
    """
    known = {(s["clock_kind"], s["offset_hours"]): s["position"] for s in before}
    highest = dict(used)
    found = []
    for step in in_order(steps):
        kind = step["clock_kind"]
        position = known.get((kind, step["offset_hours"]))
        if position is None:
            position = highest[kind] = highest.get(kind, 0) + 1
        found.append({**step, "position": position})
    return found
