"""Since when an item lies untouched: only work on it counts, not who is given it."""

from datetime import timedelta

import pytest

from tests.factories import make_site, open_item, open_many, take
from worklists.context import now
from worklists.models import WorkItem
from worklists.selectors.items import untouched_for
from worklists.services.deferring import defer
from worklists.services.next_item import next_item
from worklists.services.notes import withdraw_note, write_note
from worklists.services.perform import perform
from worklists.services.prioritizing import prioritize
from worklists.services.reassigning import reassign
from worklists.services.releasing import release
from worklists.services.taking_back import take_back
from worklists.services.undoing_next import undo_next
from worklists.trail_words import ACTIONS, WORK

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
LONG_AGO = timedelta(days=20)


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def idle(site):
    """An open item that nobody worked on for twenty days, and since when."""
    item = open_item(site.queue, site.facility, at=now() - LONG_AGO)
    return item, item.touched_at


def touched(item):
    """Return when the item was last worked on."""
    return WorkItem.objects.get(pk=item.pk).touched_at


def do(item, action, actor, **more):
    version = WorkItem.objects.get(pk=item.pk).version
    return perform(
        item_id=item.pk, action=action, actor=actor, expected_version=version, **more
    )


def test_every_act_on_an_item_is_work_or_is_not():
    of_items = {action for action in ACTIONS if action.startswith("item.")}
    assert of_items - WORK == {
        *("item.opened", "item.joined", "item.changed", "item.opened_anew"),
        *("item.claimed", "item.handed", "item.next_undone", "item.rerouted"),
        *("item.released", "item.auto_released", "item.clearance_ended"),
        *("item.release_undone", "item.assigned", "item.assignment_undone"),
        *("item.auto_resumed", "item.deferral_undone"),
        *("item.prioritized", "item.priority_undone", "item.clock_moved"),
        *("item.ladder_fired", "item.left_to_people", "item.note_withdrawn"),
        *("item.time_corrected", "item.redacted"),
    }
    assert of_items >= WORK


def test_who_has_it_and_how_it_ranks_is_no_work(site, idle):
    item, before = idle
    do(item, "assign", site.manager, options={"to": "coder"})
    do(item, "prioritize", site.manager, reason="First.", options={"level": "raised"})
    do(item, "claim", site.coder)
    do(item, "release", site.coder)
    handed = next_item(actor=site.coder).item
    undo_next(item_id=item.pk, actor=site.coder, expected_version=handed.version)

    assert touched(item) == before
    assert WorkItem.objects.filter(untouched_for(19)).get() == item


def test_saved_answers_notes_flags_and_deferrals_are_work(site, idle):
    item, last = idle
    do(item, "claim", site.coder)
    acts = (
        lambda: do(item, "save_evidence", site.coder, evidence={"decision": "accept"}),
        lambda: write_note(item_id=item.pk, actor=site.coder, text="I called them."),
        lambda: do(item, "flag", site.coder, options={"flag": "watch"}),
        lambda: do(
            item,
            "pend",
            site.coder,
            reason="Their portal is down.",
            options={
                "until": (now() + timedelta(days=4)).isoformat(),
                "reason_code": "payer",
            },
        ),
    )
    for act in acts:
        act()
        assert touched(item) > last
        last = touched(item)


def test_a_note_that_is_withdrawn_leaves_it_as_it_was(site, idle):
    item, _ = idle
    note = write_note(item_id=item.pk, actor=site.coder, text="I called them.")
    noted = touched(item)

    withdraw_note(item_id=item.pk, actor=site.coder, note_id=note.pk)

    assert touched(item) == noted


def test_acts_on_many_that_are_no_work_and_their_undoing_leave_it(site):
    items = open_many(site.queue, site.facility, 3)
    ago = now() - LONG_AGO
    WorkItem.objects.update(touched_at=ago)
    ids = [item.pk for item in items]
    given = reassign(actor=site.manager, chosen=ids, to="coder", reason="Balance.")
    take_back(actor=site.manager, bulk_act_id=given.act.pk)
    raised = prioritize(actor=site.manager, chosen=ids, level="raised", reason="First.")
    take_back(actor=site.manager, bulk_act_id=raised.act.pk)
    for item in items:
        item.refresh_from_db()
        take(item, site.coder)
    freed = release(actor=site.manager, chosen=ids, reason="Balance.")
    take_back(actor=site.manager, bulk_act_id=freed.act.pk)

    assert set(WorkItem.objects.values_list("touched_at", "state")) == {
        (ago, "in_progress")
    }


def deferred(site, items):
    """Let the manager defer items that nobody touched for long; return the act."""
    asked = {"until": (now() + timedelta(days=4)).isoformat(), "reason_code": "payer"}
    ids = [item.pk for item in items]
    return defer(actor=site.manager, chosen=ids, reason="Portal.", **asked).act


def test_undoing_a_deferral_brings_the_last_touch_back_unless_work_came_after(site):
    plain, noted = open_many(site.queue, site.facility, 2)
    for item in (plain, noted):
        take(item, site.coder)
    ago = now() - LONG_AGO
    WorkItem.objects.update(touched_at=ago)
    act = deferred(site, (plain, noted))
    assert min(touched(plain), touched(noted)) > ago
    write_note(item_id=noted.pk, actor=site.coder, text="They called back.")
    at = touched(noted)

    take_back(actor=site.manager, bulk_act_id=act.pk)

    assert (touched(plain), touched(noted)) == (ago, at)
