"""What to warn of on an item whose clock was counted from a payer profile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from denials.freshness import row_warning
from denials.models import AppealLevel
from denials.models.profiles import APPROVED_STATES
from denials.selectors.profile_clocks import Source, read_source
from worklists.context import now
from worklists.enums import ClockKind
from worklists.models import ItemClock
from worklists.models.clocks import RUNNING


@dataclass(frozen=True, slots=True)
class _Verified:
    verified_on: date | None


def warnings_of(clocks: Sequence[ItemClock]) -> Mapping[int, str]:
    """Return by clock what is wrong with the row it was counted from.

    A figure that a later version carries unchanged is as good as that version's
    verification of it. One query, none where no clock names a profile.
    """
    sources = {clock.pk: read_source(clock.source) for clock in clocks}
    named = {pk: source for pk, source in sources.items() if source is not None}
    if not named:
        return {}
    today = timezone.localtime(now()).date()
    rows = _rows({source.slug for source in named.values()})
    warnings = {pk: _warning(source, rows, today) for pk, source in named.items()}
    return {pk: text for pk, text in warnings.items() if text}


def with_unverified(item_ids: Sequence[int]) -> set[int]:
    """Return which items have a running clock whose row nobody has verified: 2 queries."""
    clocks = ItemClock.objects.filter(RUNNING, kind=ClockKind.LEGAL)
    named = clocks.filter(item_id__in=item_ids).values_list("item_id", "source")
    sources = [(item_id, read_source(text)) for item_id, text in named.order_by()]
    rows = {
        Source(row.version.profile.slug, row.version.number, row.level): row
        for row in _rows({source.slug for _, source in sources if source})
    }
    found = ((item_id, rows.get(source)) for item_id, source in sources if source)
    return {item_id for item_id, row in found if row and not row.is_verified}


def _rows(slugs: Iterable[str]) -> list[AppealLevel]:
    rows = AppealLevel.objects.filter(
        version__profile__slug__in=slugs, version__state__in=APPROVED_STATES
    )
    return list(rows.select_related("version__profile"))


def _warning(source: Source, rows: Sequence[AppealLevel], today: date) -> str:
    mine = [
        row
        for row in rows
        if (row.version.profile.slug, row.level) == (source.slug, source.level)
    ]
    counted = next((r for r in mine if r.version.number == source.version), None)
    if counted is None:
        return ""
    days = [
        row.verified_on
        for row in mine
        if row.version.number >= source.version and _figures(row) == _figures(counted)
    ]
    newest = max(filter(None, days), default=None)
    return row_warning(_Verified(newest), today)


def _figures(row: AppealLevel) -> tuple[object, ...]:
    return (
        *(row.days, row.months, row.count, row.start_event),
        *(row.presumed_receipt_days, row.moves_to_business_day),
    )
