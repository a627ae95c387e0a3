"""Which guidance an item may cite, and which version was in force on its day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from worklists.context import now
from worklists.evidence import HeldVersion
from worklists.models import Guidance, GuidanceVersion, WorkItem

MOST_OFFERED = 400
DAY = timedelta(days=1)
Versions = dict[str, tuple[HeldVersion, ...]]


@dataclass(frozen=True, slots=True)
class Offered:
    """One version of a source as a form offers it.

    ``in_force`` on the item's date of service, ``today`` on the day it is read;
    ``today_number`` the version in force today, 0 when there is none.
    """

    version: HeldVersion
    kind: str
    in_force: bool
    today_number: int


def held_versions(slugs: Collection[str]) -> Versions:
    """Return all versions of some sources, retired ones as well: one query."""
    return _held(GuidanceVersion.objects.filter(guidance__slug__in=sorted(slugs)))


def _held(rows: Iterable[GuidanceVersion]) -> Versions:
    by_source: dict[str, list[GuidanceVersion]] = defaultdict(list)
    for row in _in_order(rows):
        by_source[row.guidance.slug].append(row)
    return {slug: tuple(_ended(found)) for slug, found in by_source.items()}


def _in_order(rows: Iterable[GuidanceVersion]) -> list[GuidanceVersion]:
    if hasattr(rows, "select_related"):
        rows = rows.select_related("guidance")
    return sorted(rows, key=lambda row: (row.effective_from, row.number))


def _ended(rows: list[GuidanceVersion]) -> Iterable[HeldVersion]:
    """Yield the versions of one source, each ending where the next one begins."""
    for place, row in enumerate(rows):
        ends = [row.effective_to] if row.effective_to else []
        if place + 1 < len(rows):
            ends.append(rows[place + 1].effective_from - DAY)
        source = row.guidance
        yield HeldVersion(
            source=source.slug,
            number=row.number,
            name=source.name,
            since=row.effective_from,
            until=min(ends) if ends else None,
            retired_on=source.retired_on,
        )


def offered_to(item: WorkItem) -> list[Offered]:
    """Return what an item may cite: its payer's and specialty's guidance and everybody's.

    Retired sources are left out. Own payer first, then by name, the newest version
    first. One query.
    """
    scope = Q(payer=None) | Q(payer_id=item.payer_id)
    sources = Guidance.objects.filter(scope, retired_on=None)
    sources = sources.filter(specialty__in=("", item.specialty))
    rows = GuidanceVersion.objects.filter(guidance__in=sources)
    found = list(rows.select_related("guidance")[:MOST_OFFERED])
    facts = {row.guidance.slug: row.guidance for row in found}
    held = _held(found)
    order = sorted(facts, key=lambda s: (facts[s].payer_id is None, facts[s].name))
    today = now().date()
    day = item.service_on or today
    return [
        offer
        for slug in order
        for offer in _offers(held[slug], facts[slug].kind, day, today)
    ]


def _offers(
    versions: tuple[HeldVersion, ...], kind: str, day: date, today: date
) -> Iterable[Offered]:
    current = next((v.number for v in versions if v.is_in_force(today)), 0)
    for one in reversed(versions):
        yield Offered(one, kind, one.is_in_force(day), current)
