"""Clearances that are over: what their holders may not open any more goes to the pool.

The end of a grant's last day is as a taking back (``clearances.revoke_clearance``), done
by the worker: set by set, once a grant, each in a transaction of its own. What is held
without a clearance for another reason, since who took it back sees no items or a queue
needs one from now on, goes the same way, person by person.
"""

from __future__ import annotations

import logging

from worklists import trail
from worklists.context import now
from worklists.enums import POOL
from worklists.models import BulkAct, ClearanceGrant, User, WorkItem
from worklists.selectors.people import (
    has_lapsed,
    held_uncleared,
    lapsed_grants,
    uncleared_holders,
)
from worklists.selectors.task_classes import read_once
from worklists.services import leaving, notices
from worklists.services.bulk_rows import MOST, Plan, read
from worklists.services.bulk_writing import about
from worklists.services.covering import held_by
from worklists.services.locks import hold_clearances
from worklists.services.placing import Desk, Target
from worklists.services.poison import Stuck, guard
from worklists.services.reassigning import move
from worklists.services.reporting import report_or_log

logger = logging.getLogger(__name__)
ENDED = "item.clearance_ended"
LAPSED = "The clearance ran out."
LACKS = "Its holder does not hold the clearance."
FAILED = "clearance_failed"


def end_lapsed() -> dict[str, int]:
    """End every grant whose last day is over at the site.

    Effects of each: what they hold of queues that need the clearance goes back to
    everybody cleared with ``item.clearance_ended``; deferred items stay and are counted,
    and go when they come back (``handing.pass_back``).
    ``clearance.expired`` on the person's chain says how many were held and moved; the
    person and who leads and manages them are told. A grant that somebody holds just now
    is met by the next run, one that fails is reported and tried again. Returns how many
    grants ended and how many items moved.
    """
    with read_once():
        moved = [_alone(grant_id) for grant_id in lapsed_grants()]
    done = [count for count in moved if count is not None]
    return {"ended": len(done), "moved": sum(done)}


def clear_out() -> int:
    """Take what people hold of queues whose clearance they lack, and tell whom it concerns.

    Effects of each person: what they hold but for deferred items goes back to everybody
    cleared with ``item.clearance_ended``; ``clearance.cleared_out`` on their chain says
    how many; they and who leads and manages them are told. Returns how many items moved.
    """
    with read_once():
        return sum(_clear_one(user_id) for user_id in uncleared_holders())


def _clear_one(user_id: int) -> int:
    try:
        with guard(FAILED):
            hold_clearances()
            return _take_all(User.objects.get(pk=user_id))
    except Stuck as stuck:
        logger.error("person %s: %s", user_id, stuck)  # noqa: TRY400
        report_or_log(
            code=FAILED,
            trouble=f"What person {user_id} holds without a clearance did not move",
            cause=type(stuck.cause).__name__,
            known_as=f"person {user_id}",
        )
        return 0


def _take_all(user: User) -> int:
    desk = Desk(None, Target((), POOL))
    held = held_uncleared().filter(assignee=user).order_by("pk").values("pk")[:MOST]
    rows = read(WorkItem.objects.filter(pk__in=held), lock=True)
    rows = [row for row in rows if row.assignee_id == user.pk]
    plan = desk.plan([row.pk for row in rows], rows)
    if not plan.placings:
        return 0
    act = move(actor=None, desk=desk, plan=plan, reason=LACKS, event=ENDED)
    moved = len(plan.placings)
    trail.append_event(
        trail.Subject("user", user.pk),
        action="clearance.cleared_out",
        actor=None,
        about=about(act),
        facts={"moved": moved},
    )
    told = {user.pk: "cleared_out"}
    told |= dict.fromkeys(leaving.above(user.pk), "cleared_out_of")
    for told_id, code in told.items():
        facts = {"who": str(user), "items": moved}
        notices.tell(
            user_id=told_id, code=code, facts=facts, dedupe=f"cleared_out:{act.pk}"
        )
    return moved


def _alone(grant_id: int) -> int | None:
    try:
        with guard(FAILED):
            hold_clearances()
            rows = ClearanceGrant.objects.select_for_update(
                of=("self",), skip_locked=True
            )
            related = rows.select_related("user", "clearance")
            grant = related.filter(has_lapsed(), pk=grant_id).first()
            return _end(grant) if grant else None
    except Stuck as stuck:
        logger.error("grant %s: %s", grant_id, stuck)  # noqa: TRY400
        report_or_log(
            code=FAILED,
            trouble=f"Clearance grant {grant_id} could not be ended",
            cause=type(stuck.cause).__name__,
            known_as=f"grant {grant_id}",
        )
        return None


def _end(grant: ClearanceGrant) -> int:
    desk = Desk(None, Target((), POOL))
    plan = _plan(grant, desk)
    if len(plan.placings) < MOST:  # else the next run finds the rest
        grant.revoked_at = now()
        grant.save(update_fields=["revoked_at"])
    act = None
    if plan.placings:
        act = move(actor=None, desk=desk, plan=plan, reason=LAPSED, event=ENDED)
    _record(grant, plan, act)
    _tell(grant, plan)
    return len(plan.placings)


def _plan(grant: ClearanceGrant, desk: Desk) -> Plan:
    """Place what the person holds under the grant; the items are locked."""
    held = held_by(grant.user).filter(queue__clearance=grant.clearance_id)
    first = held.order_by("pk").values("pk")[:MOST]
    rows = read(WorkItem.objects.filter(pk__in=first), lock=True)
    theirs = [row for row in rows if row.assignee_id == grant.user_id]
    return desk.plan([row.pk for row in theirs], theirs)


def _record(grant: ClearanceGrant, plan: Plan, act: BulkAct | None) -> None:
    trail.append_event(
        trail.Subject("user", grant.user_id),
        action="clearance.expired",
        actor=None,
        about=about(act) if act else None,
        facts={
            "clearance": grant.clearance.slug,
            "expires_on": grant.expires_on.isoformat() if grant.expires_on else None,
            "held": len(plan.placings) + len(plan.left),
            "moved": len(plan.placings),
        },
    )


def _tell(grant: ClearanceGrant, plan: Plan) -> None:
    facts = {
        "who": str(grant.user),
        "clearance": str(grant.clearance),
        "items": len(plan.placings),
        "stayed": len(plan.left),
    }
    told = {grant.user_id: "clearance_over"}
    told |= dict.fromkeys(leaving.above(grant.user_id), "clearance_of_over")
    for user_id, code in told.items():
        notices.tell(
            user_id=user_id, code=code, facts=facts, dedupe=f"clearance:{grant.pk}:over"
        )
