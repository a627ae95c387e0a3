"""Who works an item, puts it back, moves it and calls for help about it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from worklists.enums import HandOut, Role
from worklists.policies.access import Access, Barred, no

if TYPE_CHECKING:
    from worklists.models import Queue, User, WorkItem


def cleared(access: Access, queue: Queue) -> bool:
    """A queue with a clearance is worked by people who hold it, nobody else."""
    return cleared_by(access.clearances, queue)


def cleared_by(clearances: Collection[int], queue: Queue) -> bool:
    """Return whether these clearances, by their ids, open a queue's work."""
    return queue.clearance_id is None or queue.clearance_id in clearances


def may_work_queue(access: Access, queue: Queue) -> Barred | None:
    """Working a queue takes the grant and its clearance."""
    if queue.pk not in access.work:
        return no(
            f"You do not work the queue “{queue.name}”. {_by_whom(access, queue)}"
        )
    if not cleared(access, queue):
        return no(
            f"“{queue.name}” needs the clearance “{queue.clearance}”, which you do "
            "not hold yet.",
            "clearance",
        )
    return None


def _by_whom(access: Access, queue: Queue) -> str:
    """Return who may give the person a queue to work: what ``granting`` accepts."""
    if not access.has(Role.CODER):
        role = Role.CODER.label
        return f"It takes the role “{role}”, which an administrator gives."
    if queue.pk in access.manage:
        return "You manage it, and a manager above you can grant it to you."
    return "Your manager can grant it to you."


def _held_by_other(access: Access, item: WorkItem) -> Barred | None:
    if item.assignee_id in {None, access.user_id}:
        return None
    return no(f"{item.assignee} holds this item.", "held_by_other")


def _manages(access: Access, item: WorkItem) -> bool:
    return access.has(Role.MANAGER) and item.queue_id in access.manage


def _manager_only(access: Access, item: WorkItem, verb: str) -> Barred | None:
    if _manages(access, item):
        return None
    return no(f"Only a manager of “{item.queue}” may {verb} an item.")


def may_take(access: Access, item: WorkItem) -> Barred | None:
    """Picking an item takes the queue's grant and a queue that lets people pick.

    What is assigned to the person was picked for them: they take it anywhere.
    """
    barred = may_work_queue(access, item.queue) or _held_by_other(access, item)
    if barred:
        return barred
    picks = item.assignee_id != access.user_id and not _manages(access, item)
    if picks and item.queue.hand_out == HandOut.NEXT_ONLY:
        return no(
            f"“{item.queue}” hands out by Next, so nobody picks. Use Next.",
            "next_only",
        )
    return None


def may_be_given(
    item: WorkItem, person: User, *, there: bool, works: bool, cleared: bool
) -> Barred | None:
    """An item is given to who works its queue and its facility and is cleared.

    ``there``, ``works`` and ``cleared`` are what the person holds of these.
    """
    code = "not_eligible"
    if not there:
        return no(f"{person} does not work for {item.facility}.", code)
    if not cleared:
        return no(f"{person} lacks the clearance “{item.queue.clearance}”.", code)
    if not works:
        return no(f"{person} does not work the queue “{item.queue}”.", code)
    return None


def full_hands(queue: Queue, held: int) -> Barred | None:
    """A queue with a limit gives nobody more than it; ``held`` is what they hold."""
    if not queue.max_in_hand or held < queue.max_in_hand:
        return None
    return no(
        f"You hold {queue.max_in_hand} items of “{queue.name}”, its limit. Finish "
        "or release one first.",
        "max_in_hand",
    )


def may_do_own_work(access: Access, item: WorkItem) -> Barred | None:
    """The person who holds the item works it; a lapsed clearance ends that."""
    return may_work_queue(access, item.queue) or _held_by_other(access, item)


def may_put_back(access: Access, item: WorkItem) -> Barred | None:
    """The holder puts an item back, and so does a manager of the queue."""
    if _manages(access, item):
        return None
    return may_do_own_work(access, item)


def may_assign(access: Access, item: WorkItem) -> Barred | None:
    """Managers of the queue assign."""
    return _manager_only(access, item, "assign")


def may_reroute(access: Access, item: WorkItem) -> Barred | None:
    """Managers of the queue move items elsewhere; reviewers of it may too."""
    if access.has(Role.REVIEWER) and item.queue_id in access.review:
        return None
    return _manager_only(access, item, "move")


def may_cancel(access: Access, item: WorkItem) -> Barred | None:
    """Managers of the queue cancel."""
    return _manager_only(access, item, "cancel")


def may_prioritize(access: Access, item: WorkItem) -> Barred | None:
    """Managers of the queue raise and lower items."""
    return _manager_only(access, item, "set the priority of")


def may_flag(access: Access, item: WorkItem) -> Barred | None:
    """Whoever holds the item flags it, and so does a manager of the queue."""
    if _manages(access, item):
        return None
    if item.assignee_id == access.user_id:
        return may_work_queue(access, item.queue)
    return no(f"Flags are set by who holds the item and by managers of “{item.queue}”.")


def may_reopen(access: Access, item: WorkItem) -> Barred | None:
    """Managers and reviewers of the queue reopen a completed item."""
    if access.has(Role.REVIEWER) and item.queue_id in access.review:
        return None
    return _manager_only(access, item, "reopen")


def may_escalate(access: Access, item: WorkItem) -> Barred | None:
    """Whoever works, reviews or manages the queue may call for help."""
    if item.queue_id in access.work | access.review | access.manage:
        return None
    return no("You read this item; people who work its queue escalate it.")


def may_acknowledge(access: Access, item: WorkItem) -> Barred | None:
    """An escalation is answered by a lead, a supervisor or a manager of the queue, and
    by whoever stands in for one of them today."""
    if _manages(access, item):
        return None
    team, supervisor = item.queue.team, item.queue.supervisor_id
    if access.user_id in {supervisor, team.lead_id}:
        return None
    if access.covers & {supervisor, team.lead_id, team.manager_id}:
        return None
    return no("Escalations are answered by the queue's lead, supervisor or manager.")
