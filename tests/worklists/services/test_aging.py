"""Re-aging: what is due and nothing else, in batches, and round a bad row."""

from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories import open_many
from tests.worklists.services.timekeeping import (
    DAY,
    HOUR,
    MONDAY,
    actions,
    held,
    opened,
    pend,
    read,
    timed_site,
)
from worklists import priority
from worklists.models import WorkItem
from worklists.services import aging
from worklists.services.injected_time import at

pytestmark = pytest.mark.django_db
LATER = MONDAY + 40 * DAY


@contextmanager
def refuse_updates_of(*items: WorkItem, when: str = "true"):
    """Have the database refuse any change of these rows that meets a condition."""
    ids = ", ".join(str(item.pk) for item in items)
    with connection.cursor() as cursor:
        cursor.execute(f"""
            CREATE FUNCTION refuse_row() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'refused'; END $$;
            CREATE TRIGGER refuse_row BEFORE UPDATE ON worklists_workitem
            FOR EACH ROW WHEN (NEW.id IN ({ids}) AND {when})
            EXECUTE FUNCTION refuse_row();
        """)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION refuse_row CASCADE")


def scored(item: WorkItem) -> tuple[object, ...]:
    return item.priority, item.priority_reasons, item.age_bucket, item.reage_at


def in_python(item: WorkItem, moment) -> tuple[object, ...]:
    with at(moment):
        aging.rescore(item)
    return scored(item)


def test_rescore_says_points_reasons_bucket_and_next_change() -> None:
    item = opened(timed_site(), amount=Decimal(600), legal_due_at=MONDAY + 50 * DAY)
    with at(MONDAY + 9 * DAY):
        aging.rescore(item)
    assert item.priority == 4 + 11 + 3 + 10
    assert item.priority_reasons == [
        {"factor": "legal_due", "value": "within 60 days", "points": 4},
        {"factor": "dollars", "value": "$500 or more", "points": 11},
        {"factor": "age", "value": "8 to 14 days", "points": 3},
        {"factor": "internal_due", "value": "overdue", "points": 10},
    ]
    assert item.age_bucket == 1
    assert item.reage_at == item.opened_at + 15 * DAY
    assert read(item).priority == 4 + 11  # in memory: the caller saves


def test_what_is_due_gets_the_same_score_as_in_python() -> None:
    site = timed_site()
    items = [
        opened(site, MONDAY - n * DAY, amount=Decimal(n * 130), legal_due_at=due_at)
        for n, due_at in enumerate([None, LATER, MONDAY])
    ]
    done = aging.reage_due(LATER)
    assert (done.count, done.stuck) == (3, {})
    for item in items:
        assert scored(read(item)) == in_python(item, LATER)


def test_what_is_not_due_is_not_touched() -> None:
    site = timed_site()
    with connection.cursor() as cursor:
        item = opened(site)
        cursor.execute("SELECT xmin::text FROM worklists_workitem")
        before = cursor.fetchall()
        assert aging.reage_due(item.reage_at - HOUR).count == 0
        cursor.execute("SELECT xmin::text FROM worklists_workitem")
        assert cursor.fetchall() == before


def test_a_second_run_finds_nothing() -> None:
    opened(timed_site())
    assert aging.reage_due(LATER).count == 1
    assert aging.reage_due(LATER).count == 0


def test_re_aging_is_no_act() -> None:
    item = opened(timed_site())
    aging.reage_due(LATER)
    after = read(item)
    assert actions(item) == ["item.opened"]
    assert (after.version, after.trail_seq, after.touched_at, after.entered_at) == (
        item.version, item.trail_seq, item.touched_at, item.entered_at
    )  # fmt: skip


def test_a_paused_clock_is_not_overdue() -> None:
    site = timed_site()
    item = pend(site.coder, held(site), MONDAY + HOUR, LATER + DAY)
    aging.reage_due(LATER)
    assert [r["factor"] for r in read(item).priority_reasons] == ["dollars", "age"]


def test_batches_follow_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aging, "BATCH", 2)
    site = timed_site()
    with at(MONDAY):
        open_many(site.queue, site.facility, 5, at=MONDAY)
    with CaptureQueriesContext(connection) as queries:
        assert aging.reage_due(LATER).count == 5
    updates = [q for q in queries if q["sql"].lstrip().startswith("UPDATE")]
    assert len(updates) == 3


def test_a_refused_row_is_found_and_the_others_go_on() -> None:
    site = timed_site()
    with at(MONDAY):
        items = open_many(site.queue, site.facility, 9, at=MONDAY)
    with refuse_updates_of(items[3], items[7]):
        done = aging.reage_due(LATER)
    assert done.count == 7
    assert sorted(done.stuck) == [items[3].pk, items[7].pk]
    assert {stuck.what for stuck in done.stuck.values()} == {"re-aging"}
    for item in items:
        expected = 0 if item in (items[3], items[7]) else 3
        assert read(item).age_bucket == expected


def test_a_time_out_is_nobodys_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def time_out(*_args: object) -> int:
        raise OperationalError("canceling statement due to statement timeout")

    item = opened(timed_site())
    monkeypatch.setattr(aging, "rescore_rows", time_out)
    with pytest.raises(OperationalError):
        aging.reage_due(LATER)
    assert read(item).age_bucket == 0


def test_a_wrong_statement_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aging, "_DUE", "SELECT nothing")
    with pytest.raises(aging.Stuck):
        aging.reage_due(LATER)


@pytest.mark.django_db(transaction=True)
def test_rows_that_somebody_holds_are_left_for_the_next_sweep() -> None:
    site = timed_site()
    with at(MONDAY):
        mine, free = open_many(site.queue, site.facility, 2, at=MONDAY)
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor, transaction.atomic(using="default"):
            other.set_autocommit(False)
            cursor.execute(
                "SELECT 1 FROM worklists_workitem WHERE id = %s FOR UPDATE", [mine.pk]
            )
            assert aging.reage_due(LATER).count == 1
    finally:
        other.rollback()
        other.close()
    assert (read(mine).age_bucket, read(free).age_bucket) == (0, 3)
    assert aging.reage_due(LATER).count == 1
    assert read(mine).age_bucket == 3


def test_the_bands_are_the_ones_of_the_score() -> None:
    for piece in (priority.sql_points(), priority.sql_bucket()):
        assert piece in aging._RESCORE
