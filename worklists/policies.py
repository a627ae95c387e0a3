"""Who may do what to an item they can see.

``Access`` is what a person holds: roles, grants, clearances. A policy answers with
None when the act is allowed or with a ``Barred`` that says why not in a sentence;
pages and API show that sentence beside the refused action. State is not asked
here: the transition table does that after the version. ``is_superuser`` opens
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from worklists.enums import Action, HandOut, Role, State, Tier
from worklists.errors import NotPermitted
from worklists.review import Authority

if TYPE_CHECKING:
    from worklists.models import Queue, WorkItem


@dataclass(frozen=True, slots=True)
class Access:
    """What one person holds at this moment.

    Queue ids by grant, facility ids, clearance ids in force, roles and tier.
    ``visible`` are the queues whose items the person sees, clearance counted in;
    ``visible_at`` are pairs of queue and facility that lent authority opens besides.
    ``teams`` they lead or manage; ``covers`` are the people for whom they stand in
    today; ``lent`` is what others lend them to decide reviews.
    """

    user_id: int
    username: str
    roles: frozenset[str]
    tier: str = Tier.APPRENTICE
    view: frozenset[int] = frozenset()
    visible: frozenset[int] = frozenset()
    visible_at: frozenset[tuple[int, int]] = frozenset()
    work: frozenset[int] = frozenset()
    review: frozenset[int] = frozenset()
    manage: frozenset[int] = frozenset()
    facilities: frozenset[int] = frozenset()
    clearances: frozenset[int] = frozenset()
    teams: frozenset[int] = frozenset()
    covers: frozenset[int] = frozenset()
    lent: tuple[Authority, ...] = ()

    def has(self, *roles: Role) -> bool:
        """Return whether the person holds one of these roles."""
        return any(role.value in self.roles for role in roles)


@dataclass(frozen=True, slots=True)
class Barred:
    """Why an act is not allowed: a stable code and a sentence."""

    code: str
    why: str

    def error(self) -> NotPermitted:
        """Return the refusal to raise."""
        return NotPermitted(self.why, code=self.code)


def _no(why: str, code: str = "not_permitted") -> Barred:
    return Barred(code, why)


def cleared(access: Access, queue: Queue) -> bool:
    """A queue with a clearance is worked by people who hold it, nobody else."""
    return queue.clearance_id is None or queue.clearance_id in access.clearances


def may_work_queue(access: Access, queue: Queue) -> Barred | None:
    """Working a queue takes the grant and its clearance."""
    if queue.pk not in access.work:
        return _no(
            f"You do not work the queue “{queue.name}”. {_by_whom(access, queue)}"
        )
    if not cleared(access, queue):
        return _no(
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
    return _no(f"{item.assignee} holds this item.", "held_by_other")


def _manages(access: Access, item: WorkItem) -> bool:
    return access.has(Role.MANAGER) and item.queue_id in access.manage


def _manager_only(access: Access, item: WorkItem, verb: str) -> Barred | None:
    if _manages(access, item):
        return None
    return _no(f"Only a manager of “{item.queue}” may {verb} an item.")


def may_take(access: Access, item: WorkItem) -> Barred | None:
    """Picking an item takes the queue's grant and a queue that lets people pick."""
    barred = may_work_queue(access, item.queue) or _held_by_other(access, item)
    if barred:
        return barred
    if item.queue.hand_out == HandOut.NEXT_ONLY and not _manages(access, item):
        return _no(
            f"“{item.queue}” hands out by Next, so nobody picks. Use Next.",
            "next_only",
        )
    return None


def full_hands(queue: Queue, held: int) -> Barred | None:
    """A queue with a limit gives nobody more than it; ``held`` is what they hold."""
    if not queue.max_in_hand or held < queue.max_in_hand:
        return None
    return _no(
        f"You hold {queue.max_in_hand} items of “{queue.name}”, its limit. Finish "
        "or release one first.",
        "max_in_hand",
    )


def may_do_own_work(access: Access, item: WorkItem) -> Barred | None:
    """The person who holds the item works it; a lapsed clearance ends that."""
    return may_work_queue(access, item.queue) or _held_by_other(access, item)


def may_draft(access: Access, item: WorkItem) -> Barred | None:
    """Whoever holds the item drafts, and so does the senior who decides it."""
    if item.state == State.IN_REVIEW:
        return may_review(access, item)
    return may_do_own_work(access, item)


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
    return _no(
        f"Flags are set by who holds the item and by managers of “{item.queue}”."
    )


def may_reopen(access: Access, item: WorkItem) -> Barred | None:
    """Managers and reviewers of the queue reopen a completed item."""
    if access.has(Role.REVIEWER) and item.queue_id in access.review:
        return None
    return _manager_only(access, item, "reopen")


def may_escalate(access: Access, item: WorkItem) -> Barred | None:
    """Whoever works, reviews or manages the queue may call for help."""
    if item.queue_id in access.work | access.review | access.manage:
        return None
    return _no("You read this item; people who work its queue escalate it.")


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
    return _no("Escalations are answered by the queue's lead, supervisor or manager.")


def may_review(access: Access, item: WorkItem) -> Barred | None:
    """A senior reviewer granted the queue decides, clearance or not, and so does one
    to whom such a reviewer lends the authority."""
    if reviews_queue(access, item) or _lent_for(access, item):
        return None
    return _no(f"Senior reviewers of “{item.queue}” decide this.")


def reviews_queue(access: Access, item: WorkItem) -> bool:
    """Return whether the person decides reviews of the queue in their own right."""
    return access.has(Role.REVIEWER) and item.queue_id in access.review


def _lent_for(access: Access, item: WorkItem) -> list[Authority]:
    if not access.has(Role.REVIEWER):
        return []
    return [one for one in access.lent if one.opens(item.queue_id, item.facility_id)]


def authority_for(
    access: Access,
    item: WorkItem,
    workers: Collection[int],
    classes: Collection[str] = (),
    *,
    approver: str = "",
) -> Authority | None:
    """Return on whose behalf a person decides a review: the first authority that
    reaches the item; None in their own right, and where nothing reaches.

    Whoever worked on the item has nobody decide it on their behalf. Who holds the role
    ``approver`` that the review is reserved for decides it in their own right.
    """
    if reviews_queue(access, item):
        return None
    if approver and approves_as(access, item, approver):
        return None
    fits = (
        one
        for one in _lent_for(access, item)
        if one.delegator_id not in workers and one.reaches(item.amount, classes)
    )
    return next(fits, None)


def approves_as(access: Access, item: WorkItem, role: str) -> bool:
    """Return whether the person is the approver that a policy names: they hold the
    role, and review or manage the queue."""
    granted = access.review | access.manage
    return role in access.roles and item.queue_id in granted


def may_approve_as(access: Access, item: WorkItem, role: str) -> Barred | None:
    """What a policy reserves for a role is approved by nobody else."""
    if role in {"", Role.REVIEWER.value} or approves_as(access, item, role):
        return None
    label = Role(role).label.lower()
    return _no(
        f"This kind and sum is approved by a {label} of the queue.",
        "approver_role",
    )


def within_authority(
    access: Access, item: WorkItem, workers: Collection[int], classes: Collection[str]
) -> Barred | None:
    """Who decides on behalf of another stays within what that one lent."""
    if reviews_queue(access, item) or authority_for(access, item, workers, classes):
        return None
    lent = _lent_for(access, item)
    if any(one.delegator_id in workers for one in lent):
        return _no(
            "Whoever lent you the authority worked on this item, so it cannot be "
            "decided on their behalf.",
            "four_eyes",
        )
    most = max(one.amount_limit for one in lent)
    return _no(
        f"This lies outside the authority lent to you: up to ${most:,.2f}, for the "
        "risk classes named with it. Leave it to a senior reviewer of the queue.",
        "beyond_authority",
    )


def four_eyes(access: Access, workers: Collection[int]) -> Barred | None:
    """Whoever saved evidence, submitted or fixed in any round never reviews it."""
    if access.user_id not in workers:
        return None
    return _no(
        "You worked on this item, so another senior must decide it.", "four_eyes"
    )


Policy = Callable[[Access, "WorkItem"], Barred | None]

POLICIES: dict[Action, Policy] = {
    Action.CLAIM: may_take,
    Action.RELEASE: may_put_back,
    Action.ASSIGN: may_assign,
    Action.SAVE_EVIDENCE: may_do_own_work,
    Action.PEND: may_put_back,
    Action.RESUME: may_put_back,
    Action.SUBMIT: may_do_own_work,
    Action.APPROVE: may_review,
    Action.FIX_AND_APPROVE: may_review,
    Action.RETURN: may_review,
    Action.REJECT: may_review,
    Action.ESCALATE: may_escalate,
    Action.ACKNOWLEDGE_ESCALATION: may_acknowledge,
    Action.REROUTE: may_reroute,
    Action.REOPEN: may_reopen,
    Action.CANCEL: may_cancel,
    Action.PRIORITIZE: may_prioritize,
    Action.FLAG: may_flag,
    Action.UNFLAG: may_flag,
}
APPROVING = frozenset({Action.APPROVE, Action.FIX_AND_APPROVE})
REVIEW_ACTIONS = frozenset(
    {Action.APPROVE, Action.FIX_AND_APPROVE, Action.RETURN, Action.REJECT}
)


def barred(
    access: Access,
    action: Action,
    item: WorkItem,
    workers: Collection[int],
    classes: Collection[str] = (),
    *,
    approver: str = "",
) -> Barred | None:
    """Return why this person may not do this to this item, or None.

    ``workers`` are the people of the item's open review, ``classes`` its risk classes,
    ``approver`` the role that alone approves it; only review actions ask.
    """
    if action not in REVIEW_ACTIONS:
        return POLICIES[action](access, item)
    if approver and approves_as(access, item, approver):
        return four_eyes(access, workers)
    refusal = (
        POLICIES[action](access, item)
        or four_eyes(access, workers)
        or within_authority(access, item, workers, classes)
    )
    if refusal is None and action in APPROVING:
        refusal = may_approve_as(access, item, approver)
    return refusal


def may_read_trail(access: Access) -> Barred | None:
    """The trail as a whole is read by auditors and managers."""
    if access.has(Role.AUDITOR, Role.MANAGER):
        return None
    return _no("The trail is read by auditors and managers.")


def may_upload(access: Access) -> Barred | None:
    """Files are brought in by managers and administrators."""
    if access.has(Role.MANAGER, Role.ADMINISTRATOR):
        return None
    return _no("Files are uploaded by managers and administrators.")


def may_set_up(access: Access) -> Barred | None:
    """Set-up is for administrators, and shows them no item and no claim."""
    if access.has(Role.ADMINISTRATOR):
        return None
    return _no("Set-up is for administrators.")


def may_grant_clearance(
    access: Access, user_id: int, staff: Collection[int]
) -> Barred | None:
    """Managers give and take back clearances of their own people, administrators of
    all, nobody their own."""
    if not access.has(Role.MANAGER, Role.ADMINISTRATOR):
        return _no("Clearances are granted by managers and administrators.")
    if user_id == access.user_id:
        return _no(
            "Nobody grants or takes back their own clearance. Ask somebody else.",
            "own_clearance",
        )
    if access.has(Role.ADMINISTRATOR) or user_id in staff:
        return None
    return _no("Clearances are granted by the person's own manager.")


def may_see_people(access: Access) -> Barred | None:
    """Managers, and leads of a team, see the people below them."""
    if access.has(Role.MANAGER) or access.teams:
        return None
    return _no("People are for their managers and team leads.")


def may_keep_absence(
    access: Access, user_id: int, staff: Collection[int]
) -> Barred | None:
    """Managers and leads record absences of their own people, administrators of all.

    Nobody records their own: it moves work to others.
    """
    if user_id == access.user_id:
        return _no(
            "Nobody records their own absence, since it moves work to others. Ask "
            "your manager.",
            "own_absence",
        )
    if access.has(Role.ADMINISTRATOR) or user_id in staff:
        return None
    return _no("Absences are recorded by the person's own manager or team lead.")


def may_change_person(
    access: Access, user_id: int, staff: Collection[int]
) -> Barred | None:
    """Managers change capacity, tier and grants of their own people, never their own."""
    if user_id == access.user_id:
        return _no(
            "Nobody changes their own grants, tier or capacity. Ask your manager.",
            "own_grants",
        )
    if access.has(Role.MANAGER) and user_id in staff:
        return None
    return _no("Grants are given by the person's own manager.")


def may_see_review_page(access: Access) -> Barred | None:
    """The review page is for people granted reviews."""
    if access.has(Role.REVIEWER) and (access.review or access.lent):
        return None
    if access.has(Role.MANAGER) and access.manage:
        return None  # what a policy reserves for managers waits there
    return _no("The review page is for senior reviewers.")


def may_see_delegations(access: Access) -> Barred | None:
    """Reviewers lend and borrow the authority to decide; managers see to it."""
    if access.has(Role.REVIEWER, Role.MANAGER):
        return None
    return _no("Authority to review is lent by senior reviewers and their managers.")


def may_lend(
    access: Access, delegator_id: int, delegate_id: int, staff: Collection[int]
) -> Barred | None:
    """A reviewer lends their own authority, a manager that of their people.

    Nobody lends it to themselves.
    """
    if delegate_id == access.user_id:
        return _no(
            "Nobody lends authority to themselves. Ask somebody else to.",
            "own_authority",
        )
    own = delegator_id == access.user_id and access.has(Role.REVIEWER)
    if own or (access.has(Role.MANAGER) and delegator_id in staff):
        return None
    return _no("Authority is lent by its holder or by their own manager.")


def may_end_authority(
    access: Access, delegator_id: int, staff: Collection[int]
) -> Barred | None:
    """The one who lent it takes it back, and so does their manager."""
    if delegator_id == access.user_id:
        return None
    if access.has(Role.MANAGER) and delegator_id in staff:
        return None
    return _no("Authority is taken back by who lent it or by their own manager.")


def sees_clinical(access: Access) -> bool:
    """Administrators set things up; clinical evidence is not theirs to read."""
    return access.has(Role.CODER, Role.REVIEWER, Role.MANAGER, Role.AUDITOR)


def may_open(access: Access) -> Barred | None:
    """Who works, reviews or manages items opens new ones; auditors change nothing."""
    if access.has(Role.CODER, Role.REVIEWER, Role.MANAGER):
        return None
    return _no("Items are opened by people who work, review or manage them.")


def may_note(access: Access) -> Barred | None:
    """Who works, reviews or manages items writes notes; auditors change nothing."""
    if access.has(Role.CODER, Role.REVIEWER, Role.MANAGER):
        return None
    return _no("Notes are written by people who work, review or manage items.")


def anyone(_access: Access) -> Barred | None:
    """Everybody who is logged in."""
    return None


def may_see_load(access: Access, queue_id: int | None) -> Barred | None:
    """Through whose hands an item went is for managers, of the queues they manage.

    A list over queues, such as what one holds, belongs to no manager: None.
    """
    if access.has(Role.MANAGER) and queue_id in access.manage:
        return None
    return _no("These columns are for managers of the queue.")


def may_measure(access: Access) -> Barred | None:
    """Managers see how their queues stand in figures."""
    if access.has(Role.MANAGER):
        return None
    return Barred("not_permitted", "These figures are for managers.")


def may_read_items(access: Access) -> Barred | None:
    """Items hold clinical evidence: who works, reviews, manages or audits reads them."""
    if sees_clinical(access):
        return None
    return _no("Items are for people who work, review, manage or audit them.")
