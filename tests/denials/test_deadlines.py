"""Appeal deadlines: from which day, how many days, and by when to act."""

from dataclasses import dataclass, replace
from datetime import date

import pytest

from denials.deadlines import basis, deadline
from denials.enums import DayCount, StartEvent
from worklists.clocks import Calendar
from worklists.errors import BadInput

CHICAGO = Calendar(
    "America/Chicago", {str(day): [["08:00", "17:00"]] for day in range(1, 6)}
)
NOTICE = date(2026, 5, 15)


@dataclass
class Row:
    """A level as the arithmetic reads it."""

    level: int = 1
    days: int | None = 120
    months: int | None = None
    count: str = DayCount.CALENDAR
    start_event: str = StartEvent.RECEIVED
    presumed_receipt_days: int = 5
    moves_to_business_day: bool = False
    source: str = "42 CFR 405.942"
    verified_on: date | None = date(2026, 11, 21)


MEDICARE = Row()
NOTICE_65 = Row(days=65, start_event=StartEvent.NOTICE, presumed_receipt_days=0)


def due(row=MEDICARE, notice=NOTICE, received=None):
    return deadline(row, notice_on=notice, received_on=received, calendar=CHICAGO)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("notice", "received", "due_on", "start_event", "start_on"),
    [
        # The contractor's own example: 15 May leads to 17 September, 125 days.
        ("2026-05-15", None, "2026-09-17", "presumed_receipt", "2026-05-20"),
        ("2026-05-15", "2026-05-15", "2026-09-12", "received", "2026-05-15"),
        ("2026-05-15", "2026-06-01", "2026-09-29", "received", "2026-06-01"),
        # Over a leap day and over a new year.
        ("2027-12-30", None, "2028-05-03", "presumed_receipt", "2028-01-04"),
        ("2026-10-21", None, "2027-02-23", "presumed_receipt", "2026-10-26"),
    ],
)
def test_medicare_level_1(notice, received, due_on, start_event, start_on):
    found = due(
        notice=date.fromisoformat(notice),
        received=date.fromisoformat(received) if received else None,
    )
    assert found.due_on == date.fromisoformat(due_on)
    assert found.start_event == start_event
    assert found.start_on == date.fromisoformat(start_on)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("notice", "due_on", "act_by"),
    [
        ("2026-05-15", "2026-09-17", "2026-09-17"),  # a Thursday
        ("2026-05-17", "2026-09-19", "2026-09-18"),  # Saturday: Friday before
        ("2026-05-05", "2026-09-07", "2026-09-04"),  # Labor Day: Friday before
        ("2026-08-22", "2026-12-25", "2026-12-24"),  # Christmas on a Friday
    ],
)
def test_due_day_stays_and_act_by_is_the_last_business_day(notice, due_on, act_by):
    found = due(notice=date.fromisoformat(notice))
    assert found.due_on == date.fromisoformat(due_on)
    assert found.act_by == date.fromisoformat(act_by)


@pytest.mark.unit
def test_due_day_moves_only_where_the_row_says_so():
    moves = replace(MEDICARE, moves_to_business_day=True)
    found = due(moves, notice=date(2026, 5, 5))
    assert found.due_on == found.act_by == date(2026, 9, 8)
    assert found.basis == "120 calendar days, moved to the next business day"


@pytest.mark.unit
def test_level_from_notice_ignores_the_receipt():
    found = due(NOTICE_65, received=date(2026, 6, 1))
    assert found.start_event == "notice"
    assert found.start_on == NOTICE
    assert found.due_on == date(2026, 7, 19)
    assert found.act_by == date(2026, 7, 17)


@pytest.mark.unit
def test_level_from_remittance_names_it():
    row = replace(NOTICE_65, start_event=StartEvent.REMITTANCE)
    assert due(row).start_event == "remittance"


@pytest.mark.unit
def test_business_days_pass_weekends_and_holidays():
    # From Friday 22 May 2026; Monday is Memorial Day, so ten days end on 8 June.
    row = replace(NOTICE_65, days=10, count=DayCount.BUSINESS)
    assert due(row, notice=date(2026, 5, 22)).due_on == date(2026, 6, 8)


@pytest.mark.unit
def test_receipt_before_notice_is_refused():
    with pytest.raises(BadInput) as refusal:
        due(received=date(2026, 5, 14))
    assert refusal.value.fields == {
        "received": ["It is before the date of the notice."]
    }


@pytest.mark.unit
def test_a_date_no_calendar_has_is_refused():
    with pytest.raises(BadInput, match="No deadline can be counted"):
        due(notice=date.max)


@pytest.mark.unit
def test_json_has_the_shape_of_the_contract():
    assert due().as_json() == {
        "due_on": "2026-09-17",
        "act_by": "2026-09-17",
        "start_event": "presumed_receipt",
        "start_on": "2026-05-20",
        "days": 120,
        "basis": "120 calendar days",
        "source": "42 CFR 405.942",
        "verified_on": "2026-11-21",
    }
    assert due(replace(MEDICARE, verified_on=None)).as_json()["verified_on"] is None


@pytest.mark.unit
def test_basis_names_business_days():
    assert basis(replace(MEDICARE, days=30, count="business")) == "30 business days"
