"""Moments at which an item comes back by itself: deferral over, or nobody works it.

``wake_at`` says when to look; what is done follows from the item as it then stands.
Both are ordinary acts of the system through ``perform``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from worklists import clocks as business_time
from worklists.enums import Action, State, WaitsFor
from worklists.models import WorkItem
from worklists.selectors.calendars import calendar_of
from worklists.selectors.deferrals import payers_usual, pend_reasons
from worklists.selectors.task_classes import table
from worklists.services import covering, leaving, notices
from worklists.services.clocks import Almanac
from worklists.services.perform import perform

RESUMED, RELEASED, MOVED = "resumed", "released", "moved"
LEFT = "left_to_people"
LATE = "review_overdue"
WORDS_LATE = "The senior review is over its time."


def due_wake(item: WorkItem, at: datetime) -> datetime | None:
    """Return the moment at which the item should have been looked at, if it is past."""
    return item.wake_at if item.wake_at and item.wake_at <= at else None


def wake(item: WorkItem, at: datetime, almanac: Almanac) -> str:
    """Do what the item's moment asks for and say what it was.

    A deferred item is resumed, an idle one released; one that was worked since is
    only looked at later (``moved``). A returned item is its coder's own work to mend
    and is never released by itself: its ladder says so when it lies idle. A review
    that is over its time calls the queue's supervisor. The caller holds the item.
    """
    if item.state == State.IN_REVIEW:
        return call_for_review(item)
    if item.state == State.PENDING:
        return bring_back(item, almanac)
    if item.state == State.IN_PROGRESS and item.queue.release_after_hours:
        return release_idle(item, at, almanac)
    return _look_again(item, None)


def call_for_review(item: WorkItem) -> str:
    """Escalate a review that nobody decided in its time, once, to the supervisor."""
    called = perform(
        item_id=item.pk,
        action=Action.ESCALATE,
        actor=None,
        expected_version=None,
        reason=WORDS_LATE,
        options={"tell": "supervisor", "reason_code": LATE},
    )
    _look_again(called, None)
    return LATE


def bring_back(item: WorkItem, almanac: Almanac) -> str:
    """End a deferral: the person has the item again, and its internal clock runs.

    Everything counts from the moment the deferral was to end, so it makes no
    difference when the worker came by: the clock, and how long it may then lie idle.
    Of somebody who is away it is passed on at once, and it goes back to the queue where
    the person lacks its clearance by now.
    """
    silent = _silence_of_payer(item)
    resumed = perform(
        item_id=item.pk, action=Action.RESUME, actor=None, expected_version=None
    )
    if resumed.assignee_id is None:
        return RESUMED
    if item.wake_at:
        _look_again(resumed, _idle_at(resumed, item.wake_at, almanac))
    notices.tell(
        user_id=item.assignee_id,
        code="payer_silent" if silent else "resumed",
        item=item,
        facts=silent,
        dedupe=f"resumed:{item.pk}:{resumed.version}",
    )
    covering.pass_on(resumed)
    return RESUMED


def _silence_of_payer(item: WorkItem) -> dict[str, Any]:
    """Return what is told of a payer that took longer than it usually does; else none.

    Only of an item that waited for it, and that rested for at least its usual days.
    """
    why = pend_reasons().get(item.pend_reason)
    if why is None or why.waits_for != WaitsFor.PAYER or item.wake_at is None:
        return {}
    usual = payers_usual(item)
    zone = calendar_of(item.facility_id).book.zone
    began, woke = (at.astimezone(zone).date() for at in (item.entered_at, item.wake_at))
    if usual is None or (woke - began).days < usual.days:
        return {}
    return {"days": usual.days, "payer": str(item.payer or "The payer")}


def release_idle(item: WorkItem, at: datetime, almanac: Almanac) -> str:
    """Put an item back that its holder has not worked for the queue's hours.

    The item is open to everybody cleared and the person is told. Work done since the
    moment was set moves the moment instead. Where the task-class table leaves it to
    people the item stays, is said to be left to them, and is looked at again after as
    many hours.
    """
    since = max(item.touched_at, item.handed_at or item.touched_at)
    idle_at = _idle_at(item, since, almanac)
    if idle_at and idle_at > at:
        return _look_again(item, idle_at)
    if not table().is_automatic("release_idle"):
        leaving.leave_item(item, "release_idle", {"version": item.version})
        _look_again(item, _idle_at(item, at, almanac))
        return LEFT
    released = perform(
        item_id=item.pk, action=Action.RELEASE, actor=None, expected_version=None
    )
    notices.tell(
        user_id=item.assignee_id,
        code="released",
        item=item,
        facts={"hours": item.queue.release_after_hours},
        dedupe=f"released:{item.pk}:{released.version}",
    )
    return RELEASED


def _idle_at(item: WorkItem, since: datetime, almanac: Almanac) -> datetime | None:
    hours = item.queue.release_after_hours
    if not hours:
        return None
    calendar = almanac.calendar(item.facility_id)
    return business_time.add_business_hours(since, hours, calendar)


def _look_again(item: WorkItem, moment: datetime | None) -> str:
    WorkItem.objects.filter(pk=item.pk).update(wake_at=moment)
    return MOVED
