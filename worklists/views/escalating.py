"""An escalation in words: what set it off, whom it told, how long it waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from worklists.enums import ENDED
from worklists.models import Escalation, User
from worklists.models.items import NO_DEADLINE
from worklists.selectors.said_words import words_of_calls
from worklists.templatetags.codetrail import moment
from worklists.templatetags.wording import due_moment


@dataclass(frozen=True, slots=True)
class Called:
    """An escalation with its words: what happened, and to whom it went."""

    escalation: Escalation
    what: str
    told: str
    words: str = ""

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


def called(reader: User, escalations: Iterable[Escalation]) -> list[Called]:
    """Return escalations in words, with those of who called for help: one query."""
    rows = list(escalations)
    words = words_of_calls(reader, rows)
    return [Called(r, _what(r), _told(r), words.get(r.pk, "")) for r in rows]


def _what(row: Escalation) -> str:
    if row.raised_by:
        return f"{row.raised_by} called for help {moment(row.fired_at)}"
    if row.clock is None:
        return f"The senior review was to be done by {moment(row.due_at)}"
    at = row.clock_due_at or row.clock.due_at
    due, over = due_moment(at), at <= row.fired_at
    if at != row.clock.due_at:  # it told of a moment that holds no more
        runs = "ran out" if over else "was to run out"
        return f"{row.clock.label} clock {runs} {due} as it then was"
    return f"{row.clock.label} clock {'ran out' if over else 'runs out'} {due}"


def _told(row: Escalation) -> str:
    return f"{row.get_tell_display().lower()} {row.to or 'nobody'} was told"
