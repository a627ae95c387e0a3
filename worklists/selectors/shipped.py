"""What this release ships beside what the site has: a fixed number of queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from worklists import shipped
from worklists.enums import RuleKind, Standing
from worklists.models import BusinessCalendar, Facility, Queue, Rule, RuleVersion
from worklists.models.rules import OPEN_RULES
from worklists.selectors.rules import (
    CONTENT,
    VERSIONED,
    calendar_content,
    is_taken,
    same_content,
    versions_of,
)
from worklists.shipped import Shipped

Content = Mapping[str, Any]
_WITH = {RuleKind.SLA: "steps"}


@dataclass(frozen=True, slots=True)
class Line:
    """One shipped rule, and how the site stands to it.

    ``of_release`` is which shipped version the site has; None for one of its own.
    """

    shipped: Shipped
    standing: Standing
    of_release: int | None
    used_by: int
    waiting: RuleVersion | None


def standing_of(one: Shipped, content: Content | None) -> tuple[Standing, int | None]:
    """Return how what works at a site stands to what ships, and which version it is.

    An earlier release's is known by its digest; everything else that differs was
    changed at the site.
    """
    if content is None:
        return Standing.MISSING, None
    if same_content(one.kind, content, one.content):
        return Standing.AS_SHIPPED, one.version
    version = one.earlier.get(shipped.digest(one.kind, content))
    return (Standing.OWN, None) if version is None else (Standing.OLDER, version)


def versions_here(one: Shipped) -> list[RuleVersion]:
    """Return the site's versions of what ships, newest first; none if it never had any."""
    known = Rule.objects.filter(kind=one.kind, slug=one.slug).exists()
    here = known or is_taken(one.kind, one.slug)
    return versions_of(one.kind, one.slug) if here else []


def lines() -> list[Line]:
    """Return everything that ships, in its order, with how the site stands to it."""
    those = shipped.all_shipped()
    waiting = {
        (version.rule.kind, version.rule.slug): version
        for version in RuleVersion.objects.filter(
            state__in=OPEN_RULES, rule__slug__in={one.slug for one in those}
        ).select_related("rule")
    }
    found: dict[tuple[str, str], tuple[Content, int]] = {}
    for kind in dict.fromkeys(one.kind for one in those):
        slugs = [one.slug for one in those if one.kind == kind]
        for slug, content, used_by in _live(kind, slugs):
            found[kind, slug] = content, used_by
    return [_line(one, found, waiting.get((one.kind, one.slug))) for one in those]


def _line(
    one: Shipped,
    found: Mapping[tuple[str, str], tuple[Content, int]],
    waiting: RuleVersion | None,
) -> Line:
    content, used_by = found.get((one.kind, one.slug), (None, 0))
    standing, of_release = standing_of(one, content)
    return Line(one, standing, of_release, used_by, waiting)


def _live(kind: RuleKind, slugs: list[str]) -> Iterable[tuple[str, Content, int]]:
    if kind == RuleKind.CALENDAR:
        used = Counter(Facility.objects.values_list("calendar__slug", flat=True))
        rows = BusinessCalendar.objects.filter(slug__in=slugs)
        for row in rows.prefetch_related("holidays"):
            yield row.slug, calendar_content(row), used[row.slug]
        return
    model, key = VERSIONED[kind]
    used = Counter(Queue.objects.filter(is_active=True).values_list(key, flat=True))
    rows = model.objects.filter(slug__in=slugs).order_by("version")
    if kind in _WITH:
        rows = rows.prefetch_related(_WITH[kind])
    versions: dict[str, list[Any]] = {}
    for row in rows:
        versions.setdefault(row.slug, []).append(row)
    for slug, each in versions.items():
        # As ``live_version``: what queues use, else the newest.
        live = max(each, key=lambda row: (row.pk in used, row.version))
        yield slug, CONTENT[kind](live), sum(used[row.pk] for row in each)
