"""One clock asks one person once: a later call stands for the earlier ones."""

import json

import pytest

from tests.worklists.services.test_ladder import DUE, FIRST, THIRD
from tests.worklists.services.timekeeping import (
    HOUR,
    act,
    clock_of,
    held,
    local,
    timed_site,
)
from worklists.models import Escalation, Event, Notice
from worklists.models.clocks import WAITING
from worklists.services.sweep import sweep

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    """A site whose team is led by its manager: two steps of a clock ask one person."""
    made = timed_site()
    made.queue.team.lead = made.manager
    made.queue.team.save()
    return made


def waiting() -> list[int]:
    return list(Escalation.objects.filter(WAITING).values_list("step", flat=True))


def test_a_later_call_stands_for_the_earlier_one(site):
    held(site)
    sweep(DUE)
    assert waiting() == [2]

    sweep(THIRD)

    earlier, later = Escalation.objects.get(step=2), Escalation.objects.get(step=3)
    assert waiting() == [3]
    assert (earlier.joined_to, earlier.acknowledged_at, earlier.outcome) == (
        later, None, ""
    )  # fmt: skip
    assert (earlier.waits, later.waits, later.joined_to) == (False, True, None)
    event = Event.objects.filter(action="item.ladder_fired").latest("seq")
    assert json.loads(event.facts)["joined"] == [earlier.pk]


def test_steps_that_lie_behind_ask_once_in_one_sweep(site):
    item = held(site)

    assert sweep(THIRD + HOUR)["escalated"] == 3

    assert waiting() == [3]
    assert list(item.escalations.order_by("step").values_list("step", flat=True)) == [
        1, 2, 3
    ]  # fmt: skip


def test_the_earlier_notice_is_done_with_and_its_mail_stays_at_home(site):
    held(site)
    sweep(THIRD)

    earlier, later = Notice.objects.filter(user=site.manager).order_by("id")
    assert (earlier.read_at, earlier.mail_after) == (THIRD, None)
    assert earlier.facts["joined_to"] == later.facts["escalation"]
    assert (later.read_at, later.mail_after) == (None, THIRD)


def test_what_was_answered_stays_answered(site):
    item = held(site)
    sweep(DUE)
    first = Escalation.objects.get(step=2)
    act(
        site.manager, item, "acknowledge_escalation", DUE + HOUR,
        escalation=first.pk, outcome="worked",
    )  # fmt: skip

    sweep(THIRD)

    first.refresh_from_db()
    assert (first.joined_to, first.outcome) == (None, "worked")
    assert waiting() == [3]
    event = Event.objects.filter(action="item.ladder_fired").latest("seq")
    assert "joined" not in json.loads(event.facts)


def test_calls_to_two_people_both_wait():
    held(timed_site())
    sweep(THIRD)
    assert waiting() == [3, 2]


def test_calls_of_two_clocks_both_wait(site):
    site.queue.supervisor = site.manager
    site.queue.save()
    item = held(site, legal_due_at=local("2026-03-03", "12:00"))
    sweep(DUE)
    clocks = Escalation.objects.filter(WAITING).values_list("clock__name", "step")
    assert set(clocks) == {("internal", 2), ("payer_appeal_1", 3)}
    assert clock_of(item).escalations.filter(joined_to=None).count() == 2


def test_a_step_that_asks_nothing_joins_nothing(site):
    site.queue.sla_policy.steps.filter(position=3).update(needs_acknowledgement=False)
    held(site)
    sweep(THIRD)
    assert waiting() == [2]


def test_the_warning_before_was_no_call(site):
    held(site)
    sweep(FIRST)
    sweep(DUE)
    assert Escalation.objects.get(step=1).joined_to is None


def test_an_answer_to_a_call_that_was_joined_is_that_of_the_later_one(site):
    item = held(site)
    sweep(DUE)
    drawn = Escalation.objects.get(step=2)  # as a page showed it before the next rung
    sweep(THIRD)
    later = Escalation.objects.get(step=3)

    act(
        site.manager, item, "acknowledge_escalation", THIRD + HOUR,
        escalation=drawn.pk, outcome="worked",
    )  # fmt: skip

    later.refresh_from_db()
    assert (later.outcome, later.acknowledged_by) == ("worked", site.manager)
    assert waiting() == []
