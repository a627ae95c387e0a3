"""Running clocks under a new ladder: they keep their time and what has fired."""

from datetime import timedelta

import pytest
import time_machine

from tests.worklists.laddering import KEPT, LATER, change, ladder_site, step, told
from worklists.enums import Action
from worklists.models import Event, ItemClock, SlaPolicy
from worklists.selectors.ladder_effect import ladder_effect
from worklists.services.perform import perform
from worklists.services.sweep import sweep

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site(db):
    """A small site with two items that arrived on Monday morning."""
    return ladder_site()


def test_a_step_that_lies_ahead_waits_for_its_moment(site):
    with time_machine.travel(LATER, tick=False):
        assert ladder_effect(site.slug, [step(-4), KEPT], 40).told == 0
        change(site, step(-4), KEPT)
        sweep()
    assert told() == []

    clock = ItemClock.objects.filter(item=site.items[0]).get()
    with time_machine.travel(clock.next_step_at - timedelta(minutes=1), tick=False):
        sweep()
    assert told() == []
    with time_machine.travel(clock.next_step_at, tick=False):
        sweep()
    assert {tell for _, _, tell, _ in told()} == {"manager"}


def test_clocks_follow_the_new_version_and_keep_their_due_moment(site):
    due = set(ItemClock.objects.values_list("due_at", flat=True))
    with time_machine.travel(LATER, tick=False):
        assert change(site, step(-4), KEPT, hours=16) == 2

    clocks = ItemClock.objects.all()
    assert {clock.policy.version for clock in clocks} == {2}
    assert {clock.due_at for clock in clocks} == due
    event = Event.objects.get(action="rule.clocks_followed")
    assert (event.subject_kind, event.actor_id) == ("rule", None)
    assert '"clocks":2' in event.facts
    assert '"version":2' in event.facts


def test_a_step_that_fired_stays_fired_also_when_it_tells_somebody_else(site):
    [due] = set(ItemClock.objects.values_list("due_at", flat=True))
    with time_machine.travel(due, tick=False):
        sweep()
        assert len(told()) == 2
        rung = step(0, "manager", position=1)
        assert ladder_effect(site.slug, [rung], 40).told == 0
        change(site, rung)
        sweep()

    assert {tell for _, _, tell, _ in told()} == {"lead"}
    assert len(told()) == 2


def test_ended_items_are_not_touched(site):
    with time_machine.travel(LATER, tick=False):
        perform(
            item_id=site.items[0].pk,
            action=Action.CANCEL,
            actor=site.manager,
            expected_version=1,
            reason="Not needed.",
            options={"reason_code": "not_needed"},
        )
        assert ladder_effect(site.slug, [step(-32), KEPT], 40).told == 1
        change(site, step(-32), KEPT)

    ended = ItemClock.objects.get(item=site.items[0])
    assert ended.policy.version == 1


def test_old_versions_keep_their_steps(site):
    with time_machine.travel(LATER, tick=False):
        change(site, step(-4), KEPT)

    by_version = {
        policy.version: list(policy.steps.values_list("offset_hours", flat=True))
        for policy in SlaPolicy.objects.filter(slug=site.slug)
    }
    assert by_version[1] == [0]
    assert sorted(by_version[2]) == [-4, 0]
