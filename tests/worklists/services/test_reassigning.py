"""Giving many items away: plan, act, events, refusals, taking back."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from audits.services.verification import verify_trail
from tests.factories import (
    ClearanceFactory,
    FacilityFactory,
    QueueFactory,
    grant,
    make_site,
    open_item,
    open_many,
    take,
)
from worklists.context import now
from worklists.errors import BadInput, NotVisible, WrongState
from worklists.models import (
    Absence,
    BulkAct,
    BulkActItem,
    Event,
    Notice,
    Queue,
    Reason,
    User,
    WorkItem,
)
from worklists.services import bulk_rows
from worklists.services.perform import perform
from worklists.services.placing import by_person
from worklists.services.reassigning import preview, reassign
from worklists.services.taking_back import take_back

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site():
    return make_site()


def fresh(user):
    """Return the person as the next request sees them."""
    return User.objects.get(pk=user.pk)


def held_by(item):
    """Return state, holder, version and whether it counts as handed out."""
    item.refresh_from_db()
    holder = item.assignee.username if item.assignee else None
    return item.state, holder, item.version, item.handed_at is not None


def whys(plan):
    return {left.id: left.why for left in plan.left}


def test_items_go_to_a_person_with_an_event_each_and_one_of_the_manager(site):
    waiting, held = open_many(site.queue, site.facility, 2)
    take(held, site.coder)

    done = reassign(
        actor=site.manager,
        chosen=[waiting.pk, held.pk],
        to="other_coder",
        reason="She is back from leave.",
    )

    assert held_by(waiting) == ("open", "other_coder", 2, False)
    assert held_by(held) == ("in_progress", "other_coder", 3, True)
    events = Event.objects.filter(action="item.assigned").order_by("subject_id")
    assert [(e.subject_id, e.actor, e.object_kind, e.object_id) for e in events] == [
        (item.pk, site.manager, "bulk_act", done.act.pk) for item in (waiting, held)
    ]
    own = Event.objects.get(action="bulk.reassigned")
    assert (own.subject_kind, own.subject_id) == ("user", site.manager.pk)
    assert '"items":2' in own.facts
    said = Reason.objects.filter(action="item.assigned", said_by=site.manager)
    assert [(r.item_id, r.value) for r in said.order_by("item_id")] == [
        (item.pk, "She is back from leave.") for item in (waiting, held)
    ]
    assert (done.act.done, done.act.refused, done.plan.left) == (2, 0, [])
    assert verify_trail().whole


def test_whoever_gets_items_is_told_once(site):
    items = open_many(site.queue, site.facility, 3)
    reassign(actor=site.manager, chosen=[i.pk for i in items], to="other_coder")
    notice = Notice.objects.get()
    assert (notice.user, notice.code, notice.item) == (
        site.other_coder,
        "assigned_many",
        None,
    )
    assert notice.facts == {"by": str(site.manager), "items": 3}


def test_what_cannot_be_given_stays_and_says_why(site):
    elsewhere = QueueFactory(team=site.queue.team)
    grant(site.manager, elsewhere, "view")
    foreign = open_item(elsewhere, site.facility)
    hidden = open_item(QueueFactory(team=site.queue.team), site.facility)
    given, ended, mine = open_many(site.queue, site.facility, 3)
    perform(
        item_id=ended.pk,
        action="cancel",
        actor=site.manager,
        expected_version=1,
        reason="Twice.",
        options={"reason_code": "duplicate"},
    )
    take(mine, site.other_coder)
    everything = [given, ended, mine, foreign, hidden]
    before = {item.pk: held_by(item) for item in everything}

    done = reassign(
        actor=fresh(site.manager),
        chosen=[*(item.pk for item in everything), 999_999],
        to="other_coder",
    )

    assert [one.item.pk for one in done.plan.placings] == [given.pk]
    assert whys(done.plan) == {
        ended.pk: whys(done.plan)[ended.pk],
        mine.pk: f"{site.other_coder} has it already.",
        foreign.pk: f"Only a manager of “{elsewhere}” may assign an item.",
        hidden.pk: bulk_rows.GONE,
        999_999: bulk_rows.GONE,
    }
    assert "cancelled" in whys(done.plan)[ended.pk].lower()
    for item in (ended, mine, foreign, hidden):
        assert held_by(item) == before[item.pk]
    assert BulkActItem.objects.get().item == given


def test_nothing_is_written_where_nothing_can_be_given(site):
    item = open_item(site.queue, FacilityFactory())
    grant(site.manager, item.facility)
    events = Event.objects.count()

    done = reassign(actor=fresh(site.manager), chosen=[item.pk], to="other_coder")

    assert done.act is None
    assert whys(done.plan) == {
        item.pk: f"{site.other_coder} does not work for {item.facility}."
    }
    assert (Event.objects.count(), BulkAct.objects.count()) == (events, 0)
    assert held_by(item) == ("open", None, 1, False)


def test_nobody_without_the_clearance_gets_an_item():
    site = make_site(clearance=ClearanceFactory())
    item = open_item(site.queue, site.facility)
    done = reassign(actor=site.manager, chosen=[item.pk], to="other_coder")
    assert whys(done.plan) == {
        item.pk: f"{site.other_coder} lacks the clearance “{site.queue.clearance}”."
    }
    assert held_by(item) == ("open", None, 1, False)


def test_the_pool_takes_back_what_people_hold(site):
    given, held, rests, free = open_many(site.queue, site.facility, 4)
    perform(
        item_id=given.pk,
        action="assign",
        actor=site.manager,
        expected_version=1,
        options={"to": "coder"},
    )
    take(held, site.coder)
    take(rests, site.coder)
    perform(
        item_id=rests.pk,
        action="pend",
        actor=site.coder,
        expected_version=2,
        reason="The payer answers on Monday.",
        options={"until": (now() + timedelta(days=4)).isoformat()},
    )

    done = reassign(
        actor=site.manager, chosen=[i.pk for i in (given, held, rests, free)], to="pool"
    )

    assert held_by(given) == ("open", None, 3, False)
    assert held_by(held) == ("open", None, 3, False)
    assert held_by(rests)[:2] == ("pending", "coder")
    assert whys(done.plan) == {
        rests.pk: "It is deferred: resume it first, or give it to a person.",
        free.pk: "It is in the pool already.",
    }
    released = Event.objects.get(action="item.released")
    assert (released.subject_id, released.from_state, released.to_state) == (
        held.pk,
        "in_progress",
        "open",
    )
    assert verify_trail().whole


def test_a_round_fills_the_emptiest_by_capacity_first(site):
    User.objects.filter(pk=site.coder.pk).update(daily_capacity=20)
    User.objects.filter(pk=site.other_coder.pk).update(daily_capacity=10)
    take(open_item(site.queue, site.facility), site.coder)
    items = [
        open_item(site.queue, site.facility, amount=Decimal(100 * n)) for n in range(6)
    ]
    done = reassign(
        actor=site.manager,
        chosen=[i.pk for i in items],
        to={"round_robin": ["coder", "other_coder"]},
    )
    # one of 20 is carried by the coder: 0/10 < 1/20, then 1/20 < 1/10, 2/20 = 1/10 …
    assert [one.to.username for one in done.plan.placings] == [
        *("other_coder", "coder", "coder", "other_coder", "coder", "coder"),
    ]
    assert by_person(done.plan) == {"other_coder": 2, "coder": 4}
    placed = [one.item.priority for one in done.plan.placings]
    assert placed == sorted(placed, reverse=True)


def limit(site, most):
    """Let nobody hold more than so many of the queue."""
    Queue.objects.filter(pk=site.queue.pk).update(max_in_hand=most)
    site.queue.refresh_from_db()


def a_round(site, items, do=reassign):
    """Give items out in turn to both coders; return what was, or would be, done."""
    to = {"round_robin": ["coder", "other_coder"]}
    return do(actor=site.manager, chosen=[i.pk for i in items], to=to)


def test_a_round_keeps_the_limit_of_the_queue_and_says_who_is_full(site):
    limit(site, 2)
    take(open_item(site.queue, site.facility), site.coder)
    items = open_many(site.queue, site.facility, 5)

    looked = a_round(site, items, preview)
    done = a_round(site, items)

    assert by_person(done.plan) == {"coder": 1, "other_coder": 2}
    assert (by_person(looked), whys(looked)) == (by_person(done.plan), whys(done.plan))
    names = ", ".join(sorted(map(str, (site.coder, site.other_coder))))
    why = f"{names} have 2 of “{site.queue}”, its limit. It stays in the pool."
    assert list(whys(done.plan).values()) == [why, why]
    stayed = [item for item in items if item.pk in whys(done.plan)]
    assert [held_by(item) for item in stayed] == [("open", None, 1, False)] * 2


def test_what_is_given_and_not_begun_counts_against_the_limit_of_a_round(site):
    limit(site, 1)
    first, second, third = open_many(site.queue, site.facility, 3)
    assert by_person(a_round(site, [first, second]).plan) == {
        "coder": 1,
        "other_coder": 1,
    }
    done = a_round(site, [third])
    assert (done.act, list(whys(done.plan))) == (None, [third.pk])
    assert held_by(third) == ("open", None, 1, False)


def test_what_a_round_takes_from_one_makes_room_for_them(site):
    limit(site, 1)
    held = take(open_item(site.queue, site.facility), site.coder)
    WorkItem.objects.filter(pk=held.pk).update(priority=9_999)
    free = open_item(site.queue, site.facility)

    done = a_round(site, [held, free])

    assert by_person(done.plan) == {"other_coder": 1, "coder": 1}
    assert (held_by(held)[1], held_by(free)[1]) == ("other_coder", "coder")


def test_who_is_named_alone_gets_what_the_manager_says(site):
    limit(site, 1)
    items = open_many(site.queue, site.facility, 2)
    done = reassign(actor=site.manager, chosen=[i.pk for i in items], to="other_coder")
    assert by_person(done.plan) == {"other_coder": 2}


@pytest.mark.parametrize("count", [2, 6])
def test_a_round_with_a_limit_costs_the_same_with_more_items(
    site, count, django_assert_num_queries
):
    limit(site, 9)
    items = open_many(site.queue, site.facility, count)
    chosen, manager = [i.pk for i in items], fresh(site.manager)
    to = {"round_robin": ["coder", "other_coder"]}
    asked = preview(actor=manager, chosen=chosen, to=to)
    assert len(asked.placings) == count
    with django_assert_num_queries(8):
        preview(actor=manager, chosen=chosen, to=to)


def test_a_round_leaves_out_nobody_silently(site):
    item = open_item(site.queue, site.facility)
    today = now().date()
    Absence.objects.create(
        user=site.coder,
        starts_on=today - timedelta(days=2),
        ends_on=today + timedelta(days=2),
        recorded_by=site.manager,
    )
    with pytest.raises(BadInput, match="Away today"):
        reassign(
            actor=site.manager,
            chosen=[item.pk],
            to={"round_robin": ["coder", "other_coder"]},
        )
    assert held_by(item) == ("open", None, 1, False)


@pytest.mark.parametrize(
    "to",
    [
        *("", "nobody", 7, None, [], {}, {"round_robin": []}),
        *({"round_robin": "coder"}, {"round_robin": [7]}, {"round_robin": ["x"] * 51}),
    ],
)
def test_a_target_that_cannot_be_read_is_refused(site, to):
    item = open_item(site.queue, site.facility)
    with pytest.raises(BadInput) as refused:
        reassign(actor=site.manager, chosen=[item.pk], to=to)
    assert list(refused.value.fields) == ["to"]
    assert held_by(item) == ("open", None, 1, False)


def test_too_many_items_are_refused(site, monkeypatch):
    monkeypatch.setattr(bulk_rows, "MOST", 1)
    items = open_many(site.queue, site.facility, 2)
    with pytest.raises(BadInput, match="Choose 1 to 1 items"):
        reassign(actor=site.manager, chosen=[i.pk for i in items], to="coder")
    assert [held_by(item)[1] for item in items] == [None, None]


def test_a_preview_says_the_same_and_changes_nothing(site):
    item = open_item(site.queue, site.facility)
    plan = preview(actor=site.manager, chosen=[item.pk, 999_999], to="other_coder")
    assert (by_person(plan), whys(plan)) == (
        {"other_coder": 1},
        {999_999: bulk_rows.GONE},
    )
    assert held_by(item) == ("open", None, 1, False)
    assert BulkAct.objects.count() == 0


def test_taken_back_items_stand_as_before(site):
    waiting, held = open_many(site.queue, site.facility, 2)
    take(held, site.coder)
    was = WorkItem.objects.get(pk=held.pk)
    done = reassign(actor=site.manager, chosen=[waiting.pk, held.pk], to="pool")
    assert held_by(held) == ("open", None, 3, False)
    assert by_person(done.plan) == {"pool": 1}

    back = take_back(actor=site.manager, bulk_act_id=done.act.pk)

    assert held_by(held) == ("in_progress", "coder", 4, True)
    held.refresh_from_db()
    assert (held.handed_at, held.entered_at, held.wake_at) == (
        was.handed_at,
        was.entered_at,
        was.wake_at,
    )
    assert held_by(waiting) == ("open", None, 1, False)
    assert (by_person(back.plan), back.plan.left) == ({"coder": 1}, [])
    undone = Event.objects.get(action="item.assignment_undone")
    assert (undone.subject_id, undone.from_state, undone.to_state) == (
        held.pk,
        "open",
        "in_progress",
    )
    assert Event.objects.filter(action="bulk.undone").count() == 1
    assert verify_trail().whole


def test_what_changed_since_is_not_taken_back(site):
    first, second = open_many(site.queue, site.facility, 2)
    done = reassign(actor=site.manager, chosen=[first.pk, second.pk], to="other_coder")
    take(WorkItem.objects.get(pk=first.pk), site.other_coder)

    back = take_back(actor=site.manager, bulk_act_id=done.act.pk)

    assert whys(back.plan) == {
        first.pk: "Something happened to it since; it stays as it is."
    }
    assert held_by(first) == ("in_progress", "other_coder", 3, True)
    assert held_by(second) == ("open", None, 3, False)


def test_taking_back_gives_nothing_to_who_lost_the_grant(site):
    item = take(open_item(site.queue, site.facility), site.coder)
    done = reassign(actor=site.manager, chosen=[item.pk], to="other_coder")
    User.objects.filter(pk=site.coder.pk).update(is_active=False)

    back = take_back(actor=site.manager, bulk_act_id=done.act.pk)

    assert whys(back.plan) == {
        item.pk: f"{site.coder} does not work for {site.facility}."
    }
    assert held_by(item) == ("in_progress", "other_coder", 3, True)


def test_an_act_is_taken_back_once_by_who_did_it_within_half_an_hour(site):
    item = open_item(site.queue, site.facility)
    done = reassign(actor=site.manager, chosen=[item.pk], to="other_coder")
    with pytest.raises(NotVisible):
        take_back(actor=site.reviewer, bulk_act_id=done.act.pk)
    with (
        time_machine.travel(done.act.made_at + timedelta(minutes=31), tick=False),
        pytest.raises(WrongState, match="30 minutes"),
    ):
        take_back(actor=site.manager, bulk_act_id=done.act.pk)
    assert held_by(item) == ("open", "other_coder", 2, False)

    take_back(actor=site.manager, bulk_act_id=done.act.pk)
    with pytest.raises(WrongState, match="already"):
        take_back(actor=site.manager, bulk_act_id=done.act.pk)
    assert held_by(item) == ("open", None, 3, False)


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_with_more_items(site, count, django_assert_num_queries):
    items = open_many(site.queue, site.facility, count)
    manager = fresh(site.manager)
    with django_assert_num_queries(16):
        reassign(actor=manager, chosen=[i.pk for i in items], to="other_coder")


@pytest.mark.parametrize("count", [1, 3])
def test_taking_back_costs_the_same_with_more_items(
    site, count, django_assert_num_queries
):
    items = open_many(site.queue, site.facility, count)
    for item in items:
        take(item, site.coder)
    chosen = [item.pk for item in items]
    done = reassign(actor=site.manager, chosen=chosen, to="other_coder")
    manager = fresh(site.manager)
    with django_assert_num_queries(16):
        take_back(actor=manager, bulk_act_id=done.act.pk)
    assert {held_by(item)[1] for item in items} == {"coder"}


def away_today(site, user):
    today = now().date()
    return Absence.objects.create(
        user=user,
        starts_on=today - timedelta(days=2),
        ends_on=today + timedelta(days=2),
        recorded_by=site.manager,
    )


def test_somebody_who_is_away_gets_items_only_where_it_is_meant(site):
    item = open_item(site.queue, site.facility)
    away_today(site, site.coder)
    with pytest.raises(BadInput, match="even_away"):
        reassign(actor=site.manager, chosen=[item.pk], to="coder")
    with pytest.raises(BadInput, match="even_away"):
        preview(actor=site.manager, chosen=[item.pk], to="coder")
    assert held_by(item) == ("open", None, 1, False)

    reassign(actor=site.manager, chosen=[item.pk], to="coder", even_away=True)
    assert held_by(item) == ("open", "coder", 2, False)


def test_a_hand_over_ends_with_its_absence_and_is_not_taken_back(site):
    item = open_item(site.queue, site.facility)
    done = reassign(actor=site.manager, chosen=[item.pk], to="other_coder")
    absence = away_today(site, site.coder)
    Absence.objects.filter(pk=absence.pk).update(
        hand_over=done.act, handed_over_at=now()
    )
    with pytest.raises(WrongState, match="End the absence instead"):
        take_back(actor=site.manager, bulk_act_id=done.act.pk)
    assert held_by(item) == ("open", "other_coder", 2, False)
    assert BulkAct.objects.get().undone_at is None


def test_where_nothing_can_be_put_back_the_act_stays_open(site):
    item = open_item(site.queue, site.facility)
    done = reassign(actor=site.manager, chosen=[item.pk], to="other_coder")
    take(WorkItem.objects.get(pk=item.pk), site.other_coder)
    back = take_back(actor=site.manager, bulk_act_id=done.act.pk)
    assert back.plan.placings == []
    assert BulkAct.objects.get().undone_at is None
    assert Event.objects.filter(action="bulk.undone").count() == 0
