"""An escalation in words: what set it off, whom it told, how long it waits."""

from __future__ import annotations

from dataclasses import dataclass

from worklists.enums import ENDED
from worklists.models import Escalation
from worklists.models.items import NO_DEADLINE
from worklists.templatetags.codetrail import moment
from worklists.templatetags.wording import due_moment


@dataclass(frozen=True, slots=True)
class Called:
    """An escalation with its words: what happened, and to whom it went."""

    escalation: Escalation
    what: str
    told: str

    @property
    def key(self) -> str:
        """Return what names its dialog on a page."""
        return str(self.escalation.pk)

    @property
    def has_ended(self) -> bool:
        """Return whether its item is finished, so that nothing but words is left."""
        return self.escalation.item.state in ENDED

    @property
    def due(self) -> str:
        """Return when the first clock of its item runs out; nothing runs for ended ones."""
        at = self.escalation.item.nearest_due
        return "" if at >= NO_DEADLINE else due_moment(at)

    @property
    def title(self) -> str:
        """Return the title of its dialog."""
        return f"Answer for {self.escalation.item}"


def called(escalation: Escalation) -> Called:
    """Return an escalation in words."""
    return Called(escalation, _what(escalation), _told(escalation))


def _what(row: Escalation) -> str:
    if row.raised_by:
        return f"{row.raised_by} called for help {moment(row.fired_at)}"
    if row.clock is None:
        return f"The senior review ran over its time {moment(row.fired_at)}"
    at = row.clock_due_at or row.clock.due_at
    due, over = due_moment(at), at <= row.fired_at
    if at != row.clock.due_at:  # it told of a moment that holds no more
        runs = "ran out" if over else "was to run out"
        return f"{row.clock.label} clock {runs} {due} as it then was"
    return f"{row.clock.label} clock {'ran out' if over else 'runs out'} {due}"


def _told(row: Escalation) -> str:
    return f"{row.get_tell_display().lower()} {row.to or 'nobody'} was told"
