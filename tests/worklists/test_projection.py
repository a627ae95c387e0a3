"""Projected finish: the written definition, case by case."""

import pytest

from worklists.projection import FURTHEST, Outlook, Projection, project


def days(*items, begins=0):
    """Return points of business days in a row."""
    return list(enumerate(items, begins))


@pytest.mark.parametrize(
    ("course", "outlook", "to_go"),
    [
        # 10 fewer a day over all four steps and over the newer half: 60 / 10.
        (days(100, 90, 80, 70, 60), Outlook.IN_SIGHT, 6),
        # 61 / 10 is rounded up.
        (days(101, 91, 81, 71, 61), Outlook.IN_SIGHT, 7),
        # The newer half is slower: 2 a day, 26 / 2.
        (days(60, 50, 30, 28, 26), Outlook.IN_SIGHT, 13),
        # The newer half is faster: the pace over all days stands, (60 - 20) / 4.
        (days(60, 60, 60, 40, 20), Outlook.IN_SIGHT, 2),
        (days(10, 10, 10, 10, 10), Outlook.NOT_FALLING, 0),
        (days(10, 11, 12, 13, 14), Outlook.NOT_FALLING, 0),
        # Cleared once, growing since: not falling.
        (days(500, 20, 22, 24, 26), Outlook.NOT_FALLING, 0),
        # Grew, and falls since: over all days it does not.
        (days(10, 40, 38, 36, 34), Outlook.NOT_FALLING, 0),
        (days(9_004, 9_003, 9_002, 9_001, 9_000), Outlook.FAR, 0),
        # 65 days to go are named, 66 are not.
        (days(69, 68, 67, 66, 65), Outlook.IN_SIGHT, FURTHEST),
        (days(70, 69, 68, 67, 66), Outlook.FAR, 0),
        (days(4, 3, 2, 1, 0), Outlook.EMPTY, 0),
        (days(90, 80, 70, 60), Outlook.UNKNOWN, 0),
        ([], Outlook.UNKNOWN, 0),
    ],
)
def test_cases(course, outlook, to_go):
    found = project(course)

    assert (found.outlook, found.days) == (outlook, to_go)


def test_what_it_stands_on_is_said():
    assert project(days(100, 90, 80, 70, 60)) == Projection(
        Outlook.IN_SIGHT, days=6, items=60, pace=10.0, counted=5
    )


def test_only_the_last_ten_days_count():
    found = project(days(9_999, *range(100, 0, -10)))

    assert (found.counted, found.pace, found.days) == (10, 10.0, 1)


def test_a_day_that_nobody_counted_is_a_day_all_the_same():
    # Ten business days apart, 50 fewer: five a day, not more for want of counts.
    found = project([(0, 100), (2, 90), (5, 75), (7, 65), (10, 50)])

    assert (found.pace, found.days) == (5.0, 10)


def test_a_queue_that_began_within_the_days_has_its_own_history():
    assert project(days(0, 0, 0, 50, 40, 30)).outlook == Outlook.UNKNOWN
    found = project(days(0, 0, 50, 40, 30, 20, 10))
    assert (found.outlook, found.days, found.counted) == (Outlook.IN_SIGHT, 1, 5)
