"""Who decides a review: in their own right, on behalf of another, never their own work."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from worklists.enums import Role
from worklists.policies.access import Access, Barred, no, second_person
from worklists.review import Authority

if TYPE_CHECKING:
    from worklists.models import WorkItem


def may_review(access: Access, item: WorkItem) -> Barred | None:
    """A senior reviewer granted the queue decides, clearance or not, and so does one
    to whom such a reviewer lends the authority."""
    if reviews_queue(access, item) or _lent_for(access, item):
        return None
    return no(f"Senior reviewers of “{item.queue}” decide this.")


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


# Approvers that a policy may name without reserving anything.
UNRESERVED = frozenset({"", Role.REVIEWER.value})


def is_reserved(role: str) -> bool:
    """Return whether a policy reserves an approval for people with another role than
    those who review anyway."""
    return role not in UNRESERVED


def may_approve_as(access: Access, item: WorkItem, role: str) -> Barred | None:
    """What a policy reserves for a role is approved by nobody else."""
    if not is_reserved(role) or approves_as(access, item, role):
        return None
    label = Role(role).label.lower()
    return no(
        f"This kind and sum is approved by a {label} of the queue.",
        "approver_role",
    )


def may_close_as(access: Access, item: WorkItem, role: str) -> Barred | None:
    """Closing without the decision what a role alone may give up takes that role."""
    if not is_reserved(role) or approves_as(access, item, role):
        return None
    label = Role(role).label.lower()
    return no(
        f"Rejecting closes this sum without a decision, which takes a {label} of the "
        "queue. Return it, or call for help.",
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
        return no(
            "Whoever lent you the authority worked on this item, so it cannot be "
            "decided on their behalf.",
            "four_eyes",
        )
    most = max(one.amount_limit for one in lent)
    return no(
        f"This lies outside the authority lent to you: up to ${most:,.2f}, for the "
        "risk classes named with it. Leave it to a senior reviewer of the queue.",
        "beyond_authority",
    )


def four_eyes(access: Access, workers: Collection[int]) -> Barred | None:
    """Whoever saved evidence, submitted or fixed in any round never reviews it, nor
    does who counts as one person with them."""
    own = no("You worked on this item, so another senior must decide it.", "four_eyes")
    return second_person(access, workers, own)
