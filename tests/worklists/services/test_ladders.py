"""Running clocks under a new ladder: what was looked at is what the next sweep does."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import grant, make_site, open_item, open_many, person, take
from worklists.enums import Action, Role, RuleKind
from worklists.models import Escalation, Event, ItemClock, SlaPolicy
from worklists.selectors import rules as selectors
from worklists.services import rules
from worklists.services.ladders import follow_ladders, ladder_effect
from worklists.services.perform import perform
from worklists.services.sweep import sweep

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
# A Monday morning, 08:00 in Chicago.
START = datetime.fromisoformat("2026-11-09T14:00:00+00:00")
# Ten business hours later: Tuesday 09:00.
LATER = datetime.fromisoformat("2026-11-10T15:00:00+00:00")


def step(offset, tell="manager", kind="internal", position=0, asks=False):
    """Return a step."""
    return {
        "position": position,
        "clock_kind": kind,
        "offset_hours": offset,
        "tell": tell,
        "needs_acknowledgement": asks,
    }


KEPT = step(0, "lead", position=1)


@pytest.fixture
def site(db):
    """A small site with two items that arrived on Monday morning."""
    site = make_site()
    site.slug = site.queue.sla_policy.slug
    site.second = person(Role.MANAGER, username="second")
    grant(site.second, site.queue, "manage")
    with time_machine.travel(START, tick=False):
        site.items = open_many(site.queue, site.facility, 2)
    return site


def change(site, *steps, hours=40):
    """Put a ladder in force by two people; return how many clocks the worker brings."""
    content = selectors.live_content(RuleKind.SLA, site.slug)
    version = rules.propose(
        actor=site.manager,
        kind=RuleKind.SLA,
        slug=site.slug,
        content=content | {"steps": list(steps), "business_hours": hours},
        effective_from=selectors.site_today(),
        reason="Tell the manager early.",
    )
    rules.approve(
        actor=site.second, kind=RuleKind.SLA, slug=site.slug, number=version.number
    )
    return follow_ladders()


def told():
    """Return which step told whom on which item."""
    rows = Escalation.objects.order_by("item_id", "step")
    return [(e.item_id, e.step, e.tell, e.to.username) for e in rows]


def test_what_is_looked_at_is_what_the_next_sweep_does(site):
    early = step(-32)
    with time_machine.travel(LATER, tick=False):
        effect = ladder_effect(site.slug, [early, KEPT], 40)
        change(site, early, KEPT)
        sweep()

    assert (effect.clocks, effect.items, effect.told) == (2, 2, 2)
    assert [(one.words, one.items) for one in effect.firing] == [
        (
            "32 business hours before the time is over, at 20 %: tell the team manager",
            2,
        )
    ]
    first, second = (item.pk for item in site.items)
    assert told() == [
        (first, 2, "manager", "manager"),
        (second, 2, "manager", "manager"),
    ]


@pytest.mark.parametrize(
    ("at", "items"),
    [
        ("2026-11-12T17:00:00-06:00", 0),
        ("2026-11-12T20:00:00-06:00", 0),
        ("2026-11-13T07:59:00-06:00", 0),
        ("2026-11-13T08:00:00-06:00", 2),
        ("2026-11-13T09:00:00-06:00", 2),
    ],
)
def test_what_comes_in_the_morning_is_not_told_the_night_before(site, at, items):
    SlaPolicy.objects.update(business_hours=36)
    ItemClock.objects.update(due_at=datetime.fromisoformat("2026-11-13T17:00:00-06:00"))
    with time_machine.travel(datetime.fromisoformat(at), tick=False):
        effect = ladder_effect(site.slug, [step(-9), KEPT], 36)
        change(site, step(-9), KEPT, hours=36)
        sweep()

    assert effect.told == items
    assert len(told()) == items


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


def test_a_paused_clock_fires_nothing_until_it_runs(site):
    item = site.items[0]
    with time_machine.travel(START + timedelta(hours=1), tick=False):
        take(item, site.coder)
        perform(
            item_id=item.pk,
            action=Action.PEND,
            actor=site.coder,
            expected_version=2,
            reason="Waiting for the record.",
            options={
                "until": (START + timedelta(days=7)).isoformat(),
                "reason_code": "payer",
            },
        )
    with time_machine.travel(LATER, tick=False):
        effect = ladder_effect(site.slug, [step(-32), KEPT], 40)
        change(site, step(-32), KEPT)
        sweep()

    assert (effect.clocks, effect.told) == (2, 1)
    assert [item_id for item_id, *_ in told()] == [site.items[1].pk]
    paused = ItemClock.objects.get(item=item)
    assert (paused.policy.version, paused.next_step_at) == (2, None)


def test_a_legal_clock_takes_its_own_steps(site):
    with time_machine.travel(START, tick=False):
        item = open_item(
            site.queue, site.facility, legal_due_at=START + timedelta(days=10)
        )
    warn = step(-14 * 24, "manager", "legal")
    with time_machine.travel(LATER, tick=False):
        effect = ladder_effect(site.slug, [KEPT, warn], 40)
        change(site, KEPT, warn)
        sweep()

    assert (effect.clocks, effect.told) == (4, 1)
    assert [(i, tell) for i, _, tell, _ in told()] == [(item.pk, "manager")]


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


def test_looking_costs_the_same_for_many_items(site):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            ladder_effect(site.slug, [step(-32), step(-4), KEPT], 40)
        return len(asked)

    few = cost()
    open_many(site.queue, site.facility, 20)

    assert cost() == few


def test_items_are_counted_by_the_database(site):
    with (
        time_machine.travel(LATER, tick=False),
        CaptureQueriesContext(connection) as asked,
    ):
        effect = ladder_effect(site.slug, [step(-32), step(-33), KEPT], 40)

    assert (effect.told, [one.items for one in effect.firing]) == (2, [2, 2])
    sent = [query["sql"] for query in asked]
    assert [sql for sql in sent if sql.startswith('SELECT "worklists_itemclock"')] == []
    assert len([sql for sql in sent if '"worklists_itemclock"' in sql]) == 2


def test_old_versions_keep_their_steps(site):
    with time_machine.travel(LATER, tick=False):
        change(site, step(-4), KEPT)

    by_version = {
        policy.version: list(policy.steps.values_list("offset_hours", flat=True))
        for policy in SlaPolicy.objects.filter(slug=site.slug)
    }
    assert by_version[1] == [0]
    assert sorted(by_version[2]) == [-4, 0]
