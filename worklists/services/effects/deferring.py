"""Deferring an item to a moment and bringing it back."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime

from worklists import clocks as business_time
from worklists.context import now
from worklists.enums import Action, WaitsFor
from worklists.errors import BadInput
from worklists.models import PendReason, WorkItem
from worklists.selectors.calendars import calendar_of
from worklists.selectors.deferrals import (
    LATER,
    payers_usual,
    pend_reasons,
    rest_fault,
    usual_return,
)
from worklists.services import clocks
from worklists.services.acts import Act, effect
from worklists.services.effects.handing import (
    pass_back,
    refuse_full_hands,
    release_moment,
)

ONE_DAY = timedelta(days=1)
WHEN = "Give a date or a time with offset, such as 2026-11-24."


@effect(Action.PEND)
def pend(act: Act) -> None:
    """The item rests until a moment, for as long as its reason allows at most.

    The internal clock pauses where the reason says so; legal ones never do. Who waits
    for the payer may leave the moment out where its profile says how long it takes.
    """
    why = known_reason(act.option("reason_code") or LATER)
    until = act.option("until")
    act.item.wake_at = (
        _until(act.item, until, why) if until else _usual_return(act.item, why)
    )
    act.item.pend_reason = why.code
    if why.pauses_internal:
        clocks.pause_internal(act.item)
    act.facts |= facts_of(act.item.wake_at, why)
    act.event = "item.pended"


def _usual_return(item: WorkItem, why: PendReason) -> datetime:
    """Return when the payer usually has answered, where the item may rest so long."""
    usual = payers_usual(item) if why.waits_for == WaitsFor.PAYER else None
    if usual is None:
        raise _bad_until(WHEN)
    until = usual_return(item, usual)
    if fault := rest_fault(until, why, item.legal_due_at):
        raise _bad_until(
            f"Choose a day: the payer usually answers in {usual.days} days. {fault}"
        )
    return until


def facts_of(until: datetime, why: PendReason) -> dict[str, Any]:
    """Return what the event of a deferral says: until when, why, if the clock paused."""
    return {
        "until": until.isoformat(),
        "code": why.code,
        "pauses": why.pauses_internal,
    }


def known_reason(code: str) -> PendReason:
    """Return a reason for deferring that is in use, or refuse the code."""
    known = pend_reasons()
    found = known.get(code)
    if found is not None and found.is_active:
        return found
    names = ", ".join(one.code for one in known.values() if one.is_active)
    why = "is no reason for deferring" if found is None else "is not used any more"
    raise BadInput(
        f"“{code[:40]}” {why}.", fields={"reason_code": [f"Choose one of {names}."]}
    )


def _until(item: WorkItem, text: str, why: PendReason) -> datetime:
    moment = moment_to_wake(item.facility_id, text, why)
    if fault := rest_fault(moment, why, item.legal_due_at):
        raise _bad_until(fault)
    return moment


def moment_to_wake(facility_id: int, text: str, why: PendReason) -> datetime:
    """Return the moment a text names at a facility; refuse past and too far ones."""
    longest = timedelta(days=why.longest_days)
    moment = _moment(facility_id, text, longest)
    if moment is None:
        raise _bad_until(WHEN)
    if moment <= now():
        raise _bad_until("The moment to come back must lie ahead.")
    if fault := rest_fault(moment, why):
        raise _bad_until(fault)
    return moment


def _moment(facility_id: int, text: str, longest: timedelta) -> datetime | None:
    """A bare date means the start of that working day at the item's facility."""
    try:
        day, moment = parse_date(text), None
        if day is None:
            moment = parse_datetime(text)
    except ValueError:
        return None
    if day is None:
        return moment if moment is not None and moment.tzinfo is not None else None
    if abs(day - now().date()) > longest + ONE_DAY:
        # Refused in any case, and no calendar counts at either end of all days.
        return datetime.combine(day, time(), UTC)
    return business_time.start_of_work(day, calendar_of(facility_id))


def _bad_until(why: str) -> BadInput:
    return BadInput(why, fields={"until": [why]})


@effect(Action.RESUME)
def resume(act: Act) -> None:
    """The item is worked again; the internal clock gets its remaining time back.

    Its holder takes it in hand again within the queue's limit, like one they take.
    Of a holder who lacks the queue's clearance by now it goes to the pool at once.
    """
    if act.actor is not None and act.actor == act.item.assignee:
        refuse_full_hands(act.actor, act.item.queue)
    act.item.pend_reason = ""
    act.item.wake_at = release_moment(act.item)
    clocks.resume_internal(act.item)
    act.event = "item.resumed" if act.actor else "item.auto_resumed"
    act.after.append(lambda: pass_back(act.item))
