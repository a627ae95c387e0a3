"""Running legal clocks and the rows of payer profiles that they were counted from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from denials.models import AppealProfile

# What ``services.appeal_clocks.source_of`` writes; the first release named no version.
_SOURCE = re.compile(r"(?P<slug>[\w-]+)(?: v(?P<version>\d+))? level (?P<level>\d+) \(")
_FIRST_VERSION = 1


@dataclass(frozen=True, slots=True)
class Source:
    """The row that a clock was counted from."""

    slug: str
    version: int
    level: int


def read_source(text: str) -> Source | None:
    """Return the row that a clock's source names, None where it names none."""
    found = _SOURCE.match(text)
    if found is None:
        return None
    number = int(found["version"] or _FIRST_VERSION)
    return Source(found["slug"], number, int(found["level"]))


@dataclass(frozen=True, slots=True)
class RunningClock:
    """One running clock of a profile.

    ``notice_on`` is the day of the remittance it was opened for, None where it was
    not counted from a file.
    """

    id: int
    item_id: int
    facility_id: int
    started_at: datetime
    due_at: datetime
    level: int
    notice_on: date | None
    margin_days: int | None = None


# Files open the clocks of level 1, each named by the remittance it was counted from.
_RUNNING = """
SELECT c.id, c.item_id, i.facility_id, c.started_at, c.due_at, c.source,
       coalesce(r.paid_on, r.produced_on), c.margin_days
  FROM worklists_itemclock c
  JOIN worklists_workitem i ON i.id = c.item_id
  LEFT JOIN denials_remittance r
    ON r.id = substring(c.name FROM '^appeal_l1_([0-9]{1,18})$')::bigint
   AND EXISTS (SELECT 1 FROM denials_denial d
                 JOIN denials_remittanceclaim k ON k.id = d.remittance_claim_id
                WHERE d.item_id = c.item_id AND k.remittance_id = r.id)
 WHERE c.kind = 'legal' AND c.met_at IS NULL AND c.stopped_at IS NULL
   AND starts_with(c.source, %(slug)s || ' ')
 ORDER BY c.item_id, c.id
"""


def running_clocks(profile: AppealProfile) -> Iterator[RunningClock]:
    """Yield every running legal clock that was counted from a profile: one query."""
    values: dict[str, Any] = {"slug": profile.slug}
    with connection.cursor() as cursor:
        cursor.execute(_RUNNING, values)
        rows = cursor.fetchall()
    for pk, item, facility, started, due, text, notice_on, margin in rows:
        source = read_source(text)
        if source is not None and source.slug == profile.slug:
            yield RunningClock(
                pk, item, facility, started, due, source.level, notice_on, margin
            )
