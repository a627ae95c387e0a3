"""Ladders: each rung fires once, in order, at its own moment, and tells somebody."""

import json

import pytest
from django.db import IntegrityError, transaction

from tests.factories import GOOD_EVIDENCE
from tests.worklists.services.timekeeping import (
    DAY,
    HOUR,
    MONDAY,
    act,
    actions,
    clock_of,
    held,
    local,
    opened,
    pend,
    read,
    timed_site,
)
from worklists.models import Escalation, Event, Notice, User
from worklists.services import ladder
from worklists.services.clocks import Almanac
from worklists.services.sweep import sweep

pytestmark = pytest.mark.django_db
LEGAL = "payer_appeal_1"
FIRST = local("2026-03-03", "13:00")  # four business hours before
DUE = local("2026-03-03", "17:00")
THIRD = local("2026-03-04", "17:00")  # nine business hours after


def fired(item) -> list[tuple[object, ...]]:
    rows = Escalation.objects.filter(item=item).order_by("id").select_related("to")
    return [(e.clock.name, e.step, e.to.username if e.to else None) for e in rows]


def test_nothing_fires_a_second_before_its_moment() -> None:
    item = held(timed_site())
    just_before = FIRST - HOUR / 3600
    assert sweep(just_before)["escalated"] == 0
    assert fired(item) == []
    assert clock_of(item).next_step_at == FIRST


def test_a_rung_fires_at_its_moment_and_says_everything() -> None:
    site = timed_site()
    item = held(site)
    assert sweep(DUE)["escalated"] == 2
    escalation = Escalation.objects.get(step=2)
    assert (escalation.item_id, escalation.clock) == (item.pk, clock_of(item))
    assert (escalation.tell, escalation.to) == ("lead", site.queue.team.lead)
    assert (escalation.due_at, escalation.fired_at) == (DUE, DUE)
    assert escalation.raised_by is None
    assert escalation.needs_acknowledgement
    assert (escalation.acknowledged_at, escalation.outcome) == (None, "")
    assert clock_of(item).next_step_at == THIRD


def test_each_rung_fires_once_however_often_it_is_swept() -> None:
    item = held(timed_site())
    for moment in (FIRST, FIRST, DUE, DUE + HOUR, THIRD, THIRD + DAY, THIRD + DAY):
        sweep(moment)
    assert fired(item) == [
        ("internal", 1, "coder"), ("internal", 2, "lea"), ("internal", 3, "manager")
    ]  # fmt: skip
    clock = clock_of(item)
    assert clock.next_step_at is None
    assert actions(item).count("item.ladder_fired") == 3
    assert Notice.objects.filter(code="ladder").count() == 3


def test_rungs_that_lie_behind_fire_in_order_each_with_its_own_moment() -> None:
    item = held(timed_site())
    week_later = MONDAY + 7 * DAY
    assert sweep(week_later)["escalated"] == 3
    rows = Escalation.objects.filter(item=item).order_by("id")
    assert [(e.step, e.due_at, e.fired_at) for e in rows] == [
        (1, FIRST, week_later), (2, DUE, week_later), (3, THIRD, week_later)
    ]  # fmt: skip


def test_two_clocks_are_climbed_in_the_order_of_their_moments() -> None:
    item = held(timed_site(), legal_due_at=local("2026-03-04", "12:00"))
    sweep(MONDAY + 7 * DAY)
    assert fired(item) == [
        (LEGAL, 1, "coder"),
        (LEGAL, 2, "lea"),
        ("internal", 1, "coder"),
        ("internal", 2, "lea"),
        (LEGAL, 3, "sue"),
        ("internal", 3, "manager"),
    ]


def test_the_event_stands_on_the_items_chain() -> None:
    item = held(timed_site())
    sweep(FIRST)
    event = Event.objects.get(action="item.ladder_fired")
    after = read(item)
    assert (event.subject_kind, event.subject_id, event.seq) == ("item", item.pk, 3)
    assert (event.actor_id, event.actor_name, event.actor_role) == (
        None, "worker", "system"
    )  # fmt: skip
    assert (event.from_state, event.to_state) == ("in_progress", "in_progress")
    assert json.loads(event.facts) == {
        "clock": "internal",
        "clock_due_at": "2026-03-03T23:00:00+00:00",
        "due_at": "2026-03-03T19:00:00+00:00",
        "escalation": Escalation.objects.get().pk,
        "step": 1,
        "task_class": {"act": "fire_step", "class": "automatic", "version": 1},
        "tell": "assignee",
        "to": "coder",
    }
    assert (after.trail_seq, bytes(after.trail_hash)) == (3, bytes(event.hash))


def test_a_rung_leaves_the_item_as_the_person_read_it() -> None:
    item = held(timed_site())
    sweep(THIRD)
    after = read(item)
    assert (after.version, after.state, after.assignee_id) == (
        item.version, item.state, item.assignee_id
    )  # fmt: skip
    assert (after.touched_at, after.entered_at) == (item.touched_at, item.entered_at)


def test_the_notice_names_clock_and_moment() -> None:
    site = timed_site()
    item = held(site)
    sweep(DUE)
    notice = Notice.objects.get(user=site.queue.team.lead)
    escalation = Escalation.objects.get(step=2)
    assert (notice.code, notice.item, notice.created_at) == ("ladder", item, DUE)
    assert notice.dedupe == f"escalation:{escalation.pk}"
    assert notice.facts == {
        "clock": "Internal",
        "clock_due_at": "2026-03-03T23:00:00+00:00",
        "escalation": escalation.pk,
        "kind": "internal",
        "needs_acknowledgement": True,
        "overdue": True,
        "step": 2,
    }


def test_the_holder_is_warned_in_the_inbox_others_and_deadlines_by_mail() -> None:
    item = held(timed_site(), legal_due_at=local("2026-03-06"))
    sweep(DUE)
    mailed = {
        (n.facts["kind"], n.facts["step"]): n.by_mail
        for n in Notice.objects.filter(item=item, code="ladder")
    }
    assert mailed == {("internal", 1): False, ("internal", 2): True, ("legal", 1): True}


def test_a_paused_clock_fires_nothing_and_the_legal_one_goes_on() -> None:
    site = timed_site()
    item = held(site, legal_due_at=local("2026-03-09", "08:00"))
    pend(site.coder, item, MONDAY + HOUR, local("2026-03-08", "08:00"))
    sweep(local("2026-03-07", "08:00"))
    assert fired(item) == [(LEGAL, 1, "coder")]


def test_a_moved_clock_fires_at_its_new_moment_only() -> None:
    site = timed_site()
    item = pend(site.coder, held(site), MONDAY, MONDAY + 20 * DAY)
    act(site.coder, item, "resume", local("2026-03-04"))  # two working days again
    clock_of(item)
    type(clock_of(item)).objects.update(next_step_at=FIRST)  # a stale moment
    assert sweep(local("2026-03-05", "12:59"))["escalated"] == 0
    assert clock_of(item).next_step_at == local("2026-03-05", "13:00")
    assert sweep(local("2026-03-05", "13:00"))["escalated"] == 1


def test_a_met_clock_fires_nothing_that_comes_later() -> None:
    site = timed_site()
    item = act(site.coder, held(site), "submit", MONDAY + HOUR, evidence=GOOD_EVIDENCE)
    type(clock_of(item)).objects.update(next_step_at=FIRST)  # as if left behind
    assert sweep(THIRD)["escalated"] == 0
    assert fired(item) == []
    assert clock_of(item).next_step_at is None


def test_a_breach_before_the_end_is_recorded_after_it() -> None:
    site = timed_site()
    item = held(site)
    late = DUE + HOUR  # no worker was up when it fell due
    act(site.coder, item, "submit", late, evidence=GOOD_EVIDENCE)
    assert sweep(THIRD + DAY)["escalated"] == 2
    assert fired(item) == [("internal", 1, "coder"), ("internal", 2, "lea")]
    assert read(item).state == "completed"
    assert clock_of(item).next_step_at is None


def test_a_rung_that_fired_already_is_passed_by() -> None:
    item = held(timed_site())
    sweep(FIRST)
    type(clock_of(item)).objects.update(next_step=1, next_step_at=FIRST)
    assert sweep(FIRST)["escalated"] == 0
    assert len(fired(item)) == 1
    assert clock_of(item).next_step_at == DUE


def test_the_database_refuses_a_second_firing() -> None:
    item = held(timed_site())
    sweep(FIRST)
    again = Escalation.objects.get()
    again.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()
    assert len(fired(item)) == 1


def deactivate(*people: User) -> None:
    User.objects.filter(pk__in=[p.pk for p in people]).update(is_active=False)


@pytest.mark.parametrize(
    ("tell", "gone", "told"),
    [
        ("assignee", "", "coder"),
        ("assignee", "coder", "lea"),
        ("assignee", "coder lea", "manager"),
        ("lead", "", "lea"),
        ("lead", "lea", "manager"),
        ("manager", "", "manager"),
        ("manager", "manager", "sue"),
        ("supervisor", "", "sue"),
        ("supervisor", "sue", "manager"),
        ("supervisor", "sue manager", "lea"),
        ("manager", "sue manager lea", None),
    ],
)
def test_who_is_told_when_people_are_gone(tell: str, gone: str, told: str) -> None:
    item = held(timed_site())
    deactivate(*User.objects.filter(username__in=gone.split()))
    person = ladder.recipient(read(item), tell)
    assert (person.username if person else None) == told


def test_an_item_that_nobody_holds_tells_the_lead() -> None:
    item = opened(timed_site())
    sweep(FIRST)
    assert fired(item) == [("internal", 1, "lea")]
    assert Escalation.objects.get().tell == "assignee"


def test_a_breach_that_reaches_nobody_still_stands() -> None:
    site = timed_site()
    item = opened(site)
    deactivate(site.queue.team.lead, site.queue.supervisor, site.manager)
    sweep(DUE)
    assert fired(item) == [("internal", 1, None), ("internal", 2, None)]
    assert Notice.objects.count() == 0


def test_a_fired_breach_is_acknowledged_with_an_outcome() -> None:
    site = timed_site()
    item = held(site)
    sweep(DUE)
    escalation = Escalation.objects.get(step=2)
    act(
        site.manager, item, "acknowledge_escalation", DUE + HOUR,
        escalation=escalation.pk, outcome="worked",
    )  # fmt: skip
    escalation.refresh_from_db()
    assert (escalation.outcome, escalation.acknowledged_by) == ("worked", site.manager)
    assert escalation.acknowledged_at == DUE + HOUR


def test_a_policy_that_lost_a_rung_goes_on_with_the_next() -> None:
    site = timed_site()
    item = held(site)
    sweep(FIRST)
    site.queue.sla_policy.steps.filter(clock_kind="internal", position=2).delete()
    assert sweep(THIRD)["escalated"] == 1
    assert fired(item) == [("internal", 1, "coder"), ("internal", 3, "manager")]


def test_a_clock_that_asks_for_nothing_is_left_alone() -> None:
    item = held(timed_site())
    assert ladder.Rungs(read(item), MONDAY, Almanac()).earliest() is None
    assert clock_of(item).next_step_at == FIRST
