"""A table of deadlines (``deadline_cases.csv``), held in two ways.

Its days were counted outside the product, from the rule in its ``source`` column, and
read through by hand. Here our arithmetic must agree with it, and so must PostgreSQL's:
date + days, date + interval, a list of federal holidays as published by OPM, and its
own table of time zones.
"""

import csv
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest
from django.db import connection

from denials.deadlines import deadline
from denials.enums import StartEvent
from denials.profiles import MEDICARE_FFS
from worklists.clocks import Calendar, end_of_day

TABLE = Path(__file__).with_name("deadline_cases.csv")
WEEKDAYS = {str(day): [["08:00", "17:00"]] for day in range(1, 6)}
# As observed, from the tables of the Office of Personnel Management.
OPM = """
2023-01-02 2023-01-16 2023-02-20 2023-05-29 2023-06-19 2023-07-04 2023-09-04 2023-10-09
2023-11-10 2023-11-23 2023-12-25 2024-01-01 2024-01-15 2024-02-19 2024-05-27 2024-06-19
2024-07-04 2024-09-02 2024-10-14 2024-11-11 2024-11-28 2024-12-25 2025-01-01 2025-01-20
2025-02-17 2025-05-26 2025-06-19 2025-07-04 2025-09-01 2025-10-13 2025-11-11 2025-11-27
2025-12-25 2026-01-01 2026-01-19 2026-02-16 2026-05-25 2026-06-19 2026-07-03 2026-09-07
2026-10-12 2026-11-11 2026-11-26 2026-12-25 2027-01-01 2027-01-18 2027-02-15 2027-05-31
2027-06-18 2027-07-05 2027-09-06 2027-10-11 2027-11-11 2027-11-25 2027-12-24 2027-12-31
2028-01-17 2028-02-21 2028-05-29 2028-06-19 2028-07-04 2028-09-04 2028-10-09 2028-11-10
2028-11-23 2028-12-25 2029-01-01 2029-01-15 2029-02-19 2029-05-28 2029-06-19 2029-07-04
2029-09-03 2029-10-08 2029-11-12 2029-11-22 2029-12-25
"""


@dataclass
class Row:
    """A row of a profile as the arithmetic reads it."""

    level: int
    days: int | None
    months: int | None
    count: str
    start_event: str
    presumed_receipt_days: int
    moves_to_business_day: bool
    source: str
    verified_on: date | None = None


@dataclass
class Case:
    """One line of the table."""

    row: Row
    notice: date
    received: date | None
    zone: str
    expected: tuple[str, date, date, date]
    due_at: datetime


def _read(line: dict[str, str]) -> Case:
    def day(name: str) -> date | None:
        return date.fromisoformat(line[name]) if line[name] else None

    row = Row(
        level=0 if line["start"] == "service_through" else 1,
        days=int(line["days"]) if line["days"] else None,
        months=int(line["months"]) if line["months"] else None,
        count=line["count"],
        start_event=line["start"],
        presumed_receipt_days=int(line["presumed"]),
        moves_to_business_day=line["moves"] == "1",
        source=line["source"],
    )
    expected = (line["start_event"], day("start_on"), day("due_on"), day("act_by"))
    due_at = datetime.fromisoformat(line["due_at"])
    return Case(row, day("notice"), day("received"), line["zone"], expected, due_at)


with TABLE.open(newline="") as _file:
    LINES = list(csv.DictReader(_file))
NAMED = [pytest.param(_read(one), id=f"{one['case']}-{one['why']}") for one in LINES]


@pytest.mark.unit
def test_the_table_is_as_large_as_asked_and_says_why():
    assert len(LINES) >= 80
    assert all(one["source"] and one["why"] for one in LINES)
    inputs = [(o["row"], o["notice"], o["received"], o["zone"]) for o in LINES]
    assert len(set(inputs)) == len(inputs)


@pytest.mark.unit
@pytest.mark.parametrize("case", NAMED)
def test_our_count(case):
    calendar = Calendar(case.zone, WEEKDAYS)

    found = deadline(
        case.row, notice_on=case.notice, received_on=case.received, calendar=calendar
    )

    got = (found.start_event, found.start_on, found.due_on, found.act_by)
    assert got == case.expected
    assert end_of_day(found.due_on, case.zone) == case.due_at
    assert found.days == (case.row.days or (case.expected[2] - case.expected[1]).days)


_SECOND = """
WITH c AS (
    SELECT *, CASE WHEN start NOT IN ('received', 'presumed_receipt') THEN notice
                   ELSE coalesce(received, notice + presumed) END AS start_on
      FROM (SELECT %(start)s::text AS start, %(notice)s::date AS notice,
                   %(received)s::date AS received, %(presumed)s::int AS presumed,
                   %(days)s::int AS days, %(months)s::int AS months,
                   %(count)s::text AS count, %(moves)s::bool AS moves) given
), work AS (
    SELECT d::date AS day FROM generate_series(date '2023-01-01', date '2029-12-31',
                                               interval '1 day') d
     WHERE extract(isodow FROM d) < 6 AND d::date <> ALL (%(holidays)s::date[])
), raw AS (
    SELECT c.*, CASE
        WHEN months IS NOT NULL THEN (start_on + make_interval(months => months))::date
        WHEN count = 'calendar' THEN start_on + days
        ELSE (SELECT day FROM work WHERE day > start_on ORDER BY day
              OFFSET days - 1 LIMIT 1) END AS counted
      FROM c
), due AS (
    SELECT raw.*, CASE WHEN moves
        THEN (SELECT min(day) FROM work WHERE day >= counted)
        ELSE counted END AS due_on
      FROM raw
)
SELECT start_on, due_on, (SELECT max(day) FROM work WHERE day <= due_on),
       ((due_on + 1)::timestamp - interval '1 second') AT TIME ZONE %(zone)s
  FROM due
"""


@pytest.mark.django_db
@pytest.mark.parametrize("case", NAMED)
def test_the_count_of_postgresql(case):
    row = case.row
    values = {
        "start": row.start_event,
        "notice": case.notice,
        "received": case.received,
        "presumed": row.presumed_receipt_days,
        "days": row.days,
        "months": row.months,
        "count": row.count,
        "moves": row.moves_to_business_day,
        "holidays": OPM.split(),
        "zone": case.zone,
    }

    with connection.cursor() as cursor:
        cursor.execute(_SECOND, values)
        found = cursor.fetchone()

    assert found == (*case.expected[1:], case.due_at)


@pytest.mark.unit
def test_the_shipped_medicare_rows_are_those_of_the_table():
    shipped = {
        level.level: (
            level.start_event,
            level.presumed_receipt_days,
            level.days,
            level.months,
        )
        for level in MEDICARE_FFS.levels
    }
    tabled = {
        int(one["row"][1]) if one["row"] != "filing" else 0: (
            StartEvent(one["start"]),
            int(one["presumed"]),
            int(one["days"]) if one["days"] else None,
            int(one["months"]) if one["months"] else None,
        )
        for one in LINES
        if one["row"] in {"filing", "m1", "m2", "m3", "m4", "m5"}
    }

    assert shipped == tabled
