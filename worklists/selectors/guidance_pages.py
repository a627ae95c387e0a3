"""Guidance to be read: the shelf as a list, one source with everything it ever said."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from worklists.errors import NotVisible
from worklists.evidence import HeldVersion
from worklists.models import Guidance, GuidanceVersion, Payer
from worklists.selectors.guidance import held_versions, versions_in_order

EVERYBODY = "everybody"
MOST_LISTED = 500
MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for: words in names and texts, and what it counts for.

    ``payer`` and ``specialty`` may be ``EVERYBODY``: what is bound to none. ``stale``
    asks for what should have been looked at again, ``retired`` for those cited no more.
    """

    words: str = ""
    kind: str = ""
    payer: str = ""
    specialty: str = ""
    stale: bool = False
    retired: bool = False


@dataclass(frozen=True, slots=True)
class ShelfLine:
    """One source of the list: its version in force today, and whether it is stale.

    Stale is one whose review day has passed; a retired one is reviewed no more.
    ``newest`` is the highest number, 0 before the first version.
    """

    source: Guidance
    holds: HeldVersion | None
    newest: int
    stale: bool


def shelf(asked: Asked, today: date) -> list[ShelfLine]:
    """Return the sources that somebody looks for, by payer and name: two queries.

    A source is found by words that all stand in its name or in what one of its
    versions says. At most ``MOST_LISTED``.
    """
    rows = _narrowed(asked, today).select_related("payer")
    found = list(rows.order_by("payer__name", "specialty", "name")[:MOST_LISTED])
    held = held_versions([row.slug for row in found])
    return [_line(row, held.get(row.slug, ()), today) for row in found]


def _line(row: Guidance, held: Collection[HeldVersion], today: date) -> ShelfLine:
    return ShelfLine(
        source=row,
        holds=next((one for one in held if one.is_in_force(today)), None),
        newest=max((one.number for one in held), default=0),
        stale=row.retired_on is None and row.review_on < today,
    )


def _narrowed(asked: Asked, today: date) -> QuerySet[Guidance]:
    rows = Guidance.objects.filter(retired_on__isnull=not asked.retired)
    for word in asked.words.split()[:MOST_WORDS]:
        rows = rows.filter(_says(word))
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    if asked.payer:
        own = Q(payer__slug=asked.payer)
        rows = rows.filter(Q(payer=None) if asked.payer == EVERYBODY else own)
    if asked.specialty:
        every = asked.specialty == EVERYBODY
        rows = rows.filter(specialty="" if every else asked.specialty)
    return rows.filter(review_on__lt=today) if asked.stale else rows


def _says(word: str) -> Q:
    versions = GuidanceVersion.objects.filter(guidance=OuterRef("pk"))
    inside = versions.filter(Q(body__icontains=word) | Q(source__icontains=word))
    return Q(name__icontains=word) | Q(slug__icontains=word) | Q(Exists(inside))


def bound_to() -> tuple[list[tuple[str, str]], list[str]]:
    """Return the payers (slug, name) and specialties that have guidance of their own."""
    payers = Payer.objects.filter(guidance__isnull=False).distinct().order_by("name")
    named = Guidance.objects.exclude(specialty="").order_by("specialty")
    return (
        list(payers.values_list("slug", "name")),
        list(named.values_list("specialty", flat=True).distinct()),
    )


@dataclass(frozen=True, slots=True)
class Said:
    """One version with its text, and the days it was in force."""

    row: GuidanceVersion
    held: HeldVersion


@dataclass(frozen=True, slots=True)
class Whole:
    """One source with all its versions, the newest number first."""

    source: Guidance
    versions: tuple[Said, ...]

    def numbered(self, number: int | None) -> Said | None:
        """Return a version by its number."""
        return next((one for one in self.versions if one.held.number == number), None)

    def in_force(self, day: date) -> Said | None:
        """Return the version that was in force on a day."""
        return next((one for one in self.versions if one.held.is_in_force(day)), None)


def whole(slug: str) -> Whole:
    """Return a source with what it says and said, retired ones too: two queries."""
    source = Guidance.objects.select_related("payer", "retired_by").filter(slug=slug)
    found = source.first()
    if found is None:
        raise NotVisible("There is no such source of guidance.")
    rows = found.versions.select_related("guidance", "written_by")
    pairs = versions_in_order(rows)
    newest = sorted(pairs, key=lambda pair: -pair[1].number)
    return Whole(found, tuple(Said(row, held) for row, held in newest))


def shelf_line(found: Whole, today: date) -> ShelfLine:
    """Return a source that was read whole as the list has it."""
    return _line(found.source, [one.held for one in found.versions], today)
