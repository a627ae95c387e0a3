"""Authority to review that was lent: by a person, to them, and by their people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from worklists.context import now
from worklists.enums import Role
from worklists.models import (
    DefectRule,
    QueueGroupObjectPermission,
    QueueUserObjectPermission,
    ReviewDelegation,
    ReviewPolicy,
    User,
)
from worklists.selectors.access import access_of
from worklists.selectors.staff import staff_ids


def delegations_for(user: User) -> QuerySet[ReviewDelegation]:
    """Return what a person lends or borrows, and what their people do; newest first.

    ``decided`` counts the reviews that were decided under each.
    """
    people = {user.pk}
    if access_of(user).has(Role.MANAGER):
        people |= staff_ids(user)
    rows = ReviewDelegation.objects.filter(
        Q(delegator_id__in=people) | Q(delegate_id__in=people)
    )
    rows = rows.annotate(decided=Count("reviews"))
    return rows.select_related("delegator", "delegate", "made_by", "ended_by")


def state_of(delegation: ReviewDelegation) -> str:
    """Return where a delegation stands: ``ended``, ``expired``, ``coming``, ``lent``."""
    if delegation.ended_at is not None:
        return "ended"
    if delegation.ends_at <= now():
        return "expired"
    return "coming" if delegation.starts_at > now() else "lent"


@dataclass(frozen=True, slots=True)
class Lenders:
    """Whose authority a person may lend, and to whom."""

    delegators: Sequence[User]
    delegates: Sequence[User]


def lenders_for(user: User) -> Lenders:
    """Return the reviewers a person may lend for (oneself first), and the borrowers.

    Nobody is offered as borrower to whom none of these could add a queue: they review
    all of them in their own right.
    """
    seniors = User.objects.filter(groups__name=Role.REVIEWER, is_active=True)
    seniors = seniors.order_by("last_name", "first_name", "username")
    people = staff_ids(user) if access_of(user).has(Role.MANAGER) else frozenset()
    found = list(seniors)
    reviews = _reviews(found)
    mine = [one for one in found if one.pk == user.pk]
    delegators = mine + [one for one in found if one.pk in people and one.pk != user.pk]
    return Lenders(
        delegators,
        [
            one
            for one in found
            if one.pk != user.pk
            and any(reviews[by.pk] - reviews[one.pk] for by in delegators)
        ],
    )


def _reviews(people: Sequence[User]) -> dict[int, set[int]]:
    """Return the queues that each of these seniors reviews: two queries for all."""
    found: dict[int, set[int]] = {person.pk: set() for person in people}
    asked = {"permission__codename": "review_queue"}
    own = QueueUserObjectPermission.objects.filter(user_id__in=found, **asked)
    shared = QueueGroupObjectPermission.objects.filter(
        group__user__in=list(found), **asked
    )
    for pk, queue_id in [
        *own.values_list("user_id", "content_object_id"),
        *shared.values_list("group__user", "content_object_id"),
    ]:
        if pk in found:
            found[pk].add(queue_id)
    return found


def known_classes() -> list[str]:
    """Return the risk classes there are: of the defect rules and of review policies."""
    rules = DefectRule.objects.filter(is_denial=True).values_list("defect_class")
    names = {name for (name,) in rules.distinct()}
    for classes in ReviewPolicy.objects.values_list("risk_classes", flat=True):
        names |= set(classes)
    return sorted(names - {""})


def adds_nothing(delegation: ReviewDelegation) -> bool:
    """Return whether the borrower reviews every queue of the lender already."""
    lender, borrower = access_of(delegation.delegator), access_of(delegation.delegate)
    return lender.review <= borrower.review
