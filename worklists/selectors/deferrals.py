"""The reasons for deferring that a site knows: its own, and what the product begins with."""

from __future__ import annotations

from collections.abc import Iterable

from worklists import kinds
from worklists.enums import ClockKind, WaitsFor
from worklists.kinds import UsualAnswer
from worklists.models import PendReason, WorkItem
from worklists.selectors.clock_views import ClockView, views_of

LATER = "later"
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
