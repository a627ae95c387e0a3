"""Deferred items come back, idle ones are released, each at its own moment."""

import json

import pytest

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
from worklists.models import Event, Notice, Queue, WorkItem
from worklists.services.injected_time import at
from worklists.services.perform import perform
from worklists.services.reassigning import reassign
from worklists.services.sweep import sweep

pytestmark = pytest.mark.django_db
BACK = local("2026-03-04", "10:00")


def test_a_deferred_item_stays_until_its_moment() -> None:
    site = timed_site()
    item = pend(site.coder, held(site), MONDAY, BACK)
    assert sweep(BACK - HOUR)["resumed"] == 0
    assert vars(read(item)) | {"_state": 0} == vars(item) | {"_state": 0}


def test_a_deferred_item_comes_back_to_the_same_person() -> None:
    site = timed_site()
    item = pend(site.coder, held(site), MONDAY, BACK)
    assert sweep(BACK)["resumed"] == 1
    after = read(item)
    assert (after.state, after.assignee) == ("in_progress", site.coder)
    assert (after.pend_reason, after.wake_at, after.entered_at) == ("", None, BACK)
    assert after.version == item.version + 1
    assert after.touched_at == MONDAY  # nobody has worked it since
    assert clock_of(item).paused_at is None


def test_the_return_is_an_event_of_the_system() -> None:
    site = timed_site()
    item = pend(site.coder, held(site), MONDAY, BACK)
    sweep(BACK)
    event = Event.objects.get(action="item.auto_resumed")
    assert (event.from_state, event.to_state) == ("pending", "in_progress")
    assert (event.actor_id, event.actor_name) == (None, "worker")
    assert event.occurred_at == BACK
    assert json.loads(event.facts) == {
        "version": item.version + 1,
        "task_class": {"act": "bring_back", "class": "automatic", "version": 1},
    }
    assert bytes(read(item).trail_hash) == bytes(event.hash)


def test_the_person_is_told_that_it_is_back() -> None:
    site = timed_site()
    item = pend(site.coder, held(site), MONDAY, BACK)
    sweep(BACK)
    notice = Notice.objects.get()
    assert (notice.user, notice.code, notice.item) == (site.coder, "resumed", item)
    assert (notice.by_mail, notice.facts) == (False, {})


def test_a_late_return_counts_from_when_it_should_have_been() -> None:
    site = timed_site(release_after_hours=9)
    item = pend(site.coder, held(site), MONDAY, BACK)
    sweep(BACK + 3 * HOUR)
    clock = clock_of(item)
    assert clock.due_at == local("2026-03-06", "10:00")  # two working days from BACK
    assert read(item).wake_at == local("2026-03-05", "10:00")  # and nine idle hours
    assert read(item).internal_due_at == clock.due_at


def test_the_score_follows_the_clock_that_runs_again() -> None:
    site = timed_site()
    item = pend(site.coder, held(site), local("2026-03-03", "17:00"), BACK)
    sweep(BACK)
    after = read(item)
    assert {"factor": "internal_due", "value": "overdue", "points": 10} in (
        after.priority_reasons
    )


def idle_site(hours: int = 9):
    return timed_site(release_after_hours=hours)


def test_an_idle_item_goes_back_to_its_queue() -> None:
    site = idle_site()
    item = held(site)
    assert item.wake_at == local("2026-03-02", "17:00")
    assert sweep(local("2026-03-02", "16:59"))["released"] == 0
    assert sweep(local("2026-03-02", "17:00"))["released"] == 1
    after = read(item)
    assert (after.state, after.assignee, after.handed_at, after.wake_at) == (
        "open", None, None, None
    )  # fmt: skip
    assert clock_of(item).due_at == local("2026-03-03", "17:00")  # it buys no time


def _give_one(site, item: WorkItem) -> None:
    perform(
        item_id=item.pk,
        action="assign",
        actor=site.manager,
        expected_version=item.version,
        options={"to": "other_coder"},
    )


def _give_many(site, item: WorkItem) -> None:
    reassign(actor=site.manager, chosen=[item.pk], to="other_coder")


@pytest.mark.parametrize("give", [_give_one, _give_many])
def test_whoever_is_given_a_held_item_has_the_whole_time(give) -> None:
    site = idle_site()
    item = held(site)
    with at(local("2026-03-02", "16:00")):
        give(site, item)
    after = read(item)
    assert (after.assignee, after.wake_at) == (
        site.other_coder,
        local("2026-03-03", "16:00"),
    )


def test_the_release_is_an_event_of_the_system() -> None:
    site = idle_site()
    item = held(site)
    sweep(MONDAY + DAY)
    event = Event.objects.get(action="item.auto_released")
    assert (event.from_state, event.to_state) == ("in_progress", "open")
    assert event.actor_name == "worker"
    assert json.loads(event.facts) == {
        "was_with": "coder",
        "version": item.version + 1,
        "task_class": {"act": "release_idle", "class": "automatic", "version": 1},
    }


def test_the_person_is_told_that_it_is_gone() -> None:
    site = idle_site()
    item = held(site)
    sweep(MONDAY + DAY)
    notice = Notice.objects.get(code="released")
    assert (notice.user, notice.item, notice.facts) == (site.coder, item, {"hours": 9})


def test_idle_time_is_business_time() -> None:
    site = idle_site(hours=4)
    item = held(site, local("2026-03-06", "15:00"))  # a Friday afternoon
    sweep(local("2026-03-09", "09:59"))
    assert read(item).state == "in_progress"
    sweep(local("2026-03-09", "10:00"))
    assert read(item).state == "open"


def test_work_keeps_an_item_in_hand() -> None:
    site = idle_site()
    item = held(site)
    saved = local("2026-03-02", "16:00")
    act(site.coder, item, "save_evidence", saved, evidence=GOOD_EVIDENCE)
    WorkItem.objects.update(wake_at=local("2026-03-02", "17:00"))  # an older moment
    assert sweep(local("2026-03-02", "17:00"))["released"] == 0
    after = read(item)
    assert (after.state, after.assignee) == ("in_progress", site.coder)
    assert after.wake_at == local("2026-03-03", "16:00")
    assert actions(item)[-1] == "item.evidence_saved"


def test_a_returned_item_waits_for_its_coder_however_idle() -> None:
    site = idle_site()
    item = opened(site)
    act(site.apprentice, item, "claim", MONDAY)
    act(site.apprentice, item, "submit", MONDAY, evidence=GOOD_EVIDENCE)
    back = act(site.reviewer, item, "return", MONDAY, reason_code="other")
    saved = {"why": "It stands on page four of the note."}
    after = act(site.apprentice, back, "save_evidence", MONDAY + HOUR, evidence=saved)
    assert (back.wake_at, after.wake_at) == (None, None)
    WorkItem.objects.update(wake_at=MONDAY)  # as an earlier release left it
    assert sweep(MONDAY + 9 * DAY)["released"] == 0
    after = read(item)
    assert (after.state, after.assignee, after.wake_at) == (
        "returned", site.apprentice, None
    )  # fmt: skip


def test_a_queue_that_stopped_releasing_leaves_items_where_they_are() -> None:
    site = idle_site()
    item = held(site)
    Queue.objects.update(release_after_hours=0)
    assert sweep(MONDAY + DAY)["released"] == 0
    after = read(item)
    assert (after.state, after.assignee, after.wake_at) == (
        "in_progress", site.coder, None
    )  # fmt: skip
    assert after.version == item.version


def test_a_moment_left_on_a_resting_item_is_taken_off() -> None:
    item = opened(timed_site())
    WorkItem.objects.update(wake_at=MONDAY)
    counts = sweep(MONDAY + HOUR)
    assert (counts["resumed"], counts["released"]) == (0, 0)
    after = read(item)
    assert (after.state, after.wake_at, after.version) == ("open", None, item.version)
    assert actions(item) == ["item.opened"]


def test_after_days_down_everything_happens_in_the_order_of_its_moments() -> None:
    site = idle_site()
    item = pend(site.coder, held(site), MONDAY, BACK)
    assert sweep(MONDAY + 9 * DAY) == {
        "reaged": 1, "resumed": 1, "released": 1, "escalated": 3, "failed": 0,
        "review_overdue": 0, "left_to_people": 0,
    }  # fmt: skip
    assert actions(item)[3:] == [
        "item.auto_resumed",
        "item.auto_released",  # Thursday 10:00, before the first rung on Friday
        "item.ladder_fired",
        "item.ladder_fired",
        "item.ladder_fired",
    ]
    told = Notice.objects.order_by("id").values_list("code", "user__username")
    assert list(told) == [
        ("resumed", "coder"), ("released", "coder"),
        ("ladder", "lea"), ("ladder", "lea"), ("ladder", "manager"),
    ]  # fmt: skip
