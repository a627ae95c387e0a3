"""The safety net of a ladder: the step that catches an item before a legal limit."""

from __future__ import annotations

from worklists.enums import ClockKind
from worklists.ladder_words import DAY, OWN_NET
from worklists.models import LadderStep

Ladder = tuple[LadderStep, ...]


def net_of(ladder: Ladder) -> LadderStep | None:
    """Return the safety net of a ladder: its first step before a legal limit that needs
    an answer; None where it has none."""
    before = (r for r in ladder if r.offset_hours < 0 and r.needs_acknowledgement)
    return next((r for r in before if r.clock_kind == ClockKind.LEGAL), None)


def with_margin(ladder: Ladder, margin_days: int | None) -> Ladder:
    """Return the rungs beside a legal clock whose safety net has a margin of its own.

    The ladder's net comes that many days before the limit; a ladder without one gets a
    net that calls the supervisor.
    """
    if margin_days is None:
        return ladder
    net = net_of(ladder)
    own = LadderStep(
        clock_kind=ClockKind.LEGAL.value,
        position=net.position if net else OWN_NET,
        tell=net.tell if net else LadderStep.Tell.SUPERVISOR.value,
        needs_acknowledgement=True,
        offset_hours=-DAY * margin_days,
    )
    rungs = [own, *(rung for rung in ladder if rung is not net)]
    return tuple(sorted(rungs, key=lambda r: (r.offset_hours, r.position)))
