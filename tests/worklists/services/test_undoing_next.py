"""Taking Next back: exactly where it was, in half an hour, untouched, one's own."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connections

from tests.factories import (
    ClearanceFactory,
    clear_for,
    grant,
    make_site,
    open_item,
    take,
)
from worklists.context import now
from worklists.errors import NotPermitted, NotVisible, StaleVersion, WrongState
from worklists.models import ClearanceGrant, Draft, Event, ItemClock, User, WorkItem
from worklists.selectors.items import in_hand
from worklists.selectors.next_up import next_up
from worklists.services.drafts import save_draft
from worklists.services.next_item import next_item
from worklists.services.notes import write_note
from worklists.services.perform import perform
from worklists.services.time_on_items import correct_time
from worklists.services.undoing_next import last_of, undo_next, undone_until

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

MOVES_ON = {"version", "trail_seq", "trail_hash"}


@pytest.fixture
def site():
    return make_site(max_in_hand=1, release_after_hours=8)


def row(item) -> dict:
    """Return everything the database holds of an item but what every act moves on."""
    values = WorkItem.objects.filter(pk=item.pk).values().get()
    clocks = list(ItemClock.objects.filter(item=item).order_by("pk").values())
    return {k: v for k, v in values.items() if k not in MOVES_ON} | {"clocks": clocks}


def whole(item) -> tuple:
    """Return an item to the last field, with how many events it has."""
    return (
        WorkItem.objects.filter(pk=item.pk).values().get(),
        Event.objects.filter(subject_kind="item", subject_id=item.pk).count(),
    )


def handed(person) -> WorkItem:
    """Return what Next hands to a person."""
    item = next_item(actor=person).item
    assert item is not None
    return item


def undo(item, person, version=None) -> WorkItem:
    read = version or WorkItem.objects.get(pk=item.pk).version
    return undo_next(item_id=item.pk, actor=person, expected_version=read)


def refused(item, person, error, code, version=None) -> str:
    """Assert that it is refused so and changes nothing; return the sentence."""
    before = whole(item)
    with pytest.raises(error) as refusal:
        undo(item, person, version)
    assert refusal.value.code == code
    assert whole(item) == before
    return refusal.value.detail


def until(item, person):
    """Return until when the person is offered to undo Next on an item as it is now."""
    item = WorkItem.objects.select_related("queue").get(pk=item.pk)
    draft = Draft.objects.filter(item=item, user=person).first()
    return undone_until(item, person, last_of(item), draft)


def test_only_the_last_one_goes_back(site):
    """Nobody takes several to keep the one they like."""
    site.queue.max_in_hand = 3
    site.queue.save()
    first, second = (open_item(site.queue, site.facility) for _ in range(2))
    for item in (first, second):
        assert handed(site.coder).pk == item.pk
    assert "gave you another item" in refused(
        first, site.coder, WrongState, "not_latest"
    )
    assert until(first, site.coder) is None
    undo(second, site.coder)
    refused(first, site.coder, WrongState, "not_latest")
    other = handed(site.other_coder)  # what somebody else is given does not count
    assert (other.pk, until(other, site.other_coder) is None) == (second.pk, False)


def test_a_draft_without_a_word_is_no_beginning(site):
    item = open_item(site.queue, site.facility)
    handed(site.coder)
    save_draft(item_id=item.pk, actor=site.coder, answers={})
    assert until(item, site.coder) is not None
    undo(item, site.coder)
    assert WorkItem.objects.get(pk=item.pk).assignee is None


class TestGoesBack:
    """Nothing tells the item from one that was never handed out, but its trail."""

    def test_an_open_item_stands_as_before(self, site):
        item = open_item(
            site.queue, site.facility, at=now() - timedelta(days=9, hours=3)
        )
        other = open_item(site.queue, site.facility)
        before, line = row(item), [one.pk for one in next_up(site.coder)]

        got = handed(site.coder)
        assert (got.pk, in_hand(site.coder, site.queue)) == (item.pk, 1)
        assert row(item)["entered_at"] != before["entered_at"]
        assert next_item(actor=site.coder).reason == "max_in_hand"
        back = undo(got, site.coder)

        assert row(item) == before
        assert (back.state, back.assignee, back.version) == ("open", None, 3)
        assert in_hand(site.coder, site.queue) == 0
        assert [one.pk for one in next_up(site.coder)] == line == [item.pk, other.pk]

    def test_it_is_one_event_of_its_own(self, site):
        item = open_item(site.queue, site.facility)
        undo(handed(site.coder), site.coder)
        events = Event.objects.filter(subject_kind="item", subject_id=item.pk)
        assert list(events.order_by("seq").values_list("action", flat=True)) == [
            "item.opened",
            "item.handed",
            "item.next_undone",
        ]
        event = events.latest("seq")
        assert (event.actor_name, event.from_state, event.to_state) == (
            "coder",
            "in_progress",
            "open",
        )
        assert json.loads(event.facts) == {"to": "pool", "version": 3}
        item.refresh_from_db()
        assert (item.trail_seq, bytes(item.trail_hash)) == (3, bytes(event.hash))

    def test_what_was_assigned_to_them_is_theirs_again(self, site):
        item = open_item(site.queue, site.facility)
        perform(
            item_id=item.pk,
            action="assign",
            actor=site.manager,
            expected_version=1,
            reason="Yours.",
            options={"to": site.coder.username},
        )
        before = row(item)
        back = undo(handed(site.coder), site.coder)
        assert row(item) == before
        assert (back.state, back.assignee) == ("open", site.coder)

    def test_what_came_back_to_them_is_first_in_line_again(self, site):
        item = take(open_item(site.queue, site.facility), site.apprentice)
        for action, actor, more in (
            ("submit", site.apprentice, {"evidence": GOOD}),
            ("return", site.reviewer, {"reason": "See page 3."}),
        ):
            version = WorkItem.objects.get(pk=item.pk).version
            perform(
                item_id=item.pk,
                action=action,
                actor=actor,
                expected_version=version,
                **more,
            )
        before = row(item)
        assert before["state"] == "returned"
        got = handed(site.apprentice)
        assert (got.pk, row(item) == before) == (item.pk, False)
        undo(got, site.apprentice)
        assert row(item) == before
        assert handed(site.apprentice).pk == item.pk

    def test_next_gives_no_other_item_for_it(self, site):
        """Undoing is no way to pick: what is first in line stays so."""
        item = open_item(site.queue, site.facility)
        open_item(site.queue, site.facility)
        for _ in range(3):
            got = handed(site.coder)
            assert got.pk == item.pk
            undo(got, site.coder)
        undone = Event.objects.filter(action="item.next_undone", actor=site.coder)
        assert undone.count() == 3

    def test_another_person_gets_it_at_once(self, site):
        item = open_item(site.queue, site.facility)
        undo(handed(site.coder), site.coder)
        assert handed(site.other_coder).pk == item.pk


GOOD = {"decision": "accept", "why": "The note supports it on page 3."}


class TestRefused:
    """Each with its reason, and nothing changed."""

    @pytest.fixture
    def got(self, site):
        open_item(site.queue, site.facility)
        return handed(site.coder)

    def test_twice(self, site, got):
        version = got.version
        undo(got, site.coder, version)
        refused(got, site.coder, StaleVersion, "stale_version", version)
        said = refused(got, site.coder, WrongState, "not_next")
        assert said == "You do not hold this item, so there is nothing to undo."

    def test_a_form_from_before(self, site, got):
        refused(got, site.coder, StaleVersion, "stale_version", got.version - 1)

    def test_what_somebody_else_holds(self, site, got):
        refused(got, site.other_coder, NotPermitted, "held_by_other")

    def test_after_the_window(self, site, got):
        at = got.handed_at
        with time_machine.travel(at + timedelta(minutes=29, seconds=59), tick=False):
            assert until(got, site.coder) == at + timedelta(minutes=30)
        with time_machine.travel(at + timedelta(minutes=30, seconds=1), tick=False):
            assert until(got, site.coder) is None
            said = refused(got, site.coder, WrongState, "too_late")
        assert said.startswith("Next can be undone for 30 minutes")

    def test_what_the_person_wrote_on(self, site, got):
        perform(
            item_id=got.pk,
            action="save_evidence",
            actor=site.coder,
            expected_version=got.version,
            evidence={"decision": "accept"},
        )
        refused(got, site.coder, WrongState, "changed")
        assert until(got, site.coder) is None

    def test_what_somebody_else_wrote_on(self, site, got):
        write_note(item_id=got.pk, actor=site.manager, text="Look at page 3.")
        refused(got, site.coder, WrongState, "changed")

    def test_what_the_person_has_begun_to_type(self, site, got):
        save_draft(item_id=got.pk, actor=site.coder, answers={"why": "Be"})
        refused(got, site.coder, WrongState, "begun")
        assert Draft.objects.get().answers == {"why": "Be"}
        assert until(got, site.coder) is None

    def test_an_older_draft_is_no_work_of_now(self, site, got):
        save_draft(item_id=got.pk, actor=site.coder, answers={"why": "Be"})
        Draft.objects.update(saved_at=now() - timedelta(days=2))
        assert until(got, site.coder) == got.handed_at + timedelta(minutes=30)
        undo(got, site.coder)
        assert Draft.objects.count() == 1

    def test_what_was_picked_and_not_handed_out(self, site):
        item = take(open_item(site.queue, site.facility), site.coder)
        refused(item, site.coder, WrongState, "changed")
        assert until(item, site.coder) is None

    def test_an_item_they_do_not_see(self, site, got):
        refused(got, site.outsider, NotVisible, "not_found")


def test_without_the_clearance_it_is_not_there():
    clearance = ClearanceFactory()
    site = make_site(clearance=clearance)
    clear_for(site.coder, clearance)
    open_item(site.queue, site.facility)
    coder = User.objects.get(pk=site.coder.pk)
    got = handed(coder)
    ClearanceGrant.objects.update(revoked_at=now())
    refused(got, User.objects.get(pk=coder.pk), NotVisible, "not_found")


def test_who_still_sees_it_without_the_clearance_does_not_move_it():
    clearance = ClearanceFactory()
    site = make_site(clearance=clearance)
    clear_for(site.coder, clearance)
    open_item(site.queue, site.facility)
    got = handed(User.objects.get(pk=site.coder.pk))
    grant(site.coder, site.queue, "manage")
    ClearanceGrant.objects.update(revoked_at=now())
    coder = User.objects.get(pk=site.coder.pk)
    refused(got, coder, NotPermitted, "clearance")
    assert until(got, coder) is None


@pytest.mark.django_db(transaction=True)
def test_two_windows_put_it_back_once(site):
    """The second waits for the first, and then finds another version."""
    open_item(site.queue, site.facility)
    got = handed(site.coder)

    def window(_):
        try:
            undo_next(item_id=got.pk, actor=site.coder, expected_version=got.version)
        except StaleVersion:
            return "stale"
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(window, range(2))) == ["done", "stale"]
    assert Event.objects.filter(action="item.next_undone").count() == 1


def test_ones_own_time_put_right_is_nothing_done_to_the_item(site):
    item = open_item(site.queue, site.facility)
    before = row(item)
    handed(site.coder)
    correct_time(item_id=item.pk, actor=site.coder, minutes=3, reason="Read it.")
    undo(item, site.coder)
    assert row(item) == before
