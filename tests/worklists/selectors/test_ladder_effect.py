"""What a ladder would do: what was looked at is what the next sweep does."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import FacilityFactory, open_item, open_many, take
from tests.worklists.laddering import (
    KEPT,
    LATER,
    START,
    change,
    ladder_site,
    step,
    told,
)
from worklists.enums import Action
from worklists.models import ItemClock, SlaPolicy
from worklists.selectors.ladder_effect import ladder_effect
from worklists.services.perform import perform
from worklists.services.sweep import sweep

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site(db):
    """A small site with two items that arrived on Monday morning."""
    return ladder_site()


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


@pytest.mark.parametrize("more", [0, 3])
def test_looking_costs_the_same_for_many_facilities(
    site, more, django_assert_num_queries
):
    FacilityFactory.create_batch(more)
    steps = [step(-32), step(-16, position=1), KEPT | {"position": 2}]
    ladder_effect(site.slug, steps, 40)

    with django_assert_num_queries(3):
        ladder_effect(site.slug, steps, 40)
