"""Points and their reasons, and the same from SQL made of the same tables."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import strategies as st

from tests.laws import law
from worklists import priority
from worklists.priority import Factor, Facts, Score, score

OPENED = datetime(2026, 6, 1, 12, tzinfo=UTC)


def days(count: float) -> timedelta:
    return timedelta(days=count)


def facts(**changes: object) -> Facts:
    return Facts(**{"amount": Decimal(0), "opened_at": OPENED, **changes})


def points(at: datetime = OPENED, **changes: object) -> int:
    return score(facts(**changes), at).points


@pytest.mark.unit
@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("-10", 0),
        ("0", 0),
        ("49.99", 0),
        ("50", 3),
        ("199.99", 3),
        ("200", 7),
        ("500", 11),
        ("999.99", 11),
        ("1000", 16),
        ("2000", 21),
        ("5000", 26),
        ("9999.99", 26),
        ("10000", 30),
        ("9999999.99", 30),
    ],
)
def test_dollars(amount: str, expected: int):
    assert points(amount=Decimal(amount)) == expected


@pytest.mark.unit
@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (days(61), 0),
        (days(60), 4),
        (days(30), 10),
        (days(14), 18),
        (days(7), 26),
        (days(3), 32),
        (days(1), 36),
        (timedelta(microseconds=1), 36),
        (days(0), 40),
        (days(-400), 40),
    ],
)
def test_legal_due(left: timedelta, expected: int):
    assert points(legal_due_at=OPENED + left) == expected


@pytest.mark.unit
@pytest.mark.parametrize(
    ("age", "bucket", "expected"),
    [
        (days(-1), 0, 0),
        (days(0), 0, 0),
        (days(8) - timedelta(microseconds=1), 0, 0),
        (days(8), 1, 3),
        (days(15), 2, 6),
        (days(31), 3, 9),
        (days(61), 4, 12),
        (days(91), 5, 15),
        (days(900), 5, 15),
    ],
)
def test_age_and_its_bucket(age: timedelta, bucket: int, expected: int):
    found = score(facts(), OPENED + age)
    assert (found.bucket, found.points) == (bucket, expected)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("left", "expected"),
    [(days(1), 0), (timedelta(microseconds=1), 0), (days(0), 10), (days(-30), 10)],
)
def test_internal_due(left: timedelta, expected: int):
    assert points(internal_due_at=OPENED + left) == expected


@pytest.mark.unit
@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (None, 0),
        ((0, 0), 0),
        ((29, 29), 0),
        ((0, 29), 0),
        ((0, 30), -5),
        ((2, 30), -5),
        ((3, 30), -2),
        ((8, 30), -2),
        ((9, 30), 0),
        ((14, 30), 0),
        ((15, 30), 2),
        ((20, 30), 2),
        ((21, 30), 5),
        ((30, 30), 5),
        ((699, 1000), 2),
        ((700, 1000), 5),
    ],
)
def test_recovery_is_neutral_until_thirty_outcomes(outcomes, expected: int):
    assert points(recovery=outcomes) == expected


@pytest.mark.unit
def test_reasons_add_up_and_name_what_changes_next():
    at = OPENED + days(40)
    found = score(
        facts(
            amount=Decimal("2310.55"),
            legal_due_at=at + days(10),
            internal_due_at=at - days(3),
            recovery=(20, 40),
        ),
        at,
    )
    assert found == Score(
        points=18 + 21 + 9 + 10 + 2,
        reasons=(
            Factor("legal_due", "within 14 days", 18),
            Factor("dollars", "$2,000 or more", 21),
            Factor("age", "31 to 60 days", 9),
            Factor("internal_due", "overdue", 10),
            Factor("recovery", "won 5 of 10 or more", 2),
        ),
        bucket=3,
        changes_at=at + days(3),
    )
    assert found.reasons_as_json()[0] == {
        "factor": "legal_due",
        "value": "within 14 days",
        "points": 18,
    }


@pytest.mark.unit
def test_nothing_changes_once_every_band_is_reached():
    at = OPENED + days(91)
    due = {"legal_due_at": OPENED, "internal_due_at": OPENED}
    assert score(facts(**due), at).changes_at is None
    assert score(facts(**due), at - timedelta(microseconds=1)).changes_at == at


@pytest.mark.unit
def test_the_most_and_the_least():
    most = facts(
        amount=Decimal(10_000),
        legal_due_at=OPENED,
        internal_due_at=OPENED,
        recovery=(30, 30),
    )
    assert score(most, OPENED + days(91)).points == 100
    assert points(recovery=(0, 30)) == -5


@pytest.mark.unit
@pytest.mark.parametrize(("lift", "expected"), [(-1, -30), (0, 0), (1, 30)])
def test_a_manager_raises_and_lowers(lift: int, expected: int):
    found = score(facts(lift=lift), OPENED)
    assert found.points == expected
    assert [reason.factor for reason in found.reasons] == ["by_hand"] * bool(lift)


# --- Properties -----------------------------------------------------------------------

spans = st.timedeltas(timedelta(days=-400), timedelta(days=400))
money = st.decimals(-1000, 20_000, places=2)
any_facts = st.builds(
    Facts,
    amount=money,
    opened_at=spans.map(lambda span: OPENED + span),
    legal_due_at=st.none() | spans.map(lambda span: OPENED + span),
    internal_due_at=st.none() | spans.map(lambda span: OPENED + span),
    recovery=st.none()
    | st.integers(0, 100).flatmap(
        lambda decided: st.tuples(st.integers(0, decided), st.just(decided))
    ),
    lift=st.sampled_from([-1, 0, 1]),
)


@pytest.mark.unit
@law(any_facts)
def test_nothing_changes_before_the_stated_moment_and_something_at_it(item: Facts):
    now = score(item, OPENED)
    if now.changes_at is None:
        later = score(item, OPENED + days(2000))
        assert later[:3] == now[:3]
        return
    assert now.changes_at > OPENED
    just_before = score(item, now.changes_at - timedelta(microseconds=1))
    assert just_before == now
    assert score(item, now.changes_at) != now


@pytest.mark.unit
@law(any_facts, spans, spans)
def test_time_and_dollars_never_lower_the_points(item: Facts, one, two):
    earlier, later = sorted([OPENED + one, OPENED + two])
    assert score(item, earlier).points <= score(item, later).points


@pytest.mark.unit
@law(any_facts)
def test_points_are_the_sum_of_the_reasons_within_bounds(item: Facts):
    found = score(item, OPENED)
    assert found.points == sum(reason.points for reason in found.reasons)
    assert all(reason.points for reason in found.reasons)
    assert -35 <= found.points <= 130


# --- SQL ------------------------------------------------------------------------------

QUERY = """
SELECT {points}, {reasons}::text, {bucket}, {changes_at} AT TIME ZONE 'UTC'
  FROM (VALUES {rows}) AS i (n, amount, opened_at, legal_due_at, internal_due_at, won,
                             decided, lift)
 ORDER BY n
"""


def from_sql(items: list[Facts], at: datetime) -> list[tuple[object, ...]]:
    """Return points, reasons, bucket and next change as PostgreSQL computes them."""
    outcomes = {"won": "i.won", "decided": "i.decided"}
    query = QUERY.format(
        points=priority.sql_points(**outcomes),
        reasons=priority.sql_reasons(**outcomes),
        bucket=priority.sql_bucket(),
        changes_at=priority.sql_changes_at(),
        rows=", ".join(row_text(number) for number in range(len(items))),
    )
    values: dict[str, object] = {"at": at}
    for number, item in enumerate(items):
        won, decided = item.recovery or (None, None)
        values |= {
            f"amount{number}": item.amount,
            f"opened{number}": item.opened_at,
            f"legal{number}": item.legal_due_at,
            f"internal{number}": item.internal_due_at,
            f"won{number}": won,
            f"decided{number}": decided,
            f"lift{number}": item.lift,
        }
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def row_text(number: int) -> str:
    return (
        f"({number}, %(amount{number})s::numeric, %(opened{number})s::timestamptz, "
        f"%(legal{number})s::timestamptz, %(internal{number})s::timestamptz, "
        f"%(won{number})s::int, %(decided{number})s::int, %(lift{number})s::int)"
    )


def boundary_items() -> list[Facts]:
    """Return one item on each side of every band of every table."""
    tick = timedelta(microseconds=1)
    found = [facts()]
    for start, _ in priority.DOLLARS:
        found += [facts(amount=Decimal(start)), facts(amount=Decimal(start) - 1)]
    for name, table, sign in (
        ("opened_at", priority.AGE, -1),
        ("legal_due_at", priority.LEGAL, -1),
        ("internal_due_at", priority.INTERNAL, -1),
    ):
        for hours, _ in table:
            moment = OPENED + sign * timedelta(hours=hours)
            found += [
                facts(**{name: moment + step}) for step in (-tick, 0 * tick, tick)
            ]
    found += [facts(recovery=(won, 30)) for won in range(31)]
    found += [facts(lift=lift) for lift in (-1, 0, 1)]
    return [*found, facts(recovery=(29, 29)), facts(recovery=(0, 0))]


def random_items(count: int) -> list[Facts]:
    draw = random.Random(20261121)  # noqa: S311 - the same items every time

    def moment() -> datetime:
        return OPENED + timedelta(seconds=draw.randint(-200 * 86_400, 200 * 86_400))

    return [
        Facts(
            amount=Decimal(draw.randint(-5_000, 1_500_000)) / 100,
            opened_at=moment(),
            legal_due_at=draw.choice([None, moment()]),
            internal_due_at=draw.choice([None, moment()]),
            recovery=draw.choice([None, (draw.randint(0, 40), draw.randint(40, 99))]),
            lift=draw.choice([-1, 0, 1]),
        )
        for _ in range(count)
    ]


@pytest.mark.integration
@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["UTC", "America/Chicago"])
@pytest.mark.parametrize("items", [boundary_items(), random_items(500)])
def test_sql_says_what_python_says(items: list[Facts], zone: str):
    with connection.cursor() as cursor:
        # Days of 23 and 25 hours in the session's zone must make no difference.
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [zone])
    for at in (OPENED, datetime(2026, 11, 3, 4, 59, tzinfo=UTC)):
        expected = [
            (s.points, s.reasons_as_json(), s.bucket, s.changes_at)
            for s in (score(item, at) for item in items)
        ]
        found = [
            (points, json.loads(reasons), bucket, change and change.replace(tzinfo=UTC))
            for points, reasons, bucket, change in from_sql(items, at)
        ]
        assert found == expected


@pytest.mark.unit
def test_sql_names_its_columns_and_leaves_outcomes_out_when_nobody_counted():
    text = priority.sql_points("w", "now()")
    assert "w.amount >= 10000" in text
    assert "now() >= w.legal_due_at + interval '-168 hours'" in text
    assert "%" not in text
    assert "decided" not in text
    with_outcomes = priority.sql_points("w", "now()", won="o.won", decided="o.decided")
    assert "(o.decided) >= 30 AND (o.won) * 100 >= 70 * (o.decided)" in with_outcomes


@pytest.mark.unit
def test_texts_are_quoted_for_sql():
    assert priority._as_jsonb(Factor("x", "payer's", 1)) == (
        """'[{"factor": "x", "value": "payer''s", "points": 1}]'::jsonb"""
    )
