"""Senior review as people read it: what waits and why, what changed, what came back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from worklists import evidence, kinds
from worklists.context import now
from worklists.enums import ReviewOutcome, Role, State
from worklists.evidence.replies import reply_fields
from worklists.evidence.shapes import is_empty
from worklists.models import (
    Answer,
    Reason,
    Review,
    User,
    WorkItem,
)
from worklists.policies import UNRESERVED, Access, may_approve_as
from worklists.selectors.access import access_of, visible_q
from worklists.selectors.clock_views import with_running_clocks
from worklists.selectors.evidence import fields_of
from worklists.selectors.items import items_for
from worklists.selectors.queues import WINDOW, Figure
from worklists.selectors.replies import before_and_after
from worklists.statements import Slot, Statement

SHOWN_PER_GROUP = 20
DECISION = "decision"


def reviews_for(user: User) -> QuerySet[Review]:
    """Return the open reviews a person may decide, the oldest first.

    Items they worked on in any round are not among them, nor those of who counts as
    one person with them, nor under an authority that was lent those its lender worked
    on (four eyes).
    """
    access = access_of(user)
    return (
        Review.objects.filter(visible_q(user, "item__"), decided_at=None)
        .filter(_decides(access), item__state=State.IN_REVIEW)
        .exclude(workers__overlap=[user.pk, *sorted(access.one_with)])
        .select_related("item__queue", "item__claim", "item__payer", "submitted_by")
        .prefetch_related(with_running_clocks("item__clocks"))
        .order_by("opened_at", "pk")
    )


def to_approve(user: User) -> QuerySet[Review]:
    """Return those of ``reviews_for`` that a person may approve: none that is reserved
    for a role they do not hold in its queue."""
    access = access_of(user)
    own = Q(
        approver_role__in=access.roles,
        item__queue_id__in=access.review | access.manage,
    )
    return reviews_for(user).filter(Q(approver_role__in=UNRESERVED) | own)


def _decides(access: Access) -> Q:
    """Return the condition of a review that a person decides: in their own right, as
    the approver its policy names, or for another; the same as ``policies`` ask."""
    found = Q(
        approver_role__in=access.roles,
        item__queue_id__in=access.review | access.manage,
    )
    if not access.has(Role.REVIEWER):
        return found
    found |= Q(item__queue_id__in=access.review)
    for one in access.lent:
        lent = Q(item__queue_id__in=one.queues, item__amount__lte=one.amount_limit)
        lent &= Q(item__facility_id__in=one.facilities)
        lent &= ~Q(workers__contains=[one.delegator_id])
        if one.risk_classes:
            lent &= Q(risk_classes__contained_by=sorted(one.risk_classes))
        found |= lent
    return found


@dataclass(slots=True)
class ReviewGroup:
    """The open reviews that came for one reason: how many, since when, the first.

    ``over`` is how many of them are over the time for a review; ``why_not`` says why
    the person may not approve them, where their policy reserves it for another role.
    """

    code: str
    label: str
    count: Figure
    oldest_at: datetime
    over: int = 0
    why_not: str = ""
    rows: list[Review] = field(default_factory=list)


def review_groups(user: User, *, shown: int = SHOWN_PER_GROUP) -> list[ReviewGroup]:
    """Return what waits for a reviewer, grouped by the first trigger that fired.

    Looks at the 1,000 oldest; counts say "at least" when there are more. Groups stand
    in the order of the triggers in the review rules, each oldest first; what the
    person may not approve comes after everything they may.
    """
    access = access_of(user)
    rows = list(reviews_for(user)[: WINDOW + 1])
    more, groups, at = len(rows) > WINDOW, dict[tuple[str, str], ReviewGroup](), now()
    for row in rows[:WINDOW]:
        first, barred = (
            row.triggers[0],
            may_approve_as(access, row.item, row.approver_role),
        )
        why_not = barred.why if barred else ""
        group = groups.setdefault(
            (first["label"], why_not),
            ReviewGroup(
                first["code"],
                first["label"],
                Figure(0, more),
                row.opened_at,
                why_not=why_not,
            ),
        )
        group.count = Figure(group.count.value + 1, more)
        group.over += bool(row.due_at and row.due_at < at)
        if len(group.rows) < shown:
            group.rows.append(row)
    return sorted(groups.values(), key=lambda g: (bool(g.why_not), _place(g.code)))


@dataclass(frozen=True, slots=True)
class ToDecide:
    """How many of some groups a person may approve, how many of those are over their
    time, and how many are reserved for another role."""

    count: int
    over: int
    beyond: int


def to_decide(groups: Sequence[ReviewGroup]) -> ToDecide:
    """Return what of ``review_groups`` is the person's to approve, and what is not."""

    def total(found: Iterable[ReviewGroup]) -> int:
        return sum(int(group.count.value) for group in found)

    own = [group for group in groups if not group.why_not]
    over = sum(group.over for group in own)
    return ToDecide(total(own), over, total(groups) - total(own))


_PLACES = (
    *(
        "approval",
        "returned",
        "amount",
        "risk_class",
        "recurring_payer",
        "judgement",
        "payer_watch",
    ),
    *("apprentice", "random"),
)


def _place(code: str) -> int:
    return _PLACES.index(code) if code in _PLACES else len(_PLACES)


def reviews_of(item_id: int) -> list[Review]:
    """Return every review of an item, the newest round first."""
    return _ROUNDS.rows(item=item_id)


_ROUNDS = Statement(
    lambda: (
        Review.objects.select_related(
            "submitted_by",
            "reviewer",
            "policy",
            "on_behalf_of",
            "payer",
            "cites__guidance",
        )
        .filter(item_id=Slot("item"))
        .order_by("-round")
    )
)


LAST = 10
LOOKED_AT = 500


def last_ten(user: User, review: Review) -> list[Review]:
    """Return the newest ten decisions on completed items of the same payer and class.

    Facts only, of items the person sees, without the item itself; with no class, all
    of the payer's. Looks at the payer's newest 500 decisions: one query along its own
    index, however long the record is.
    """
    if review.payer_id is None:
        return []
    newest = Review.objects.filter(payer_id=review.payer_id, decided_at__isnull=False)
    newest = newest.order_by("-decided_at", "-pk")[:LOOKED_AT]
    rows = Review.objects.filter(
        visible_q(user, "item__"),
        pk__in=newest.values("pk"),
        reviewer__isnull=False,
        item__state=State.COMPLETED,
    ).exclude(item_id=review.item_id)
    if review.risk_classes:
        rows = rows.filter(risk_classes__overlap=review.risk_classes)
    return list(rows.order_by("-decided_at", "-pk")[:LAST])


def decisions_of(items: Iterable[WorkItem]) -> dict[int, str]:
    """Return what stands decided in items, in words, by item: “Appeal, Write off”.

    The newest answers, each decision once; one query for all. An item whose form asks
    for no decision is not among them.
    """
    forms = {item.pk: item.template_id for item in items}
    rows = Answer.objects.filter(item__in=forms).filter(
        Q(field=DECISION) | Q(field__startswith=f"{DECISION}.")
    )
    newest = rows.order_by("item_id", "field", "-version").distinct("item_id", "field")
    said: dict[int, dict[str, None]] = defaultdict(dict)
    for row in newest:
        if isinstance(row.value, str) and row.value:
            said[row.item_id][_label(forms[row.item_id], row.value)] = None
    return {item_id: ", ".join(labels) for item_id, labels in said.items()}


def _label(template_id: int, value: str) -> str:
    asked = (field for field in fields_of(template_id) if field.name == DECISION)
    return next((dict(field.choices).get(value, value) for field in asked), value)


@dataclass(frozen=True, slots=True)
class Change:
    """One field in a review: before and after, and what sort of change it is.

    ``kind`` is ``added``, ``changed``, ``removed`` or ``same``.
    """

    name: str
    label: str
    type: str
    before: Any
    after: Any
    kind: str


def changes_of(item: WorkItem, review: Review) -> list[Change]:
    """Return what the coder's version changed since the last review of the item.

    In a first round everything answered is new. Fields that were never answered are
    left out; order is the form's.
    """
    earlier = Review.objects.filter(item=item, round__lt=review.round).order_by(
        "-round"
    )
    since = earlier.values_list("decided_at", flat=True).first()
    before, after = before_and_after(item.pk, since)
    parts = tuple(kinds.get(item.kind).parts(item))
    asked = evidence.expand(fields_of(item.template_id), parts)
    asked += reply_fields(after, None)
    return [
        Change(f.name, f.label, f.type, b, a, _sort_of_change(b, a))
        for f in asked
        for b, a in [(before.get(f.name), after.get(f.name))]
        if not (is_empty(b) and is_empty(a))
    ]


def _sort_of_change(before: Any, after: Any) -> str:
    if before == after:
        return "same"
    if is_empty(before):
        return "added"
    return "removed" if is_empty(after) else "changed"


@dataclass(frozen=True, slots=True)
class Returned:
    """An item that came back: by whom, when, for which reason, in which words.

    ``words`` is None where they were destroyed since.
    """

    item: WorkItem
    review: Review | None
    code: str
    words: str | None
    by: User | None
    at: datetime | None


def returned_to(user: User) -> list[Returned]:
    """Return what came back to a person, in the order Next hands it out: 4 queries."""
    items = list(
        items_for(user)
        .filter(assignee_id=user.pk, state=State.RETURNED)
        .order_by("-priority", "due_rank", "pk")[:WINDOW]
    )
    return returns_of(items)


def returns_of(items: Sequence[WorkItem]) -> list[Returned]:
    """Return the newest return of each item, with the reviewer's words."""
    ids = [item.pk for item in items]
    reasons = Reason.objects.filter(item_id__in=ids, action="item.returned")
    newest = reasons.order_by("item_id", "-seq").distinct("item_id")
    words = {row.item_id: row for row in newest.select_related("said_by")}
    rounds = Review.objects.filter(item_id__in=ids, outcome=ReviewOutcome.RETURNED)
    last = rounds.order_by("item_id", "-round").distinct("item_id")
    reviews = {
        row.item_id: row for row in last.select_related("reviewer", "cites__guidance")
    }
    return [_returned(i, words.get(i.pk), reviews.get(i.pk)) for i in items]


def _returned(item: WorkItem, said: Reason | None, review: Review | None) -> Returned:
    return Returned(
        item=item,
        review=review,
        code=said.code if said else "",
        words=said.value if said else None,
        by=review.reviewer if review else None,
        at=review.decided_at if review else None,
    )
