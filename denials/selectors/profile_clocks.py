"""Running legal clocks and the rows of payer profiles that they were counted from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from denials.models import AppealLevel, AppealProfile

# What ``source_of`` writes; the first release named no version.
_SOURCE = re.compile(r"(?P<slug>[\w-]+)(?: v(?P<version>\d+))? level (?P<level>\d+) \(")
_FIRST_VERSION = 1


@dataclass(frozen=True, slots=True)
class Source:
    """The row that a clock was counted from."""

    slug: str
    version: int
    level: int


def source_of(level: AppealLevel) -> str:
    """Return what a clock names as its source: profile, version, row, day verified.

    ``read_source`` reads it back.
    """
    checked = level.verified_on or "not verified"
    version = level.version
    return f"{version.profile.slug} v{version.number} level {level.level} ({checked})"


def read_source(text: str) -> Source | None:
    """Return the row that a clock's source names, None where it names none."""
    found = _SOURCE.match(text)
    if found is None:
        return None
    number = int(found["version"] or _FIRST_VERSION)
    return Source(found["slug"], number, int(found["level"]))


@dataclass(frozen=True, slots=True)
class Standing:
    """What running clocks are counted from, and where they stand: alike for many.

    ``notice_on`` is the day of the remittance they were opened for, None where they
    were not counted from a file.
    """

    facility_id: int
    started_at: datetime
    due_at: datetime
    level: int
    notice_on: date | None
    margin_days: int | None = None


@dataclass(frozen=True, slots=True)
class RunningClock:
    """One running clock of a profile."""

    id: int
    item_id: int
    standing: Standing


# Files open the clocks of level 1, each named by the remittance it was counted from.
_FROM = """
  FROM worklists_itemclock c
  JOIN worklists_workitem i ON i.id = c.item_id
  LEFT JOIN denials_remittance r
    ON r.id = substring(c.name FROM '^appeal_l1_([0-9]{1,18})$')::bigint
   AND EXISTS (SELECT 1 FROM denials_denial d
                 JOIN denials_remittanceclaim k ON k.id = d.remittance_claim_id
                WHERE d.item_id = c.item_id AND k.remittance_id = r.id)
 WHERE c.kind = 'legal' AND c.met_at IS NULL AND c.stopped_at IS NULL
   AND starts_with(c.source, %(slug)s || ' ')
"""
_STANDING = """i.facility_id, c.started_at, c.due_at, c.source,
       coalesce(r.paid_on, r.produced_on), c.margin_days"""
_ALIKE = f"SELECT count(*), {_STANDING} {_FROM} GROUP BY {_STANDING}"
_BY_OTHERS = f"""
SELECT c.id, c.item_id, {_STANDING} {_FROM}
   AND NOT starts_with(c.source, %(slug)s || ' v' || %(number)s || ' ')
   AND (c.item_id, c.id) > (%(item)s, %(clock)s)
 ORDER BY c.item_id, c.id
 LIMIT %(page)s
"""
PAGE = 5_000


def clocks_alike(profile: AppealProfile) -> Iterator[tuple[int, Standing]]:
    """Yield where running legal clocks of a profile stand, and how many: one query."""
    for count, *values in _read(_ALIKE, {"slug": profile.slug}):
        if standing := _standing(profile, values):
            yield count, standing


def clocks_by_others(
    profile: AppealProfile, number: int, past_item: int
) -> Iterator[RunningClock]:
    """Yield running clocks of a profile that another version of it counted.

    In the order of items after ``past_item``, read ``PAGE`` at a time as far as they
    are asked for.
    """
    asked = {"slug": profile.slug, "number": number, "page": PAGE}
    asked |= {"item": past_item, "clock": 2**62}
    while rows := _read(_BY_OTHERS, asked):
        for pk, item_id, *values in rows:
            if standing := _standing(profile, values):
                yield RunningClock(pk, item_id, standing)
        asked |= {"clock": rows[-1][0], "item": rows[-1][1]}


def _read(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _standing(profile: AppealProfile, values: Sequence[Any]) -> Standing | None:
    facility, started, due, text, notice_on, margin = values
    source = read_source(text)
    if source is None or source.slug != profile.slug:
        return None
    return Standing(facility, started, due, source.level, notice_on, margin)
