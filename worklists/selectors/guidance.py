"""Which guidance an item may cite, and which version was in force on its day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from worklists.evidence import HeldVersion
from worklists.models import Guidance, GuidanceVersion, WorkItem
from worklists.selectors.site import site_today
from worklists.statements import Slot, Statement

MOST_OFFERED = 400
DAY = timedelta(days=1)
Versions = dict[str, tuple[HeldVersion, ...]]


@dataclass(frozen=True, slots=True)
class Offered:
    """One version of a source as a form offers it.

    ``in_force`` on the item's date of service; ``today_number`` the version in force on
    the day it is read, 0 when there is none. ``own`` says that it is the payer's own,
    ``specialty`` for which one it counts, empty for every one. ``here`` says that it is
    about the work of the item's queue, ``elsewhere`` about that of others alone.
    """

    version: HeldVersion
    kind: str
    in_force: bool
    today_number: int
    own: bool = False
    specialty: str = ""
    here: bool = False
    elsewhere: bool = False


def held_versions(slugs: Collection[str]) -> Versions:
    """Return all versions of some sources, retired ones as well: one query."""
    rows = GuidanceVersion.objects.filter(guidance__slug__in=sorted(slugs))
    return _held(rows.select_related("guidance").defer("body", "source"))


def _held(rows: Iterable[GuidanceVersion]) -> Versions:
    by_source: dict[str, list[HeldVersion]] = defaultdict(list)
    for _, held in versions_in_order(rows):
        by_source[held.source].append(held)
    return {slug: tuple(found) for slug, found in by_source.items()}


def versions_in_order(
    rows: Iterable[GuidanceVersion],
) -> list[tuple[GuidanceVersion, HeldVersion]]:
    """Return versions with the days they are in force, by source, the oldest first.

    ``rows`` come with their sources; each ends where the next one of its source begins.
    """
    ordered = sorted(rows, key=lambda r: (r.guidance_id, r.effective_from, r.number))
    following = [*ordered, None][1:]
    return [
        (row, _ended(row, then)) for row, then in zip(ordered, following, strict=True)
    ]


def _ended(row: GuidanceVersion, then: GuidanceVersion | None) -> HeldVersion:
    ends = [row.effective_to] if row.effective_to else []
    if then is not None and then.guidance_id == row.guidance_id:
        ends.append(then.effective_from - DAY)
    source = row.guidance
    return HeldVersion(
        source=source.slug,
        number=row.number,
        name=source.name,
        since=row.effective_from,
        until=min(ends) if ends else None,
        retired_on=source.retired_on,
    )


def offered_to(item: WorkItem) -> list[Offered]:
    """Return what an item may cite: its payer's and specialty's guidance and everybody's.

    Retired sources are left out. What is about the item's queue first, what is about
    others last; of each the own payer's, then the specialty's own, then by name, the
    newest version first. Two queries, without the texts: those are read
    when somebody opens one.
    """
    found = _OFFERED.rows(
        payer=item.payer_id, specialty=item.specialty, queue=item.queue_id
    )
    facts = {row.guidance.slug: row for row in found}
    held = _held(found)
    today = site_today()
    day = item.service_on or today
    return [
        offer
        for slug in sorted(facts, key=lambda slug: _place(facts[slug]))
        for offer in _offers(held[slug], facts[slug], day, today)
    ]


def citable_versions(item: WorkItem) -> Versions:
    """Return the versions of each source that an item may cite: one query."""
    found: dict[str, tuple[HeldVersion, ...]] = {}
    for one in offered_to(item):
        source = one.version.source
        found[source] = (*found.get(source, ()), one.version)
    return found


_BOUND = Guidance.queues.through.objects.filter(guidance_id=OuterRef("guidance_id"))
_OFFERED = Statement(
    lambda: (
        GuidanceVersion.objects.select_related("guidance")
        .defer("body", "source")
        .annotate(
            here=Exists(_BOUND.filter(queue_id=Slot("queue"))), bound=Exists(_BOUND)
        )
        .filter(
            Q(guidance__payer=None) | Q(guidance__payer_id=Slot("payer")),
            Q(guidance__specialty="") | Q(guidance__specialty=Slot("specialty")),
            guidance__retired_on=None,
        )
        .order_by(
            F("guidance__payer").asc(nulls_last=True), "guidance__name", "-number"
        )
    )[:MOST_OFFERED]
)


def _place(row: Any) -> tuple[int, bool, bool, str, str]:
    source, about = row.guidance, 0 if row.here else 2 if row.bound else 1
    own = source.payer_id is None, not source.specialty
    return about, *own, source.name, source.slug


def _offers(
    versions: tuple[HeldVersion, ...], row: Any, day: date, today: date
) -> Iterable[Offered]:
    source, elsewhere = row.guidance, row.bound and not row.here
    current = next((v.number for v in versions if v.is_in_force(today)), 0)
    own = source.payer_id is not None
    for one in reversed(versions):
        in_force = one.is_in_force(day)
        yield Offered(
            one,
            source.kind,
            in_force,
            current,
            own,
            source.specialty,
            row.here,
            elsewhere,
        )
