"""Clocks of items: started, paused with the time left, met, and started anew."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories import GOOD_EVIDENCE
from tests.worklists.services.timekeeping import (
    DAY,
    HOUR,
    LEGAL_RUNGS,
    MONDAY,
    act,
    clock_of,
    held,
    local,
    make_policy,
    opened,
    pend,
    read,
    timed_site,
)
from worklists.models import Escalation, ItemClock
from worklists.selectors.calendars import calendar_of
from worklists.services import clocks
from worklists.services.clocks import Almanac, LegalClock
from worklists.services.injected_time import at
from worklists.services.sweep import sweep

pytestmark = pytest.mark.django_db
LEGAL = "payer_appeal_1"


def rows(site, *legal: LegalClock) -> list[ItemClock]:
    return clocks.clock_rows(
        77,
        queue_sla=site.queue.sla_policy,
        calendar=calendar_of(site.facility.pk),
        opened_at=MONDAY,
        legal=legal,
    )


def appeal(due_at) -> LegalClock:
    return LegalClock("appeal_l1", "Payer appeal", "medicare-ffs v1", MONDAY, due_at)


def test_a_new_item_gets_its_internal_clock_first() -> None:
    site = timed_site()
    internal, legal = rows(site, appeal(MONDAY + 30 * DAY))
    assert internal.pk is None
    assert (internal.name, internal.kind, internal.label, internal.source) == (
        "internal", "internal", "Internal", "standard v1"
    )  # fmt: skip
    assert internal.started_at == MONDAY
    assert internal.due_at == local("2026-03-03", "17:00")
    assert (internal.next_step, internal.next_step_at) == (
        1, local("2026-03-03", "13:00")
    )  # fmt: skip
    assert (legal.name, legal.kind, legal.label, legal.source) == (
        "appeal_l1", "legal", "Payer appeal", "medicare-ffs v1"
    )  # fmt: skip
    assert legal.due_at == MONDAY + 30 * DAY
    assert legal.next_step_at == MONDAY + 27 * DAY  # calendar hours, not business ones
    assert {c.policy_id for c in (internal, legal)} == {site.queue.sla_policy_id}
    assert {c.item_id for c in (internal, legal)} == {77}


def test_rungs_are_taken_by_their_moment_not_by_their_number() -> None:
    site = timed_site()
    policy = site.queue.sla_policy
    policy.steps.filter(clock_kind="internal", position=3).update(offset_hours=-9)
    assert [r.position for r in clocks.ladder_of(policy, "internal")] == [3, 1, 2]
    assert rows(site)[0].next_step == 3


def test_a_policy_without_rungs_asks_for_nothing() -> None:
    site = timed_site()
    site.queue.sla_policy.steps.all().delete()
    assert [c.next_step_at for c in rows(site, appeal(MONDAY + DAY))] == [None, None]


def test_a_hundred_openings_read_the_ladder_once() -> None:
    site = timed_site()
    calendar = calendar_of(site.facility.pk)
    with CaptureQueriesContext(connection) as queries:
        for item_id in range(100):
            clocks.clock_rows(
                item_id,
                queue_sla=site.queue.sla_policy,
                calendar=calendar,
                opened_at=MONDAY,
                legal=[appeal(MONDAY + DAY)],
            )
    assert len(queries) == 1


def test_the_almanac_reads_policies_and_calendars_once() -> None:
    site = timed_site()
    clock, almanac = clock_of(opened(site)), Almanac()
    assert [r.position for r in almanac.ladder(clock)] == [1, 2, 3]
    almanac.calendar(site.facility.pk)
    with CaptureQueriesContext(connection) as queries:
        almanac.ladder(clock)
        almanac.calendar(site.facility.pk)
    assert len(queries) == 0


def test_deferring_stops_the_internal_clock_and_no_other() -> None:
    site = timed_site()
    item = held(site, legal_due_at=MONDAY + 30 * DAY)
    legal = clock_of(item, LEGAL)
    item = pend(site.coder, item, MONDAY + HOUR, MONDAY + DAY)
    internal = clock_of(item)
    assert internal.paused_at == MONDAY + HOUR
    assert internal.due_at == local("2026-03-03", "17:00")
    assert internal.next_step_at is None
    assert vars(clock_of(item, LEGAL)) | {"_state": 0} == vars(legal) | {"_state": 0}
    assert item.internal_due_at is None
    assert item.legal_due_at == MONDAY + 30 * DAY


def test_resuming_gives_back_the_business_time_that_was_left() -> None:
    site = timed_site()
    item = held(site)  # 18 business hours, due Tuesday 17:00
    item = pend(site.coder, item, local("2026-03-02", "11:00"), MONDAY + 7 * DAY)
    item = act(site.coder, item, "resume", local("2026-03-05", "16:00"))
    clock = clock_of(item)
    assert clock.paused_at is None
    # 15 hours were left: one on Thursday, nine on Friday, five on Monday.
    assert clock.due_at == local("2026-03-09", "13:00")
    assert clock.next_step_at == local("2026-03-09", "09:00")
    assert item.internal_due_at == local("2026-03-09", "13:00")
    assert (clock.next_step, clock.started_at) == (1, MONDAY)


def test_a_second_pause_counts_from_what_the_first_left() -> None:
    site = timed_site()
    item = held(site)
    for day in ("2026-03-02", "2026-03-04"):
        item = pend(site.coder, item, local(day, "10:00"), MONDAY + 20 * DAY)
        next_day = local(day, "10:00") + DAY
        item = act(site.coder, item, "resume", next_day)
    assert clock_of(item).due_at == local("2026-03-05", "17:00")


def test_a_deferral_that_nobody_saw_end_ended_at_its_moment() -> None:
    site = timed_site()
    item = pend(site.coder, held(site), MONDAY, local("2026-03-04", "08:00"))
    item = act(site.coder, item, "resume", local("2026-03-06", "08:00"))
    assert clock_of(item).due_at == local("2026-03-05", "17:00")


def test_an_overdue_clock_resumes_overdue() -> None:
    site = timed_site()
    item = held(site)
    item = pend(site.coder, item, local("2026-03-04", "10:00"), MONDAY + 20 * DAY)
    item = act(site.coder, item, "resume", local("2026-03-09", "12:00"))
    assert clock_of(item).due_at == local("2026-03-09", "10:00")  # two hours over
    assert {"factor": "internal_due", "value": "overdue", "points": 10} in (
        item.priority_reasons
    )


def test_rungs_that_fired_stay_fired_when_the_due_moment_moves() -> None:
    site = timed_site()
    item = held(site)
    sweep(local("2026-03-03", "13:00"))
    item = pend(site.coder, read(item), local("2026-03-03", "14:00"), MONDAY + 9 * DAY)
    act(site.coder, item, "resume", local("2026-03-06", "08:00"))
    clock = clock_of(item)
    assert (clock.next_step, clock.next_step_at) == (2, local("2026-03-06", "11:00"))


def test_the_database_refuses_a_paused_legal_clock() -> None:
    clock = clock_of(opened(timed_site(), legal_due_at=MONDAY + DAY), LEGAL)
    clock.paused_at = MONDAY
    with pytest.raises(IntegrityError), transaction.atomic():
        clock.save()
    clock.refresh_from_db()
    assert clock.paused_at is None


def test_finished_work_meets_every_clock() -> None:
    site = timed_site()
    item = held(site, legal_due_at=MONDAY + 30 * DAY)
    item = act(site.coder, item, "submit", MONDAY + HOUR, evidence=GOOD_EVIDENCE)
    for clock in item.clocks.all():
        assert (clock.met_at, clock.stopped_at) == (MONDAY + HOUR, None)
        assert clock.next_step_at is None
    assert (item.internal_due_at, item.legal_due_at) == (None, None)


def test_cancelled_work_stops_every_clock() -> None:
    site = timed_site()
    item = opened(site, legal_due_at=MONDAY + 30 * DAY)
    item = act(site.manager, item, "cancel", MONDAY + HOUR)
    for clock in item.clocks.all():
        assert (clock.met_at, clock.stopped_at) == (None, MONDAY + HOUR)
        assert clock.next_step_at is None
    assert (item.internal_due_at, item.legal_due_at) == (None, None)


def test_stopping_many_leaves_other_items_and_met_clocks_alone() -> None:
    site = timed_site()
    one, two, other = (held(site) for _ in range(3))
    act(site.coder, two, "submit", MONDAY, evidence=GOOD_EVIDENCE)
    with at(MONDAY + HOUR):
        clocks.stop_all_of([one.pk, two.pk])
    stopped = [clock_of(item).stopped_at for item in (one, two, other)]
    assert stopped == [MONDAY + HOUR, None, None]


def test_a_rung_that_was_due_before_the_end_is_still_owed() -> None:
    site = timed_site()
    item = held(site)
    late = local("2026-03-03", "14:00")  # an hour after the first rung; no sweep ran
    item = act(site.coder, item, "submit", late, evidence=GOOD_EVIDENCE)
    assert clock_of(item).next_step_at == local("2026-03-03", "13:00")


def test_reopened_work_has_a_new_internal_clock_and_its_old_deadline() -> None:
    site = timed_site()
    item = held(site, legal_due_at=MONDAY + 3 * DAY)
    first = clock_of(item)
    sweep(MONDAY + HOUR)  # the first legal rung, 72 hours before
    item = act(site.coder, read(item), "submit", MONDAY + HOUR, evidence=GOOD_EVIDENCE)
    item = act(site.manager, item, "reopen", MONDAY + DAY)
    second, legal = clock_of(item), clock_of(item, LEGAL)
    assert second.pk != first.pk
    assert (second.started_at, second.due_at) == (
        MONDAY + DAY, local("2026-03-04", "17:00")
    )  # fmt: skip
    first.refresh_from_db()
    assert first.met_at == MONDAY + HOUR
    assert (legal.met_at, legal.due_at) == (None, MONDAY + 3 * DAY)
    assert (legal.next_step, legal.next_step_at) == (2, MONDAY + 2 * DAY)
    assert item.clocks.filter(name=LEGAL).count() == 1
    assert (item.internal_due_at, item.legal_due_at) == (
        second.due_at, MONDAY + 3 * DAY
    )  # fmt: skip


def test_a_legal_clock_that_was_stopped_for_good_does_not_come_back() -> None:
    site = timed_site()
    item = held(site, legal_due_at=MONDAY + 3 * DAY)
    item.clocks.filter(name=LEGAL).update(stopped_at=MONDAY, next_step_at=None)
    item = act(site.coder, item, "submit", MONDAY + HOUR, evidence=GOOD_EVIDENCE)
    item = act(site.manager, item, "reopen", MONDAY + DAY)
    assert clock_of(item, LEGAL).stopped_at == MONDAY
    assert item.legal_due_at is None


def test_start_internal_counts_from_now_and_scores_the_item() -> None:
    site = timed_site()
    item = opened(site)
    item.clocks.all().delete()
    with at(MONDAY + 9 * DAY):
        clocks.start_internal(item)
    assert clock_of(item).due_at == local("2026-03-12", "17:00")
    assert item.internal_due_at == local("2026-03-12", "17:00")
    assert item.age_bucket == 1
    assert read(item).age_bucket == 0  # in memory: the caller saves


def test_fired_on_asks_nothing_for_no_clocks() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert clocks.fired_on([]) == {}
    assert len(queries) == 0


def test_an_escalation_called_by_a_person_is_no_fired_rung() -> None:
    site = timed_site()
    clock = clock_of(held(site))
    Escalation.objects.create(
        item_id=clock.item_id, clock=clock, tell="lead", due_at=MONDAY, fired_at=MONDAY
    )
    assert clocks.fired_on([clock]) == {}


def test_legal_rungs_count_calendar_hours_through_a_weekend() -> None:
    site = timed_site()
    due = local("2026-03-09", "12:00")  # a Monday; clocks change on the Sunday before
    legal = rows(site, appeal(due))[1]
    assert LEGAL_RUNGS[0] == (-72, "assignee", False)
    assert legal.next_step_at == local("2026-03-06", "11:00")


def test_two_policies_keep_their_own_ladders() -> None:
    one = make_policy(9)
    two = make_policy(9, internal=[(1, "lead", False)], slug="two")
    assert [r.offset_hours for r in clocks.ladder_of(one, "internal")] == [-4, 0, 9]
    assert [r.offset_hours for r in clocks.ladder_of(two, "internal")] == [1]
