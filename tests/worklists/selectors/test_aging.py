"""The counts by age as a person sees them: newest common day, course, what lacks."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.factories import FacilityFactory, QueueFactory, grant, make_site, open_many
from tests.worklists.services.timekeeping import DAY, HOUR, local
from worklists.enums import AgeBasis
from worklists.models import AgingDay, BusinessCalendar
from worklists.selectors.access import access_of
from worklists.selectors.aging import Count, aging_for
from worklists.services.injected_time import at
from worklists.services.snapshots import take_aging_snapshots

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
MORNING = local("2026-03-09", "00:05")


def count_on(moment):
    with at(moment):
        return take_aging_snapshots()


def seen(user, moment=MORNING, **more):
    with at(moment):
        return aging_for(user, **more)


def test_nothing_is_shown_before_a_day_was_counted():
    site = make_site()
    assert seen(site.coder) is None
    count_on(MORNING - 40 * DAY)
    assert seen(site.coder) is None, "what is older than the days shown is no answer"


def test_the_newest_day_by_queue_and_bucket_with_its_course():
    site = make_site(slug="alpha")
    empty = grant(site.coder, QueueFactory(slug="empty"), "work")
    open_many(site.queue, site.facility, 2, at=MORNING - 9 * DAY, amount=Decimal(5))
    count_on(MORNING - 7 * DAY)
    open_many(site.queue, site.facility, 1, at=MORNING - 6 * DAY, amount=Decimal(4))
    count_on(MORNING - DAY)
    open_many(site.queue, site.facility, 3, at=MORNING - HOUR, amount=Decimal(1))
    count_on(MORNING)
    found = seen(site.coder)

    assert (found.day, found.taken_at) == (date(2026, 3, 9), MORNING)
    assert found.missing == [date(2026, 3, n) for n in (3, 4, 5, 6, 7)]
    assert [line.queue.slug for line in found.lines] == ["alpha", "empty"], empty
    line = found.lines[0]
    assert [(c.items, c.amount) for c in line.buckets] == [
        (4, Decimal(7)),
        (2, Decimal(10)),
        *[(0, Decimal(0))] * 5,
    ]
    assert (line.all.items, line.course, line.week_before, line.change) == (
        6,
        [2, 3, 6],
        2,
        4,
    )
    assert (found.lines[1].all, found.lines[1].course) == (Count(), [0, 0, 0])
    assert (found.total.all.items, found.total.queue) == (6, None)


def test_where_nobody_counted_a_week_before_there_is_no_change():
    site = make_site()
    count_on(MORNING - DAY)
    count_on(MORNING)
    assert seen(site.coder).lines[0].change is None


def test_only_queues_and_facilities_that_are_granted_are_counted():
    site = make_site(slug="alpha")
    other = FacilityFactory()
    open_many(site.queue, site.facility, 1, at=MORNING - HOUR)
    open_many(site.queue, other, 2, at=MORNING - HOUR)
    open_many(QueueFactory(slug="beta"), site.facility, 4, at=MORNING - HOUR)
    count_on(MORNING)

    assert [(q.queue.slug, q.all.items) for q in seen(site.coder).lines] == [
        ("alpha", 1)
    ]
    grant(site.coder, other, "view")
    site.coder = type(site.coder).objects.get(pk=site.coder.pk)
    assert seen(site.coder).total.all.items == 3
    assert seen(site.coder, facilities=[other.pk]).total.all.items == 2
    assert seen(site.outsider).lines == []


def test_the_day_is_one_that_every_facility_has():
    site = make_site(slug="alpha")
    west = FacilityFactory(
        calendar=BusinessCalendar.objects.create(
            slug="west",
            name="West",
            time_zone="America/Los_Angeles",
            weekly_hours={"1": [["08:00", "17:00"]]},
        )
    )
    grant(site.coder, west, "view")
    count_on(MORNING)  # there it is still the day before
    assert seen(site.coder).day == date(2026, 3, 8)
    count_on(MORNING + 2 * HOUR)
    assert seen(site.coder, MORNING + 2 * HOUR).day == date(2026, 3, 9)


def test_a_day_that_one_facility_lacks_is_not_added_up():
    site = make_site(slug="alpha")
    open_many(site.queue, site.facility, 2, at=MORNING - 9 * DAY)
    count_on(MORNING - 3 * DAY)
    other = FacilityFactory()  # from its first day on it counts
    grant(site.coder, other, "view")
    open_many(site.queue, other, 5, at=MORNING - 3 * DAY + HOUR)
    count_on(MORNING - 2 * DAY)
    AgingDay.objects.create(
        facility=site.facility, day=date(2026, 3, 8), taken_at=MORNING - DAY
    )
    count_on(MORNING)
    found = seen(site.coder)
    assert (found.day, found.total.course) == (date(2026, 3, 9), [2, 7, 7])
    assert found.missing == [date(2026, 3, 8)]


def test_what_has_no_date_of_service_stands_apart():
    site = make_site()
    open_many(site.queue, site.facility, 1, at=MORNING - HOUR, service_on=None)
    on = MORNING.date() - timedelta(days=20)
    open_many(site.queue, site.facility, 2, at=MORNING - HOUR, service_on=on)
    count_on(MORNING)
    line = seen(site.coder, basis=AgeBasis.SERVICE).lines[0]
    assert [count.items for count in line.buckets] == [0, 0, 2, 0, 0, 0, 1]


def test_it_costs_the_same_for_many_queues(django_assert_num_queries):
    site = make_site()
    count_on(MORNING)
    for queues in (1, 4):
        person = type(site.coder).objects.get(pk=site.coder.pk)
        access_of(person)
        with at(MORNING), django_assert_num_queries(3):
            lines = aging_for(person).lines
            assert len({str(line.queue.team) for line in lines}) == queues
        for _ in range(3):
            grant(site.coder, QueueFactory(), "work")
