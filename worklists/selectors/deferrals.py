"""The reasons for deferring that a site knows: its own, and what the product begins with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from worklists import clocks as business_time
from worklists import kinds
from worklists.context import now
from worklists.enums import ClockKind, WaitsFor
from worklists.kinds import UsualAnswer
from worklists.models import PendReason, WorkItem
from worklists.selectors.calendars import calendar_of
from worklists.selectors.clock_views import ClockView, views_of

LATER = "later"
PAST_DEADLINE = "That is past the payer's deadline, which does not pause."
# What an installation begins with (migration 0020 stores it); a row of the site with the
# same code stands in its place.
SHIPPED: dict[str, PendReason] = {
    code: PendReason(code=code, label=label, waits_for=whom)
    for code, label, whom in (
        ("provider", "Waiting for the provider", WaitsFor.PROVIDER),
        ("records", "Waiting for records", WaitsFor.RECORDS),
        ("payer", "Waiting for the payer", WaitsFor.PAYER),
        ("other_team", "Waiting for another team", WaitsFor.TEAM),
        (LATER, "To be looked at later", WaitsFor.NOBODY),
    )
}


def pend_reasons() -> dict[str, PendReason]:
    """Return every reason by its code, retired ones too: one query."""
    return SHIPPED | {row.code: row for row in PendReason.objects.all()}


def active_pend_reasons() -> list[PendReason]:
    """Return what can be chosen now, in the order of the list."""
    return [row for row in pend_reasons().values() if row.is_active]


def payers_usual(item: WorkItem) -> UsualAnswer | None:
    """Return in how many days the item's payer usually answers, if that is known."""
    return usual_of(item, views_of(item.clocks.all()))


def usual_of(item: WorkItem, clocks: Iterable[ClockView]) -> UsualAnswer | None:
    """Return the same from clocks that were read, the first to run out first."""
    legal = [one for one in clocks if one.kind == ClockKind.LEGAL and one.running]
    sources = [one.source for one in sorted(legal, key=lambda one: one.due_at)]
    return kinds.get(item.kind).usual_answer(sources)


def usual_return(item: WorkItem, usual: UsualAnswer) -> datetime:
    """Return when work begins on the day by which the payer usually has answered.

    Days of the calendar where the item's facility is, counted from today.
    """
    calendar = calendar_of(item.facility_id)
    today = now().astimezone(calendar.book.zone).date()
    return business_time.start_of_work(today + timedelta(days=usual.days), calendar)


def rest_fault(until: datetime, why: PendReason, limit: datetime | None = None) -> str:
    """Return why an item may not rest so long, empty when it may.

    As long as the reason allows at most, and never past ``limit``, the payer's.
    """
    if until - now() > timedelta(days=why.longest_days):
        return f"“{why.label}” defers an item for {why.longest_days} days at most."
    return PAST_DEADLINE if limit and until >= limit else ""


def why_not_usual(
    item: WorkItem, usual: UsualAnswer, reasons: Sequence[PendReason]
) -> str:
    """Return why an item may not rest until its payer usually has answered.

    Empty where one of the reasons that wait for the payer allows it.
    """
    until = usual_return(item, usual)
    waiting = [why for why in reasons if why.waits_for == WaitsFor.PAYER]
    faults = [rest_fault(until, why, item.legal_due_at) for why in waiting]
    return "" if "" in faults else next(iter(faults), "No reason waits for a payer.")
