"""What a deferred item waits for, which clock is paused and which goes on: in words."""

from __future__ import annotations

from collections.abc import Sequence

from worklists.enums import State
from worklists.models import WorkItem
from worklists.selectors.clock_views import ClockView
from worklists.selectors.deferrals import pend_reasons
from worklists.templatetags.codetrail import day


def resting_words(item: WorkItem, clocks: Sequence[ClockView]) -> list[str]:
    """Return until when a deferred item rests and why, then how its clocks stand.

    Nothing of an item that is not deferred.
    """
    if item.state != State.PENDING:
        return []
    paused = [clock.label for clock in clocks if clock.running and clock.paused]
    going = [clock.label for clock in clocks if clock.running and not clock.paused]
    found = pend_reasons().get(item.pend_reason)
    label = found.label if found else item.pend_reason.replace("_", " ")
    until = f"until {day(item.wake_at)}" if item.wake_at else "for now"
    return [
        sentence
        for sentence in (
            f"This item rests {until}: {label.lower()}.",
            f"Paused meanwhile: {', '.join(paused)}." if paused else "",
            f"Goes on: {', '.join(going)}." if going else "",
        )
        if sentence
    ]
