"""Business time on Chicago's clocks: what is due when, on which day, across what."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import strategies as st

from tests.laws import law
from worklists import clocks
from worklists.clocks import (
    Calendar,
    add_business_hours,
    business_hours_between,
    end_of_day,
    last_business_day,
    start_of_day,
    start_of_work,
    step_due_at,
)

pytestmark = pytest.mark.unit

CHICAGO = "America/Chicago"
OFFICE = {str(day): [("08:00", "17:00")] for day in range(1, 6)}
WITH_LUNCH = {str(day): [("08:00", "12:00"), ("13:00", "17:00")] for day in range(1, 6)}
ALWAYS = {str(day): [("00:00", "24:00")] for day in range(1, 8)}
NIGHTS = {str(day): [("00:00", "06:00"), ("22:00", "24:00")] for day in range(1, 8)}

office = Calendar(CHICAGO, OFFICE, frozenset(), True)
plain = Calendar(CHICAGO, OFFICE, frozenset(), False)
lunch = Calendar(CHICAGO, WITH_LUNCH, frozenset({date(2026, 11, 24)}), True)
always = Calendar(CHICAGO, ALWAYS, frozenset(), False)
nights = Calendar(CHICAGO, NIGHTS, frozenset(), False)
sundays = Calendar(CHICAGO, {"7": [("01:30", "02:30")]}, frozenset(), False)
CALENDARS = (office, plain, lunch, always, nights, sundays)


def local(text: str, zone: str = CHICAGO, fold: int = 0) -> datetime:
    """Return a local wall time as the moment in UTC it stands for."""
    wall = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return wall.astimezone(UTC)


# --- Adding hours: a table ----------------------------------------------------------


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "due"),
    [
        # Within a day, over an evening, over a weekend.
        (office, "2026-06-03 09:00", 4, "2026-06-03 13:00"),
        (office, "2026-06-03 16:00", 2, "2026-06-04 09:00"),
        (office, "2026-06-05 16:00", 2, "2026-06-08 09:00"),
        # Work that ends with the day is due that evening, not the next morning.
        (office, "2026-06-03 08:00", 9, "2026-06-03 17:00"),
        (office, "2026-06-03 08:00", 18, "2026-06-04 17:00"),
        # What arrives out of hours counts from the next span.
        (office, "2026-06-06 11:00", 1, "2026-06-08 09:00"),
        (office, "2026-06-03 03:00", 9, "2026-06-03 17:00"),
        (office, "2026-06-03 17:00", 1, "2026-06-04 09:00"),
        # Lunch is not worked.
        (lunch, "2026-06-03 11:00", 2, "2026-06-03 14:00"),
        (lunch, "2026-06-03 12:30", 1, "2026-06-03 14:00"),
        # Thanksgiving 2026 and the site's own day before it.
        (office, "2026-11-25 16:00", 2, "2026-11-27 09:00"),
        (lunch, "2026-11-23 16:00", 2, "2026-11-25 09:00"),
        # July 4 on a Saturday is observed on the Friday before it.
        (office, "2026-07-02 16:00", 2, "2026-07-06 09:00"),
        (plain, "2026-07-02 16:00", 2, "2026-07-03 09:00"),
        # New Year 2022 on a Saturday is observed in the year before.
        (office, "2021-12-30 16:00", 2, "2022-01-03 09:00"),
        # Across the turn of the year.
        (office, "2026-12-31 16:00", 2, "2027-01-04 09:00"),
        (plain, "2026-12-31 16:00", 2, "2027-01-01 09:00"),
        # A night shift across midnight, and across both changes of the clocks.
        (nights, "2026-06-03 23:00", 2, "2026-06-04 01:00"),
        (nights, "2026-03-07 22:00", 8, "2026-03-08 22:00+1h"),
        (nights, "2026-10-31 22:00", 8, "2026-11-01 05:00"),
        # The day of 23 and the day of 25 hours, worked around the clock.
        (always, "2026-03-08 00:00", 23, "2026-03-09 00:00"),
        (always, "2026-11-01 00:00", 25, "2026-11-02 00:00"),
        # Half hours and minutes.
        (office, "2026-06-03 16:45", 0.5, "2026-06-04 08:15"),
        # No hours at all is the moment itself, also at night.
        (office, "2026-06-06 11:00", 0, "2026-06-06 11:00"),
        # A year and more ahead: 2,000 hours are 222 days and 2 hours.
        (plain, "2026-01-01 08:00", 2000, "2026-11-09 10:00"),
        # Backwards: to the start of a span, never to the evening before it.
        (office, "2026-06-03 10:00", -2, "2026-06-03 08:00"),
        (office, "2026-06-03 10:00", -3, "2026-06-02 16:00"),
        (office, "2026-06-08 09:00", -2, "2026-06-05 16:00"),
        (office, "2026-06-07 09:00", -9, "2026-06-05 08:00"),
        (office, "2027-01-04 09:00", -2, "2026-12-31 16:00"),
    ],
)
def test_add_business_hours(calendar: Calendar, start: str, hours: float, due: str):
    due, _, extra = due.partition("+")
    expected = local(due) + timedelta(hours=bool(extra))
    result = add_business_hours(local(start), hours, calendar)
    assert result == expected
    assert result.tzinfo is UTC


@pytest.mark.parametrize(
    ("calendar", "a", "b", "hours"),
    [
        (office, "2026-06-03 09:00", "2026-06-03 13:00", 4.0),
        (office, "2026-06-05 16:00", "2026-06-08 09:00", 2.0),
        (office, "2026-06-06 01:00", "2026-06-07 23:00", 0.0),
        (office, "2026-06-08 09:00", "2026-06-05 16:00", -2.0),
        (lunch, "2026-06-03 08:00", "2026-06-03 17:00", 8.0),
        (office, "2026-12-31 16:00", "2027-01-04 09:00", 2.0),
        (always, "2026-03-08 00:00", "2026-03-09 00:00", 23.0),
        (always, "2026-11-01 00:00", "2026-11-02 00:00", 25.0),
        (always, "2024-01-01 00:00", "2028-01-01 00:00", 1461 * 24.0),
    ],
)
def test_business_hours_between(calendar: Calendar, a: str, b: str, hours: float):
    assert business_hours_between(local(a), local(b), calendar) == hours


# --- Nights on which the clocks change ------------------------------------------------


def test_span_that_begins_in_the_skipped_hour_begins_at_the_jump():
    calendar = Calendar(CHICAGO, {"7": [("02:30", "10:00")]}, frozenset(), False)
    jump = local("2026-03-08 03:00")
    assert add_business_hours(jump - timedelta(hours=9), 0.5, calendar) == (
        jump + timedelta(minutes=30)
    )


def test_span_that_ends_in_the_skipped_hour_ends_at_the_jump():
    calendar = Calendar(CHICAGO, {"7": [("00:00", "02:30")]}, frozenset(), False)
    midnight = local("2026-03-08 00:00")
    assert business_hours_between(midnight, midnight + timedelta(days=1), calendar) == 2


def test_span_that_lies_in_the_skipped_hour_is_not_worked():
    calendar = Calendar(CHICAGO, {"7": [("02:00", "03:00")]}, frozenset(), False)
    friday = local("2026-03-06 12:00")
    assert add_business_hours(friday, 0.5, calendar) == local("2026-03-15 02:30")


def test_hour_that_comes_twice_is_worked_twice():
    midnight = local("2026-11-01 00:00")
    day = business_hours_between(midnight, midnight + timedelta(days=1), sundays)
    assert day == 2.0  # 01:30 of summer time to 02:30 of winter time


def test_neighbours_in_an_hour_that_comes_twice_do_not_count_twice():
    # Havana goes back from one to midnight on November 1.
    spans = [("00:00", "00:30"), ("00:30", "24:00")]
    calendar = Calendar("America/Havana", {str(d): spans for d in range(1, 8)})
    start = local("2026-10-31 00:00", "America/Havana")
    for hours in (24, 48, 49, 73):
        due = start + timedelta(hours=hours)
        assert business_hours_between(start, due, calendar) == hours
        assert add_business_hours(start, hours, calendar) == due


def test_zone_of_half_hours_south_of_the_equator():
    calendar = Calendar("Australia/Lord_Howe", ALWAYS, frozenset(), False)
    zone = calendar.time_zone
    spring, autumn = local("2026-10-04 00:00", zone), local("2026-04-05 00:00", zone)
    after_spring, after_autumn = local("2026-10-05", zone), local("2026-04-06", zone)
    assert business_hours_between(spring, after_spring, calendar) == 23.5
    assert business_hours_between(autumn, after_autumn, calendar) == 24.5


# --- Days ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 6, 3), date(2026, 6, 3)),
        (date(2026, 6, 7), date(2026, 6, 5)),
        (date(2026, 11, 26), date(2026, 11, 25)),
        (date(2026, 7, 5), date(2026, 7, 2)),
        (date(2022, 1, 2), date(2021, 12, 30)),
    ],
)
def test_last_business_day(on: date, expected: date):
    assert last_business_day(on, office) == expected


def test_own_holiday_is_no_business_day():
    assert last_business_day(date(2026, 11, 24), lunch) == date(2026, 11, 23)
    assert not lunch.works_on(date(2026, 11, 24))
    assert office.works_on(date(2026, 11, 24))


@pytest.mark.parametrize(
    ("zone", "on", "moment"),
    [
        (CHICAGO, date(2026, 6, 3), "2026-06-04T04:59:59+00:00"),
        (CHICAGO, date(2026, 12, 31), "2027-01-01T05:59:59+00:00"),
        ("Asia/Tokyo", date(2026, 6, 3), "2026-06-03T14:59:59+00:00"),
        # Havana's clocks go back at one in the morning: 23:59:59 comes once.
        ("America/Havana", date(2026, 10, 31), "2026-11-01T03:59:59+00:00"),
        # Lebanon's clocks go back at midnight: 23:59:59 comes twice, the later counts.
        ("Asia/Beirut", date(2026, 10, 24), "2026-10-24T21:59:59+00:00"),
    ],
)
def test_end_of_day(zone: str, on: date, moment: str):
    result = end_of_day(on, zone)
    assert result == datetime.fromisoformat(moment)
    assert result.tzinfo is UTC


@pytest.mark.parametrize(
    ("zone", "on", "moment"),
    [
        (CHICAGO, date(2026, 3, 8), datetime(2026, 3, 8, 6, tzinfo=UTC)),
        (CHICAGO, date(2026, 3, 9), datetime(2026, 3, 9, 5, tzinfo=UTC)),
        ("Pacific/Honolulu", date(2026, 1, 1), datetime(2026, 1, 1, 10, tzinfo=UTC)),
    ],
)
def test_start_of_day(zone: str, on: date, moment: datetime):
    assert start_of_day(on, zone) == moment


def test_a_day_starts_in_a_zone_we_know():
    with pytest.raises(ValueError, match="no/where"):
        start_of_day(date(2026, 1, 1), "no/where")


@pytest.mark.parametrize(
    ("day", "begins"),
    [
        (date(2026, 6, 3), "2026-06-03 08:00"),
        (date(2026, 6, 6), "2026-06-08 08:00"),
        (date(2026, 11, 26), "2026-11-27 08:00"),
        (date(2027, 1, 1), "2027-01-04 08:00"),
    ],
)
def test_start_of_work(day: date, begins: str):
    assert start_of_work(day, office) == local(begins)


def test_start_of_work_where_midnight_is_worked():
    assert start_of_work(date(2026, 6, 3), always) == local("2026-06-03 00:00")


def test_moments_of_any_zone_are_understood():
    tokyo = datetime(2026, 6, 3, 23, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
    # 09:00 in Chicago
    assert add_business_hours(tokyo, 1, office) == local("2026-06-03 10:00")


def test_evening_of_the_year_belongs_to_both_years():
    shift = Calendar(CHICAGO, {"4": [("16:00", "20:00")]}, frozenset(), False)
    turn = datetime(2027, 1, 1, tzinfo=UTC)  # 18:00 in Chicago, a Thursday
    before, after = turn - timedelta(hours=3), turn + timedelta(hours=3)
    assert business_hours_between(before, after, shift) == 4.0
    assert add_business_hours(before, 3, shift) == turn + timedelta(hours=1)
    assert add_business_hours(after, -3, shift) == turn - timedelta(hours=1)
    assert add_business_hours(after, -2, shift) == turn
    assert add_business_hours(before, 2, shift) == turn


# --- Ladders --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "offset", "expected"),
    [
        ("internal", -2, "2026-06-05 16:00"),
        ("internal", 0, "2026-06-08 09:00"),
        ("internal", 9, "2026-06-09 09:00"),
        ("legal", -48, "2026-06-06 09:00"),
        ("legal", 0, "2026-06-08 09:00"),
        ("legal", 24, "2026-06-09 09:00"),
    ],
)
def test_step_due_at(kind: str, offset: int, expected: str):
    assert step_due_at(kind, local("2026-06-08 09:00"), offset, office) == local(
        expected
    )


def test_step_of_an_unknown_clock_is_refused():
    with pytest.raises(ValueError, match="sideways"):
        step_due_at("sideways", local("2026-06-08 09:00"), 1, office)


# --- Refusals -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "hours", "message"),
    [
        ("Mars/Olympus", OFFICE, "not a time zone"),
        ("", OFFICE, "not a time zone"),
        ("../etc", OFFICE, "not a time zone"),
        (CHICAGO, {}, "no working hours"),
        (CHICAGO, {"1": []}, "no working hours"),
        (CHICAGO, {"8": [("08:00", "17:00")]}, "not '8'"),
        (CHICAGO, {"1": [("17:00", "08:00")]}, "ends before it starts"),
        (CHICAGO, {"1": [("08:00", "08:00")]}, "ends before it starts"),
        (CHICAGO, {"1": [("08:00", "12:00"), ("11:00", "17:00")]}, "overlap"),
        (CHICAGO, {"1": [("8:00", "17:00")]}, "not a time such as"),
        (CHICAGO, {"1": [("08:00", "25:00")]}, "not a time such as"),
        (CHICAGO, {"1": [("08:00", 17)]}, "not a time such as"),
        (CHICAGO, {"1": [("08:00",)]}, "not a start and an end"),
    ],
)
def test_calendar_refuses_what_cannot_be_worked(zone: str, hours: object, message: str):
    with pytest.raises(ValueError, match=message):
        Calendar(zone, hours, frozenset(), False)  # type: ignore[arg-type]


@pytest.mark.parametrize("hours", [400_001, -400_001, float("inf"), float("nan")])
def test_hours_beyond_reason_are_refused(hours: float):
    with pytest.raises(ValueError, match="outside"):
        add_business_hours(local("2026-06-03 09:00"), hours, office)


def test_moment_without_zone_is_refused():
    naive = datetime(2026, 6, 3, 9)  # noqa: DTZ001 - that is the fault
    with pytest.raises(ValueError, match="needs its time zone"):
        add_business_hours(naive, 1, office)


@pytest.mark.parametrize("year", [1900, 9999])
def test_moment_outside_the_kept_years_is_refused(year: int):
    with pytest.raises(ValueError, match=f"not {year}"):
        add_business_hours(datetime(year, 6, 1, tzinfo=UTC), 1, office)


def test_calendars_are_equal_by_what_they_say():
    one = Calendar(CHICAGO, {"1": [["08:00", "12:00"], ["13:00", "17:00"]]})
    other = Calendar(CHICAGO, {"1": (("13:00", "17:00"), ("08:00", "12:00")), "2": ()})
    assert one == other
    assert hash(one) == hash(other)
    assert one.book is other.book  # the work of a year is done once
    assert one != Calendar(CHICAGO, {"1": [("08:00", "17:00")]})
    assert one != "America/Chicago"


def test_adjacent_spans_are_one_stretch_of_work():
    split = Calendar(CHICAGO, {"3": [("08:00", "12:00"), ("12:00", "17:00")]})
    start = local("2026-06-03 08:00")
    assert add_business_hours(start, 4, split) == local("2026-06-03 12:00")
    assert business_hours_between(start, local("2026-06-03 17:00"), split) == 9.0


# --- Properties -----------------------------------------------------------------------


moments = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - hypothesis wants it naive
    max_value=datetime(2032, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
# Weeks around the two changes of the clocks, holidays and the turn of a year.
edges = st.sampled_from(
    ["2026-03-07", "2026-10-31", "2026-12-30", "2026-11-25", "2026-07-02", "2028-02-28"]
).flatmap(
    lambda day: st.timedeltas(timedelta(0), timedelta(days=4)).map(
        lambda more: datetime.fromisoformat(day).replace(tzinfo=UTC) + more
    )
)
starts = moments | edges
calendars = st.sampled_from(CALENDARS)
minutes = st.integers(1, 60 * 24 * 60)


@law(calendars, starts, minutes)
def test_adding_hours_and_counting_them_agree(calendar, start, worked):
    due = add_business_hours(start, worked / 60, calendar)
    assert due > start
    assert business_hours_between(start, due, calendar) == pytest.approx(
        worked / 60, abs=1e-9
    )


@law(calendars, starts, minutes)
def test_going_back_and_counting_agree(calendar, start, worked):
    due = add_business_hours(start, -worked / 60, calendar)
    assert due < start
    assert business_hours_between(start, due, calendar) == pytest.approx(
        -worked / 60, abs=1e-9
    )


@law(calendars, starts, minutes)
def test_due_is_the_earliest_moment_and_going_back_the_latest(calendar, start, worked):
    hours = worked / 60
    just = timedelta(microseconds=1)
    due = add_business_hours(start, hours, calendar)
    back = add_business_hours(start, -hours, calendar)
    short = business_hours_between(start, due - just, calendar)
    long = business_hours_between(back + just, start, calendar)
    assert short < business_hours_between(start, due, calendar)
    assert long < business_hours_between(back, start, calendar)


@law(calendars, starts, minutes, minutes)
def test_more_hours_are_never_due_earlier(calendar, start, one, two):
    fewer, more = sorted([one, two])
    assert add_business_hours(start, fewer / 60, calendar) <= add_business_hours(
        start, more / 60, calendar
    )


@law(calendars, starts, st.timedeltas(timedelta(0), timedelta(days=60)), minutes)
def test_later_arrival_is_never_due_earlier(calendar, start, later, worked):
    assert add_business_hours(start, worked / 60, calendar) <= add_business_hours(
        start + later, worked / 60, calendar
    )


@law(calendars, starts, starts, starts)
def test_counting_in_two_stretches_is_counting_once(calendar, a, b, c):
    whole = business_hours_between(a, c, calendar)
    parts = business_hours_between(a, b, calendar) + business_hours_between(
        b, c, calendar
    )
    assert parts == pytest.approx(whole, abs=1e-6)


@law(calendars, starts, starts)
def test_no_more_is_worked_than_passes(calendar, a, b):
    passed = abs((b - a) / timedelta(hours=1))
    assert abs(business_hours_between(a, b, calendar)) <= passed + 1e-9


@law(starts, minutes, st.sets(st.dates(date(2025, 12, 20), date(2033, 1, 10))))
def test_holidays_lengthen_and_never_shorten(start, worked, days):
    with_days = Calendar(CHICAGO, OFFICE, frozenset(days), False)
    hours = worked / 60
    assert add_business_hours(start, hours, with_days) >= add_business_hours(
        start, hours, plain
    )
    assert add_business_hours(start, -hours, with_days) <= add_business_hours(
        start, -hours, plain
    )


@law(starts, minutes)
def test_federal_holidays_lengthen_and_never_shorten(start, worked):
    assert add_business_hours(start, worked / 60, office) >= add_business_hours(
        start, worked / 60, plain
    )


@law(calendars, st.dates(date(2020, 1, 1), date(2032, 12, 31)))
def test_last_business_day_is_worked_and_nothing_after_it_is(calendar, on):
    day = last_business_day(on, calendar)
    assert calendar.works_on(day)
    between = range(1, (on - day).days + 1)
    assert not any(calendar.works_on(day + timedelta(days=n)) for n in between)


@law(st.dates(date(2020, 1, 1), date(2032, 12, 31)))
def test_simple_count_of_days_agrees(on):
    """A slow count of working days is the oracle for the fast one."""
    start = end_of_day(on, CHICAGO)
    days = [on + timedelta(days=n) for n in range(1, 200)]
    hours = 9 * sum(office.works_on(day) for day in days)
    assert business_hours_between(start, end_of_day(days[-1], CHICAGO), office) == hours


def test_years_are_built_once():
    calendar = Calendar("America/Denver", OFFICE, frozenset(), True)
    add_business_hours(local("2026-06-03 09:00"), 10, calendar)
    assert list(calendar.book._years) == [2026]
    assert clocks._book_of.cache_info().currsize >= 1


HALF = ((date(2026, 12, 24), (("08:00", "12:00"),)),)
WEEKDAYS_8_TO_17 = {str(day): [["08:00", "17:00"]] for day in range(1, 6)}


def test_a_half_day_has_hours_of_its_own():
    plain = Calendar("America/Chicago", WEEKDAYS_8_TO_17)
    short = Calendar("America/Chicago", WEEKDAYS_8_TO_17, short=HALF)
    eight = datetime(2026, 12, 24, 14, tzinfo=UTC)

    assert add_business_hours(eight, 5, plain) == datetime(2026, 12, 24, 19, tzinfo=UTC)
    # Four hours on the 24th; the 25th is a holiday; the fifth is Monday's first.
    assert add_business_hours(eight, 5, short) == datetime(2026, 12, 28, 15, tzinfo=UTC)
    assert plain != short


def test_hours_of_its_own_go_before_a_holiday_and_a_day_off():
    christmas = date(2026, 12, 25)
    spans = ((christmas, (("10:00", "12:00"),)),)
    worked = Calendar(
        "America/Chicago", WEEKDAYS_8_TO_17, frozenset({christmas}), short=spans
    )

    assert worked.works_on(christmas)
    ten = datetime(2026, 12, 25, 16, tzinfo=UTC)
    assert add_business_hours(ten, 1, worked) == datetime(2026, 12, 25, 17, tzinfo=UTC)


def test_hours_of_its_own_that_run_backwards_are_refused():
    wrong = ((date(2026, 12, 24), (("12:00", "08:00"),)),)
    with pytest.raises(ValueError, match="ends before it starts"):
        Calendar("America/Chicago", WEEKDAYS_8_TO_17, short=wrong)
