"""The safety net before a legal limit: at its margin, once, whatever state the item is in."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from audits.services.verification import verify_trail
from tests.factories import make_site, open_item
from tests.worklists.services.timekeeping import (
    DAY,
    HOUR,
    LEGAL_RUNGS,
    MONDAY,
    act,
    clock_of,
    held,
    make_policy,
    opened,
    pend,
    read,
    timed_site,
)
from worklists.context import now
from worklists.models import (
    Escalation,
    Event,
    ItemClock,
    LadderStep,
    SlaPolicy,
    WorkItem,
)
from worklists.safety_net import net_of, sql_net, sql_rungs, with_margin
from worklists.selectors.ladder_effect import ladder_effect
from worklists.services import ladders
from worklists.services.moving_clocks import ClockMove, move_legal_clocks
from worklists.services.perform import perform
from worklists.services.reading import subject
from worklists.services.sweep import sweep

pytestmark = pytest.mark.django_db
LIMIT = MONDAY + 60 * DAY
NETTED = ((-15 * 24, "manager", True), (-24, "lead", False), (0, "supervisor", True))
LEGAL = "payer_appeal_1"


def netted_site():
    """A site whose ladder has a net of its own, 15 days before the limit."""
    return make_site(sla_policy=make_policy(900, legal=NETTED))


def fired(item):
    """Return the rungs that fired on the legal clock: step, whom, whether it asks."""
    rows = Escalation.objects.filter(item=item, clock__kind="legal").order_by("id")
    return [(e.step, e.tell, e.needs_acknowledgement) for e in rows]


def raised(item):
    """Return the flags, the lift and the points by the net."""
    item = read(item)
    by = [r["points"] for r in item.priority_reasons if r["factor"] == "safety_net"]
    return item.flags, item.lift, by


CAUGHT, FREE = (["near_limit"], 2, [20]), ([], 0, [])


def test_without_a_margin_it_is_the_service_levels_own_step():
    item = opened(netted_site(), legal_due_at=LIMIT)
    sweep(LIMIT - 15 * DAY - HOUR)
    assert (fired(item), raised(item)) == ([], FREE)
    sweep(LIMIT - 15 * DAY)
    assert (fired(item), raised(item)) == ([(1, "manager", True)], CAUGHT)


def test_a_margin_of_the_clock_moves_that_step():
    item = opened(netted_site(), legal_due_at=LIMIT, margin_days=30)
    assert clock_of(item, LEGAL).next_step_at == LIMIT - 30 * DAY
    sweep(LIMIT - 30 * DAY - HOUR)
    assert (fired(item), raised(item)) == ([], FREE)
    version, seq = read(item).version, read(item).trail_seq

    sweep(LIMIT - 30 * DAY)

    assert (fired(item), raised(item)) == ([(1, "manager", True)], CAUGHT)
    assert (read(item).version, read(item).trail_seq) == (version, seq + 1)
    event = Event.objects.get(action="item.ladder_fired", subject_id=item.pk)
    facts = json.loads(event.facts)
    assert (facts["step"], facts["caught"]) == (1, True)
    assert clock_of(item, LEGAL).next_step_at == LIMIT - DAY
    assert verify_trail().whole


@pytest.mark.parametrize("margin", [1, 3])
def test_a_short_margin_comes_after_other_steps(margin):
    rungs = ((-15 * 24, "manager", True), (-48, "lead", False))
    site = make_site(sla_policy=make_policy(900, legal=rungs))
    item = opened(site, legal_due_at=LIMIT, margin_days=margin)
    sweep(LIMIT - HOUR)
    order = [2, 1] if margin == 1 else [1, 2]
    assert [step for step, *_ in fired(item)] == order


def test_a_ladder_without_a_net_gets_one_that_calls_the_supervisor():
    site = timed_site(business_hours=900)
    item = opened(site, legal_due_at=LIMIT, margin_days=10)
    sweep(LIMIT - 10 * DAY)
    assert (fired(item), raised(item)) == ([(0, "supervisor", True)], CAUGHT)
    assert Escalation.objects.get().to == site.queue.supervisor
    sweep(LIMIT)
    assert [step for step, *_ in fired(item)] == [0, 1, 2, 3]


def test_it_fires_once_however_often_it_is_swept():
    item = opened(netted_site(), legal_due_at=LIMIT, margin_days=30)
    for late in (0, 0, 1, 5):
        sweep(LIMIT - 30 * DAY + late * HOUR)
    assert len(fired(item)) == 1
    row = Escalation.objects.get()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_a_deferred_item_is_caught_where_it_rests():
    site = netted_site()
    item = held(site, legal_due_at=LIMIT, margin_days=30)
    rests = pend(site.coder, item, MONDAY + DAY, LIMIT - 10 * DAY)
    sweep(LIMIT - 30 * DAY)
    assert read(item).state == "pending"
    assert read(item).wake_at == rests.wake_at
    assert (fired(item), raised(item)) == ([(1, "manager", True)], CAUGHT)


def test_what_is_decided_before_is_not_caught():
    site = netted_site()
    item = held(site, legal_due_at=LIMIT, margin_days=30)
    evidence = {"decision": "accept", "why": "The note supports it on page 3."}
    act(site.coder, item, "submit", MONDAY + DAY, evidence=evidence)
    sweep(LIMIT - 30 * DAY)
    assert read(item).state == "completed"
    assert (fired(item), raised(item)) == ([], FREE)


@pytest.mark.parametrize(("level", "lift"), [("raised", 1), ("lowered", 2)])
def test_what_a_manager_raised_stays_and_what_was_lowered_comes_up(level, lift):
    site = netted_site()
    item = opened(site, legal_due_at=LIMIT, margin_days=30)
    act(site.manager, item, "prioritize", MONDAY + HOUR, level=level)
    sweep(LIMIT - 30 * DAY)
    assert raised(item)[:2] == (["near_limit"], lift)
    act(site.manager, item, "prioritize", LIMIT - 29 * DAY, level="normal")
    assert raised(item) == (["near_limit"], 0, [])


def test_nobody_says_by_hand_that_the_net_caught_it():
    site = netted_site()
    item = opened(site, legal_due_at=LIMIT)
    for action, options in (
        ("prioritize", {"level": "caught"}),
        ("flag", {"flag": "near_limit"}),
    ):
        with pytest.raises(Exception, match=r"caught|system"):
            perform(
                item_id=item.pk,
                action=action,
                actor=site.manager,
                expected_version=1,
                reason="Why.",
                options=options,
            )
    assert raised(item) == FREE


@pytest.mark.parametrize("margin", [0, 181])
def test_the_database_holds_the_bounds(margin):
    item = opened(netted_site(), legal_due_at=LIMIT)
    with pytest.raises(IntegrityError), transaction.atomic():
        ItemClock.objects.filter(item=item, kind="legal").update(margin_days=margin)
    with pytest.raises(IntegrityError), transaction.atomic():
        ItemClock.objects.filter(item=item, kind="internal").update(margin_days=5)


class TestMoved:
    """A version of a profile moves running clocks: limit, margin and next step."""

    def move(self, item, due_at, margin):
        clock = clock_of(item, LEGAL)
        move = ClockMove(
            clock.pk, item.pk, clock.started_at, due_at, clock.source, margin
        )
        about = subject("profile", 1)
        return move_legal_clocks(actor=None, moves=[move], about=about)

    def test_another_margin_alone_is_a_move(self):
        item = opened(netted_site(), legal_due_at=LIMIT)
        assert self.move(item, LIMIT, None) == 0
        assert self.move(item, LIMIT, 40) == 1
        clock = clock_of(item, LEGAL)
        assert (clock.margin_days, clock.next_step, clock.next_step_at) == (
            40,
            1,
            LIMIT - 40 * DAY,
        )
        event = Event.objects.get(action="item.clock_moved")
        (said,) = json.loads(event.facts)["clocks"]
        assert (said["was_margin_days"], said["margin_days"]) == (None, 40)

    @pytest.mark.parametrize(("due", "margin"), [(LIMIT, 20), (LIMIT + 30 * DAY, 30)])
    def test_a_net_that_holds_no_more_is_taken_back_and_fires_anew(self, due, margin):
        item = opened(netted_site(), legal_due_at=LIMIT, margin_days=30)
        again = due - margin * DAY
        with time_machine.travel(LIMIT - 30 * DAY, tick=False):
            sweep(now())
            assert raised(item) == CAUGHT
            assert self.move(item, due, margin) == 1
            assert raised(item) == FREE
        event = Event.objects.get(action="item.clock_moved")
        assert json.loads(event.facts)["net_taken_back"] is True
        assert clock_of(item, LEGAL).next_step_at == again

        sweep(again)

        assert fired(item) == [(1, "manager", True)] * 2
        assert raised(item) == CAUGHT
        rows = Escalation.objects.filter(item=item).order_by("id")
        assert [(e.clock_due_at, e.taken_back_at is None) for e in rows] == [
            (LIMIT, False),
            (due, True),
        ]
        assert verify_trail().whole

    def test_a_net_that_still_holds_stays_fired(self):
        item = opened(netted_site(), legal_due_at=LIMIT, margin_days=30)
        with time_machine.travel(LIMIT - 30 * DAY, tick=False):
            sweep(now())
            self.move(item, LIMIT - DAY, 30)
        assert raised(item) == CAUGHT
        event = Event.objects.get(action="item.clock_moved")
        assert "net_taken_back" not in json.loads(event.facts)
        sweep(LIMIT - 20 * DAY)
        assert len(fired(item)) == 1

    def test_what_a_manager_raised_stays_raised_without_the_net(self):
        item = opened(netted_site(), legal_due_at=LIMIT, margin_days=30)
        WorkItem.objects.filter(pk=item.pk).update(lift=1)
        with time_machine.travel(LIMIT - 30 * DAY, tick=False):
            sweep(now())
            self.move(item, LIMIT, 20)
        assert raised(item) == ([], 1, [])

    def test_another_clock_of_the_item_keeps_it_caught(self):
        item = opened(netted_site(), legal_due_at=LIMIT, margin_days=30)
        with time_machine.travel(LIMIT - 30 * DAY, tick=False):
            sweep(now())
            other = clock_of(item, LEGAL)
            other.pk, other.name = None, "payer_appeal_2"
            other.save()
            self.move(item, LIMIT, 20)
        assert raised(item) == CAUGHT

    def test_a_ladder_without_a_net_is_aimed_at_its_own(self):
        item = opened(timed_site(business_hours=900), legal_due_at=LIMIT)
        self.move(item, LIMIT + DAY, 12)
        clock = clock_of(item, LEGAL)
        assert (clock.next_step, clock.next_step_at) == (0, LIMIT + DAY - 12 * DAY)
        self.move(item, LIMIT, None)
        clock = clock_of(item, LEGAL)
        assert (clock.next_step, clock.next_step_at) == (1, LIMIT - 72 * HOUR)


class TestAnotherLadder:
    """Running clocks under a new ladder keep their own margins."""

    def test_they_are_aimed_at_their_margin(self):
        site = netted_site()
        own = opened(site, legal_due_at=LIMIT, margin_days=30)
        plain = opened(site, legal_due_at=LIMIT)
        old = site.queue.sla_policy
        new = make_policy(900, legal=((-20 * 24, "lead", True),), slug="new")
        SlaPolicy.objects.filter(pk=new.pk).update(slug=old.slug, version=2)
        new.refresh_from_db()
        assert ladders._move([own.pk, plain.pk], new) == 4
        assert clock_of(own, LEGAL).next_step_at == LIMIT - 30 * DAY
        assert clock_of(plain, LEGAL).next_step_at == LIMIT - 20 * DAY

    def test_the_effect_counts_each_by_its_own(self):
        site = netted_site()
        with_own = timedelta(days=40)
        open_item(
            site.queue, site.facility, legal_due_at=now() + with_own, margin_days=50
        )
        open_item(site.queue, site.facility, legal_due_at=now() + with_own)
        steps = [
            {
                "position": 1,
                "clock_kind": "legal",
                "offset_hours": -30 * 24,
                "tell": "lead",
                "needs_acknowledgement": True,
            }
        ]
        effect = ladder_effect(site.queue.sla_policy.slug, steps, 900)
        assert (effect.told, [f.items for f in effect.firing]) == (1, [1])


_RUNGS_OF = f"""
SELECT n.position, r.position, r.offset_hours
  FROM (SELECT %s::bigint AS policy_id, %s::int AS margin_days) o
  LEFT JOIN LATERAL ({sql_net("o.policy_id")}) n ON true
  LEFT JOIN LATERAL ({sql_rungs("o.policy_id", "o.margin_days", "n.position")}) r ON true
 ORDER BY r.offset_hours, r.position
"""  # noqa: S608 - our own rule
_OFFSETS = st.sampled_from((-720, -360, -48, -24, 0, 24))
_RUNGS = st.lists(st.tuples(_OFFSETS, st.just("lead"), st.booleans()), max_size=5).map(
    tuple
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    internal=_RUNGS, legal=_RUNGS, margin=st.one_of(st.none(), st.sampled_from((1, 15)))
)
def test_python_and_sql_find_the_same_net_and_the_same_rungs(internal, legal, margin):
    with transaction.atomic():
        policy = make_policy(900, internal=internal, legal=legal, slug="drawn")
        steps = policy.steps.filter(clock_kind="legal")
        ladder = tuple(steps.order_by("offset_hours", "position"))
        with connection.cursor() as cursor:
            cursor.execute(
                _RUNGS_OF,
                [policy.pk, margin],
            )
            rows = cursor.fetchall()
        transaction.set_rollback(True)

    net = net_of(ladder)
    assert {row[0] for row in rows} == {net.position if net else None}
    expected = [(r.position, r.offset_hours) for r in with_margin(ladder, margin)]
    assert [row[1:] for row in rows] == (expected or [(None, None)])


def test_the_net_is_the_first_step_before_the_limit_that_needs_an_answer():
    steps = [
        {
            "position": n,
            "clock_kind": "legal",
            "offset_hours": offset,
            "tell": tell,
            "needs_acknowledgement": asks,
        }
        for n, (offset, tell, asks) in enumerate((*LEGAL_RUNGS, *NETTED), 1)
    ]
    rungs = [LadderStep(**step) for step in steps]
    ladder = tuple(sorted(rungs, key=lambda rung: rung.offset_hours))
    assert net_of(ladder).offset_hours == -360
    assert net_of(tuple(rungs[:3])) is None
    assert with_margin(ladder, None) == ladder
    moved = with_margin(ladder, 2)
    assert [r.position for r in moved if r.offset_hours == -48] == [4]
    assert with_margin((), 5)[0].tell == "supervisor"
    assert WorkItem.objects.count() == 0
