"""Deferring an item to a moment and bringing it back."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django.utils.dateparse import parse_date, parse_datetime

from worklists import clocks as business_time
from worklists.context import now
from worklists.enums import Action
from worklists.errors import BadInput
from worklists.models import WorkItem
from worklists.selectors.calendars import calendar_of
from worklists.services import clocks
from worklists.services.acts import Act, effect
from worklists.services.effects.handing import release_moment

PEND_REASONS = {
    "provider": "Waiting for the provider",
    "records": "Waiting for records",
    "payer": "Waiting for the payer",
    "other_team": "Waiting for another team",
    "later": "To be looked at later",
}
LONGEST = timedelta(days=90)
ONE_DAY = timedelta(days=1)
PAST_DEADLINE = "That is past the payer's deadline, which does not pause."


@effect(Action.PEND)
def pend(act: Act) -> None:
    """The item rests until a moment; internal clocks pause, legal ones never do."""
    code = known_reason(act.option("reason_code") or "later")
    act.item.wake_at = _until(act.item, act.option("until"))
    act.item.pend_reason = code
    clocks.pause_internal(act.item)
    act.facts |= {"until": act.item.wake_at.isoformat(), "code": code}
    act.event = "item.pended"


def known_reason(code: str) -> str:
    """Return the code of a reason for deferring, or refuse an unknown one."""
    if code in PEND_REASONS:
        return code
    raise BadInput(
        f"“{code[:40]}” is no reason for deferring.",
        fields={"reason_code": [f"Choose one of {', '.join(PEND_REASONS)}."]},
    )


def _until(item: WorkItem, text: str) -> datetime:
    moment = moment_to_wake(item.facility_id, text)
    if item.legal_due_at and moment >= item.legal_due_at:
        raise _bad_until(PAST_DEADLINE)
    return moment


def moment_to_wake(facility_id: int, text: str) -> datetime:
    """Return the moment a text names at a facility; refuse past and far ones."""
    moment = _moment(facility_id, text)
    if moment is None:
        raise _bad_until("Give a date or a time with offset, such as 2026-11-24.")
    if moment <= now():
        raise _bad_until("The moment to come back must lie ahead.")
    if moment - now() > LONGEST:
        raise _bad_until(f"An item is deferred for {LONGEST.days} days at most.")
    return moment


def _moment(facility_id: int, text: str) -> datetime | None:
    """A bare date means the start of that working day at the item's facility."""
    try:
        day, moment = parse_date(text), None
        if day is None:
            moment = parse_datetime(text)
    except ValueError:
        return None
    if day is None:
        return moment if moment is not None and moment.tzinfo is not None else None
    if abs(day - now().date()) > LONGEST + ONE_DAY:
        # Refused in any case, and no calendar counts at either end of all days.
        return datetime.combine(day, time(), UTC)
    return business_time.start_of_work(day, calendar_of(facility_id))


def _bad_until(why: str) -> BadInput:
    return BadInput(why, fields={"until": [why]})


@effect(Action.RESUME)
def resume(act: Act) -> None:
    """The item is worked again; the internal clock gets its remaining time back."""
    act.item.pend_reason = ""
    act.item.wake_at = release_moment(act.item)
    clocks.resume_internal(act.item)
    act.event = "item.resumed" if act.actor else "item.auto_resumed"
