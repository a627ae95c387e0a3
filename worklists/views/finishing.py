"""A queue's projected finish in words: never more exact than what it stands on."""

from __future__ import annotations

from dataclasses import dataclass

from worklists.projection import LEAST_DAYS, MOST_DAYS, Outlook, Projection
from worklists.templatetags.wording import counted

WEEK = 5
# Up to two weeks are said in days, what lies beyond in weeks.
NAMED_DAYS = 10


@dataclass(frozen=True, slots=True)
class Finish:
    """What stands in the table, and the sentence behind it."""

    said: str
    why: str


def finish_of(projection: Projection) -> Finish:
    """Return a projection in words."""
    return Finish(_said(projection), _why(projection))


def _said(projection: Projection) -> str:
    days = projection.days
    if projection.outlook != Outlook.IN_SIGHT:
        return _SAID[projection.outlook]
    if days <= NAMED_DAYS:
        return f"about {counted(days, 'day')}"
    return f"about {counted(round(days / WEEK), 'week')}"


_SAID = {
    Outlook.UNKNOWN: "–",
    Outlook.EMPTY: "empty",
    Outlook.NOT_FALLING: "not falling",
    Outlook.FAR: "over 3 months",
}


def _why(projection: Projection) -> str:
    over = f"the last {counted(projection.counted, 'business day')}"
    if projection.outlook == Outlook.UNKNOWN:
        return (
            f"Too little history: {LEAST_DAYS} counted business days are needed, of the "
            f"last {MOST_DAYS}."
        )
    if projection.outlook == Outlook.EMPTY:
        return "Nothing waited at the last daily count."
    if projection.outlook == Outlook.NOT_FALLING:
        return f"{projection.items:,} at the last daily count, not fewer over {over}."
    return (
        f"{projection.items:,} at the last daily count, {projection.pace:,.1f} fewer a "
        f"business day over {over}. If it goes on like this."
    )
