"""One sweep: everything that time asks for, whoever else sweeps and however late."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories import CalendarFactory, FacilityFactory, open_item, open_many
from tests.worklists.services.aftermath import differences, picture, varied_items
from tests.worklists.services.test_aging import refuse_updates_of
from tests.worklists.services.timekeeping import (
    DAY,
    HOUR,
    MONDAY,
    actions,
    clock_of,
    held,
    issue_queue,
    local,
    opened,
    pend,
    read,
    timed_site,
)
from worklists.enums import Source
from worklists.errors import BadInput
from worklists.models import (
    BusinessCalendar,
    Escalation,
    Event,
    Installation,
    Notice,
    WorkItem,
)
from worklists.services.injected_time import at
from worklists.services.sweep import CHANGES, MOST_REPORTS, sweep

pytestmark = pytest.mark.django_db
QUIET = dict.fromkeys(CHANGES, 0)


def test_an_empty_database_needs_nothing() -> None:
    assert sweep(MONDAY) == QUIET


def test_counts_say_what_changed_by_kind() -> None:
    site = timed_site(release_after_hours=2)
    opened(site)
    held(site)
    pend(site.coder, held(site), MONDAY, local("2026-03-04", "08:00"))
    assert sweep(local("2026-03-04", "09:00")) == {
        "reaged": 2, "resumed": 1, "released": 1, "escalated": 4, "failed": 0,
        "review_overdue": 0, "left_to_people": 0,
    }  # fmt: skip


def test_without_a_time_it_is_now() -> None:
    site = timed_site()
    with at(MONDAY - 20 * DAY):
        item = open_item(site.queue, site.facility, at=MONDAY - 20 * DAY)
    assert sweep()["escalated"] == 3
    assert Escalation.objects.filter(item=item).count() == 3


def test_a_real_site_takes_no_time_from_outside() -> None:
    item = held(timed_site())
    Installation.objects.update(purpose="production")
    with pytest.raises(BadInput):
        sweep(MONDAY + 30 * DAY)
    after = read(item)
    assert (after.age_bucket, after.trail_seq) == (0, item.trail_seq)
    assert Escalation.objects.count() == Notice.objects.count() == 0


def test_nothing_due_costs_three_probes() -> None:
    site = timed_site()
    with at(MONDAY):
        open_many(site.queue, site.facility, 5, at=MONDAY)
    with at(MONDAY + HOUR), CaptureQueriesContext(connection) as queries:
        assert sweep() == QUIET
    selects = [q["sql"] for q in queries if q["sql"].lstrip().startswith("SELECT")]
    assert len(selects) == 2  # what re-ages; what wakes or climbs, in one


def test_a_second_sweep_changes_nothing() -> None:
    site = timed_site(release_after_hours=9)
    pend(site.coder, held(site), MONDAY, MONDAY + DAY)
    opened(site)
    sweep(MONDAY + 9 * DAY)
    before = picture()
    assert sweep(MONDAY + 9 * DAY) == QUIET
    assert picture() == before


def test_pages_of_due_items_follow_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worklists.services.sweep.PAGE", 2)
    site = timed_site()
    with at(MONDAY):
        open_many(site.queue, site.facility, 7, at=MONDAY)
    assert sweep(MONDAY + 9 * DAY)["escalated"] == 21


# --- However late ------------------------------------------------------------------


@pytest.mark.parametrize(
    "seed",
    [1, *(pytest.param(n, marks=pytest.mark.heavy) for n in (2, 3, 4, 5))],
)
def test_days_down_end_where_steady_sweeps_end(seed: int) -> None:
    site = timed_site(release_after_hours=6)
    varied_items(site, seed, 12)
    end = MONDAY + 8 * DAY
    with transaction.atomic():
        moment = MONDAY + 11 * HOUR
        while moment < end:
            sweep(moment)
            moment += timedelta(minutes=47)
        sweep(end)
        steady = picture()
        transaction.set_rollback(True)
    assert differences(picture(), steady)
    sweep(end)
    assert differences(picture(), steady) == []


# --- Whoever else sweeps -----------------------------------------------------------


def sweep_in_thread(moment) -> dict[str, int]:
    try:
        return sweep(moment)
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_three_sweeps_at_once_do_what_one_does() -> None:
    site = timed_site(release_after_hours=6)
    with at(MONDAY):
        open_many(site.queue, site.facility, 25, at=MONDAY)
    for _ in range(10):
        pend(site.coder, held(site), MONDAY, MONDAY + DAY)
    end = MONDAY + 9 * DAY
    with ThreadPoolExecutor(3) as pool:
        counts = list(pool.map(sweep_in_thread, [end] * 3))
    counts.append(sweep(end))
    total = {change: sum(c[change] for c in counts) for change in CHANGES}
    # A released item may have been re-aged by its return already.
    assert total.pop("reaged") in range(25, 36)
    assert total == {
        "resumed": 10,
        "released": 10,
        "escalated": 105,
        "failed": 0,
        "review_overdue": 0,
        "left_to_people": 0,
    }
    assert Escalation.objects.count() == 105
    assert Notice.objects.filter(code="ladder").count() == 105
    assert Event.objects.filter(action="item.ladder_fired").count() == 105


@pytest.mark.django_db(transaction=True)
def test_an_item_that_somebody_holds_is_left_for_the_next_sweep() -> None:
    site = timed_site()
    mine, free = held(site), held(site)
    other = connections.create_connection("default")
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM worklists_workitem WHERE id = %s FOR UPDATE", [mine.pk]
            )
        assert sweep(MONDAY + 2 * DAY)["escalated"] == 2
    finally:
        other.rollback()
        other.close()
    assert actions(mine) == ["item.opened", "item.claimed"]
    assert len(actions(free)) == 4
    assert sweep(MONDAY + 2 * DAY)["escalated"] == 2


# --- Round a bad row ---------------------------------------------------------------


def reports() -> list[WorkItem]:
    return list(WorkItem.objects.filter(kind="issue_report").order_by("id"))


@pytest.fixture
def two_facilities():
    """A site, an item there, and one at a facility whose calendar went bad."""
    site = timed_site()
    good = opened(site)
    other = FacilityFactory(calendar=CalendarFactory(slug="broken"))
    with at(MONDAY):
        bad = read(open_item(site.queue, other, at=MONDAY))
    BusinessCalendar.objects.filter(slug="broken").update(weekly_hours={})
    return site, good, bad


def test_a_bad_item_does_not_stop_the_rest(two_facilities) -> None:
    _, good, bad = two_facilities
    counts = sweep(MONDAY + 2 * DAY)
    assert (counts["escalated"], counts["failed"]) == (2, 1)
    assert actions(good)[1:] == ["item.ladder_fired"] * 2
    assert actions(bad) == ["item.opened"]


def test_a_bad_item_is_put_off_an_hour(two_facilities) -> None:
    _, _, bad = two_facilities
    moment = MONDAY + 2 * DAY
    sweep(moment)
    assert clock_of(bad).next_step_at == moment + HOUR
    assert sweep(moment + HOUR / 2)["failed"] == 0
    assert sweep(moment + HOUR)["failed"] == 1


def test_a_bad_item_that_is_mended_catches_up(two_facilities) -> None:
    _, _, bad = two_facilities
    sweep(MONDAY + 2 * DAY)
    hours = {str(day): [["08:00", "17:00"]] for day in range(1, 6)}
    BusinessCalendar.objects.filter(slug="broken").update(weekly_hours=hours)
    sweep(MONDAY + 9 * DAY)
    due = list(Escalation.objects.filter(item=bad).values_list("due_at", flat=True))
    assert due[::-1] == [
        local("2026-03-03", "13:00"),
        local("2026-03-03", "17:00"),
        local("2026-03-04", "17:00"),
    ]


@pytest.fixture
def refused():
    """A deferred item whose row the database refuses to change."""
    site = timed_site()
    queue = issue_queue(site)
    item = pend(site.coder, held(site), MONDAY, MONDAY + HOUR)
    with refuse_updates_of(item):
        yield site, queue, item


def test_a_bad_item_is_reported_to_people(refused) -> None:
    _, queue, item = refused
    moment = MONDAY + 2 * HOUR
    assert sweep(moment)["failed"] == 1
    (report,) = reports()
    assert (report.queue, report.state, report.facility_id) == (
        queue, "open", item.facility_id
    )  # fmt: skip
    assert report.reason_code == "sweep_failed"
    assert report.reason_label == f"{item.number} could not come back by itself"
    assert (report.claim_id, report.opened_at) == (item.claim_id, moment)
    event = Event.objects.get(subject_kind="item", subject_id=report.pk)
    assert (event.object_kind, event.object_id) == ("item", item.pk)
    assert read(item).state == "pending"
    assert actions(item)[-1] == "item.pended"


def test_a_bad_item_is_reported_once_for_each_thing_that_fails(refused) -> None:
    _, _, item = refused
    for minutes in (120, 121, 180, 300):
        sweep(MONDAY + timedelta(minutes=minutes))
    assert [r.reason_label for r in reports()] == [
        f"{item.number} could not come back by itself"
    ]
    sweep(MONDAY + 9 * DAY)
    assert [r.reason_label for r in reports()] == [
        f"{item.number} could not come back by itself",
        f"{item.number} could not be re-aged",
    ]


def test_a_report_that_was_closed_is_made_again_when_it_still_fails(refused) -> None:
    sweep(MONDAY + 2 * HOUR)
    WorkItem.objects.filter(kind="issue_report").update(state="completed")
    sweep(MONDAY + 4 * HOUR)
    assert [r.state for r in reports()] == ["completed", "open"]


def test_an_item_that_cannot_be_re_aged_still_climbs_its_ladder() -> None:
    site = timed_site()
    item = opened(site)
    with refuse_updates_of(item, when="NEW.age_bucket > 0"):
        counts = sweep(MONDAY + 9 * DAY)
    assert (counts["reaged"], counts["escalated"], counts["failed"]) == (0, 3, 1)
    assert read(item).reage_at == MONDAY + 9 * DAY + HOUR


def test_a_site_without_a_queue_for_reports_goes_on(refused, caplog) -> None:
    _, queue, item = refused
    queue.rules.all().delete()
    assert sweep(MONDAY + 2 * HOUR)["failed"] == 1
    assert reports() == []
    assert f"item {item.pk} could not come back by itself: " in caplog.text
    assert f"item {item.pk} is not reported" in caplog.text


def test_the_log_names_the_kind_of_error_and_not_its_text(refused, caplog) -> None:
    sweep(MONDAY + 2 * HOUR)
    assert "refused" not in caplog.text


def test_a_bad_calendar_does_not_flood_the_people_who_read_reports() -> None:
    site = timed_site()
    issue_queue(site)
    with at(MONDAY):
        open_many(site.queue, site.facility, MOST_REPORTS + 5, at=MONDAY)
    with connection.cursor() as cursor:
        cursor.execute("""
            CREATE FUNCTION no_rung() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'no'; END $$;
            CREATE TRIGGER no_rung BEFORE INSERT ON worklists_escalation
            FOR EACH ROW EXECUTE FUNCTION no_rung();
        """)
    assert sweep(MONDAY + 2 * DAY)["failed"] == MOST_REPORTS + 5
    assert len(reports()) == MOST_REPORTS


def test_what_went_before_the_failure_is_kept(refused) -> None:
    site, _, _ = refused
    item = pend(site.coder, held(site), MONDAY, MONDAY + DAY)
    with connection.cursor() as cursor:
        cursor.execute("""
            CREATE FUNCTION no_rung() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'no'; END $$;
            CREATE TRIGGER no_rung BEFORE INSERT ON worklists_escalation
            FOR EACH ROW EXECUTE FUNCTION no_rung();
        """)
    counts = sweep(MONDAY + 9 * DAY)
    assert counts["resumed"] == 1
    assert actions(item)[-1] == "item.auto_resumed"


def test_the_door_of_the_act_is_in_the_event() -> None:
    held(timed_site())
    sweep(MONDAY + 2 * DAY)
    fired = Event.objects.filter(action="item.ladder_fired")
    assert {event.source for event in fired} == {Source.COMMAND}
