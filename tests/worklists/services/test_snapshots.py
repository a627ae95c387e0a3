"""The daily count by age: once for each facility and its own day, exact, kept."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from tests.factories import FacilityFactory, make_site, open_item, take
from tests.worklists.services.timekeeping import DAY, HOUR, local
from worklists.enums import AgeBasis
from worklists.models import AgingCount, AgingDay, BusinessCalendar, WorkItem
from worklists.services.injected_time import at
from worklists.services.perform import perform
from worklists.services.snapshots import take_aging_snapshots

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
MORNING = local("2026-03-02", "00:05")


def counted(basis=AgeBasis.ARRIVAL):
    """Return what was counted: queue, bucket, items, dollars, overdue, untouched."""
    rows = AgingCount.objects.filter(basis=basis).order_by("queue_id", "bucket")
    names = ("queue__slug", "bucket", "items", "amount", "overdue", "untouched")
    return list(rows.values_list(*names))


def opened(site, days, **facts):
    """Open an item so many days before the morning."""
    return open_item(site.queue, site.facility, at=MORNING - days, **facts)


def test_items_are_counted_by_queue_and_age():
    site = make_site(slug="alpha")
    for days in (0, 7, 8, 14, 15, 30, 31, 60, 61, 90, 91, 400):
        opened(site, days * DAY, amount=Decimal("10.10"))
    with at(MORNING):
        assert take_aging_snapshots() == 1
    found = [(bucket, items, dollars) for _, bucket, items, dollars, *_ in counted()]
    assert found == [(n, 2, Decimal("20.20")) for n in range(6)]
    day = AgingDay.objects.get()
    assert (day.facility_id, day.day, day.taken_at) == (
        site.facility.pk,
        date(2026, 3, 2),
        MORNING,
    )


def test_age_begins_at_the_date_of_service_on_that_basis():
    site = make_site(slug="alpha")
    for served in ("2026-03-02", "2026-02-23", "2026-02-22", "2025-12-01", None):
        on = date.fromisoformat(served) if served else None
        opened(site, HOUR, service_on=on, amount=Decimal(1))
    with at(MORNING):
        take_aging_snapshots()
    assert [(bucket, items) for _, bucket, items, *_ in counted(AgeBasis.SERVICE)] == [
        (AgingCount.UNDATED, 1),
        (0, 2),
        (1, 1),
        (5, 1),
    ]
    assert [(bucket, items) for _, bucket, items, *_ in counted()] == [(0, 5)]


def test_what_is_overdue_or_untouched_is_counted_and_what_ended_is_not():
    site = make_site(slug="alpha")
    late = opened(site, 6 * DAY, legal_due_at=MORNING - HOUR, amount=Decimal(5))
    opened(site, HOUR, legal_due_at=MORNING + HOUR, amount=Decimal(7))
    gone = opened(site, 6 * DAY)
    with at(MORNING - HOUR):
        done = take(gone, site.coder)
        perform(
            item_id=done.pk,
            action="cancel",
            actor=site.manager,
            expected_version=done.version,
            reason="Opened twice.",
            options={"reason_code": "duplicate"},
        )
    WorkItem.objects.exclude(pk=late.pk).update(internal_due_at=None)
    with at(MORNING):
        take_aging_snapshots()
    assert counted() == [("alpha", 0, 2, Decimal(12), 1, 1)]


def test_a_day_is_counted_once_and_what_comes_later_changes_nothing():
    site = make_site(slug="alpha")
    opened(site, HOUR, amount=Decimal(3))
    with at(MORNING):
        assert take_aging_snapshots() == 1
        opened(site, HOUR)
        assert take_aging_snapshots() == 0
    with at(MORNING + 23 * HOUR + timedelta(minutes=54)):
        assert take_aging_snapshots() == 0
    assert counted() == [("alpha", 0, 1, Decimal(3), 0, 0)]
    with at(MORNING + 24 * HOUR):
        assert take_aging_snapshots() == 1
    assert AgingDay.objects.count() == 2


def test_a_day_begins_where_the_facility_is():
    site = make_site(slug="alpha")
    west = FacilityFactory(
        calendar=BusinessCalendar.objects.create(
            slug="west",
            name="West",
            time_zone="America/Los_Angeles",
            weekly_hours={"1": [["08:00", "17:00"]]},
        )
    )
    open_item(site.queue, west, at=MORNING - HOUR)
    with at(MORNING):
        assert take_aging_snapshots() == 2
    found = dict(AgingDay.objects.values_list("facility_id", "day"))
    assert found == {site.facility.pk: date(2026, 3, 2), west.pk: date(2026, 3, 1)}
    with at(MORNING + 2 * HOUR):
        assert take_aging_snapshots() == 1
    assert AgingDay.objects.filter(facility=west).count() == 2


def test_a_facility_without_work_is_counted_too():
    make_site()
    with at(MORNING):
        assert take_aging_snapshots() == 1
    assert AgingCount.objects.count() == 0


def test_what_was_counted_cannot_be_rewritten():
    site = make_site()
    opened(site, HOUR)
    with at(MORNING):
        take_aging_snapshots()
    for change in (
        lambda: AgingCount.objects.update(items=0),
        lambda: AgingDay.objects.update(day="2020-01-01"),
        lambda: AgingCount.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()
    assert [items for _, _, items, *_ in counted()] == [1]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_count_once():
    site = make_site()
    opened(site, HOUR)

    def count():
        try:
            with at(MORNING):
                return take_aging_snapshots()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(count) for _ in range(4)]
    assert sorted(d.result() for d in done) == [0, 0, 0, 1]
    assert [items for _, _, items, *_ in counted()] == [1]
