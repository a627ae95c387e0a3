"""What the system did is taken back by a person: once, with a reason, as an act of theirs."""

import json
from datetime import timedelta

import pytest

from tests.factories import make_site, open_item, open_many
from tests.worklists.services.covering import EARLY, away, do, hold, stands, team_up
from tests.worklists.services.timekeeping import (
    DAY,
    HOUR,
    MONDAY,
    act,
    actions,
    held,
    local,
    pend,
    read,
    timed_site,
)
from worklists.enums import State
from worklists.errors import BadInput, NotPermitted, NotVisible, WrongState
from worklists.models import Event, ItemClock, Reason, User, WorkItem
from worklists.services import bulk
from worklists.services.absences import cover
from worklists.services.injected_time import at
from worklists.services.reversing import reverse
from worklists.services.sweep import sweep

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
WHY = "She was only on the phone."


def newest(action):
    return Event.objects.filter(action=action).latest("id")


def back(event, actor, reason=WHY, **more):
    """Take an act back as the next request would."""
    person = User.objects.get(pk=actor.pk)
    return reverse(actor=person, event_id=event.pk, reason=reason, **more).item


def reversing(action, item):
    """Return what the newest event of an item says it reverses."""
    event = Event.objects.filter(
        subject_kind="item", subject_id=item.pk, action=action
    ).latest("id")
    return json.loads(event.facts).get("reverses")


class TestAnIdleRelease:
    """It goes back to the person who held it."""

    @pytest.fixture
    def site(self):
        site = timed_site(release_after_hours=9)
        site.item = held(site)
        sweep(MONDAY + DAY)
        site.event = newest("item.auto_released")
        return site

    def test_a_manager_gives_it_back(self, site):
        with at(MONDAY + DAY + HOUR):
            item = back(site.event, site.manager)
        assert stands(item) == ("open", "coder")
        assert actions(item)[-1] == "item.assigned"
        assert reversing("item.assigned", item) == {
            "seq": site.event.seq,
            "act": "release_idle",
        }
        event = newest("item.assigned")
        assert (event.actor_name, event.actor_role) == ("manager", "manager")
        assert "task_class" not in json.loads(event.facts)
        reason = Reason.objects.get(item=item, action="item.assigned")
        assert (reason.value, reason.seq) == (WHY, event.seq)

    def test_a_second_time_is_refused(self, site):
        with at(MONDAY + DAY + HOUR):
            back(site.event, site.manager)
            events = Event.objects.count()
            with pytest.raises(WrongState, match="reversed already") as refused:
                back(site.event, site.manager)
        assert refused.value.code == "reversed_already"
        assert Event.objects.count() == events

    def test_a_second_time_is_refused_also_when_it_went_on(self, site):
        with at(MONDAY + DAY + HOUR):
            back(site.event, site.manager)
            act(site.coder, site.item, "claim", MONDAY + DAY + HOUR)
            with pytest.raises(WrongState) as refused:
                back(site.event, site.manager)
        assert refused.value.code == "reversed_already"

    def test_an_item_that_went_on_is_refused_in_words(self, site):
        act(site.other_coder, site.item, "claim", MONDAY + DAY + HOUR)
        with pytest.raises(WrongState) as refused:
            back(site.event, site.manager)
        assert refused.value.code == "went_on"
        assert f"{site.other_coder} took it" in refused.value.detail
        assert stands(site.item) == ("in_progress", "other_coder")

    @pytest.mark.parametrize("who", ["coder", "reviewer", "auditor"])
    def test_who_may_not_assign_may_not_give_it_back(self, site, who):
        with pytest.raises(NotPermitted):
            back(site.event, getattr(site, who))
        assert stands(site.item) == ("open", None)

    @pytest.mark.parametrize("who", ["outsider", "administrator"])
    def test_who_does_not_see_the_item_finds_nothing(self, site, who):
        with pytest.raises((NotVisible, NotPermitted)):
            back(site.event, getattr(site, who))
        assert stands(site.item) == ("open", None)

    @pytest.mark.parametrize("reason", ["", "   "])
    def test_no_reason_is_refused(self, site, reason):
        with pytest.raises(BadInput, match="Say why"):
            back(site.event, site.manager, reason)
        assert stands(site.item) == ("open", None)

    def test_somebody_who_works_here_no_more_gets_nothing(self, site):
        User.objects.filter(pk=site.coder.pk).update(is_active=False)
        with pytest.raises(BadInput, match="no active person"):
            back(site.event, site.manager)
        assert stands(site.item) == ("open", None)

    def test_a_step_of_the_ladder_since_is_no_going_on(self, site):
        sweep(MONDAY + 3 * DAY)
        assert actions(site.item)[-1] == "item.ladder_fired"
        with at(MONDAY + 3 * DAY):
            assert stands(back(site.event, site.manager)) == ("open", "coder")


class TestAHandOver:
    """It goes back to who held it, also while they are away."""

    @pytest.fixture
    def site(self):
        return team_up(make_site())

    def test_from_the_backup(self, site):
        [item] = hold(site)
        away(site)
        cover(EARLY)
        with at(EARLY + HOUR):
            back(newest("item.assigned"), site.manager)
        assert stands(item) == ("in_progress", "coder")
        assert reversing("item.assigned", item)["act"] == "hand_over"

    def test_from_the_pool(self, site):
        [item] = hold(site)
        away(site, "pool")
        cover(EARLY)
        with at(EARLY + HOUR):
            back(newest("item.released"), site.manager)
        assert stands(item) == ("open", "coder")

    def test_what_was_given_back_goes_to_who_had_it(self, site):
        [item] = hold(site)
        away(site)
        cover(EARLY)
        cover(local("2026-03-07", "00:01"))
        assert stands(item) == ("in_progress", "coder")
        with at(local("2026-03-07", "09:00")):
            back(newest("item.assignment_undone"), site.manager)
        assert stands(item) == ("in_progress", "other_coder")

    def test_the_end_of_the_absence_leaves_it_where_it_is(self, site):
        [item] = hold(site)
        away(site)
        cover(EARLY)
        with at(EARLY + HOUR):
            back(newest("item.assigned"), site.manager)
        version = read(item).version
        cover(local("2026-03-07", "00:01"))
        assert (stands(item), read(item).version) == (
            ("in_progress", "coder"),
            version,
        )

    def test_what_a_manager_assigned_is_no_act_of_the_system(self, site):
        [item] = hold(site)
        do(item, "assign", site.manager, {"to": "other_coder"})
        with pytest.raises(NotVisible):
            back(newest("item.assigned"), site.manager)


class TestComingBack:
    """A deferred item that came back rests again until the day that is named."""

    @pytest.fixture
    def site(self):
        site = timed_site()
        site.item = pend(site.coder, held(site), MONDAY, MONDAY + DAY)
        sweep(MONDAY + DAY)
        site.event = newest("item.auto_resumed")
        return site

    @pytest.mark.parametrize("who", ["coder", "manager"])
    def test_it_is_deferred_again_for_the_same_reason(self, site, who):
        with at(MONDAY + DAY + HOUR):
            item = back(site.event, getattr(site, who), until="2026-03-05")
        item = read(item)
        assert (item.state, item.pend_reason) == ("pending", "records")
        assert item.wake_at == local("2026-03-05", "08:00")
        assert reversing("item.pended", item) == {
            "seq": site.event.seq,
            "act": "bring_back",
        }
        assert read(item).assignee.username == "coder"

    @pytest.mark.parametrize("until", ["", "soon", "2026-03-01"])
    def test_a_day_that_cannot_be_is_refused(self, site, until):
        with at(MONDAY + DAY + HOUR), pytest.raises(BadInput):
            back(site.event, site.manager, until=until)
        assert read(site.item).state == State.IN_PROGRESS

    def test_somebody_else_may_not(self, site):
        with at(MONDAY + DAY + HOUR), pytest.raises(NotPermitted):
            back(site.event, site.other_coder, until="2026-03-05")
        assert read(site.item).state == State.IN_PROGRESS


class TestACancelledItem:
    """Cancelled is final: its work is opened anew, in the same queue."""

    @pytest.fixture
    def site(self):
        site = timed_site()
        with at(MONDAY):
            site.item = open_item(
                site.queue,
                site.facility,
                at=MONDAY,
                legal_due_at=MONDAY + 30 * DAY,
                risk_class="bundling",
            )
            bulk.cancel_items([site.item.pk], reason_code="payer_reversed")
        site.event = newest("item.cancelled")
        return site

    def test_a_new_item_stands_there_with_the_same_limit(self, site):
        with at(MONDAY + HOUR):
            fresh = back(site.event, site.manager)
        old, fresh = read(site.item), read(fresh)
        assert fresh.pk != old.pk
        assert (old.state, old.outcome) == ("cancelled", "payer_reversed")
        assert (fresh.state, fresh.queue, fresh.assignee) == ("open", old.queue, None)
        same = ("claim_id", "payer_id", "amount", "reason_code", "risk_class", "kind")
        assert [getattr(fresh, n) for n in same] == [getattr(old, n) for n in same]
        assert fresh.legal_due_at == MONDAY + 30 * DAY
        assert fresh.why_here["words"] == f"{old.number}, opened anew by {site.manager}"
        assert fresh.evidence_asked == 2

    def test_both_say_so(self, site):
        with at(MONDAY + HOUR):
            fresh = back(site.event, site.manager)
        event = Event.objects.get(action="item.opened_anew")
        facts = json.loads(event.facts)
        assert (event.subject_id, event.actor_name) == (site.item.pk, "manager")
        assert (event.from_state, event.to_state) == ("cancelled", "cancelled")
        assert facts["item"] == fresh.pk
        assert facts["reverses"] == {"seq": site.event.seq, "act": "cancel_reversed"}
        opened = Event.objects.get(subject_id=fresh.pk, action="item.opened")
        assert (opened.object_kind, opened.object_id) == ("item", site.item.pk)
        assert opened.actor_name == "manager"

    def test_it_happens_once(self, site):
        with at(MONDAY + HOUR):
            back(site.event, site.manager)
            with pytest.raises(WrongState) as refused:
                back(site.event, site.manager)
        assert refused.value.code == "reversed_already"
        assert WorkItem.objects.count() == 2

    @pytest.mark.parametrize("who", ["coder", "auditor"])
    def test_who_may_not_reopen_may_not(self, site, who):
        with pytest.raises(NotPermitted):
            back(site.event, getattr(site, who))
        assert WorkItem.objects.count() == 1

    def test_a_queue_that_is_closed_takes_nothing(self, site):
        site.queue.is_active = False
        site.queue.save()
        with pytest.raises(WrongState, match="not worked any more"):
            back(site.event, site.manager)
        assert WorkItem.objects.count() == 1
        assert actions(site.item)[-1] == "item.cancelled"

    def test_a_new_internal_clock_runs_and_the_old_stays_stopped(self, site):
        with at(MONDAY + HOUR):
            fresh = back(site.event, site.manager)
        clocks = ItemClock.objects.filter(item=fresh, stopped_at=None)
        assert set(clocks.values_list("kind", flat=True)) == {"internal", "legal"}
        old = ItemClock.objects.filter(item=site.item, stopped_at=None)
        assert not old.exists()


class TestWhatIsNotTakenBack:
    """Some acts tell people, some follow from a file: the refusal says what to do."""

    def test_an_opening_is_moved_on_its_own_page(self):
        site = make_site()
        open_item(site.queue, site.facility)
        with pytest.raises(WrongState, match="Move the item to another") as refused:
            back(newest("item.opened"), site.manager)
        assert refused.value.code == "not_reversible"

    def test_a_step_of_a_ladder_is_answered(self):
        site = timed_site()
        held(site)
        sweep(MONDAY + 9 * DAY)
        count = Event.objects.count()
        with pytest.raises(WrongState, match="It is answered") as refused:
            back(newest("item.ladder_fired"), site.manager)
        assert refused.value.code == "not_reversible"
        assert Event.objects.count() == count

    def test_an_act_that_is_none(self):
        site = make_site()
        with pytest.raises(NotVisible):
            reverse(actor=site.manager, event_id=0, reason=WHY)

    def test_each_of_many_is_taken_back_for_itself(self):
        site = timed_site(release_after_hours=9)
        with at(MONDAY):
            items = open_many(site.queue, site.facility, 2, at=MONDAY)
        for item in items:
            act(site.coder, item, "claim", MONDAY)
        sweep(MONDAY + DAY)
        first = Event.objects.get(
            subject_id=items[0].pk, action="item.auto_released", subject_kind="item"
        )
        with at(MONDAY + DAY + timedelta(minutes=1)):
            back(first, site.manager)
        assert [stands(item)[1] for item in items] == ["coder", None]
