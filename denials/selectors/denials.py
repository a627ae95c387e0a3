"""Denials as people see them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Prefetch, Q, QuerySet

from denials.enums import DenialStatus
from denials.models import Adjustment, Denial, Remark, RemittanceClaim
from worklists.enums import Role
from worklists.evidence import Part
from worklists.models import User, WorkItem
from worklists.selectors.access import access_of, claims_for, visible_q
from worklists.statements import Slot, Statement

AT_WORK = (DenialStatus.OPEN, DenialStatus.DECIDED)


def denials_for(user: User) -> QuerySet[Denial]:
    """Return the denials whose item a person can see.

    Auditors and managers also see those of their facilities' claims that opened no
    work: reductions, pending amounts, and what was reversed before it was worked.
    """
    rows = Denial.objects.select_related(
        "claim", "item__queue", "line", "remittance_claim__remittance__payer"
    )
    mine = visible_q(user, "item__")
    if access_of(user).has(Role.AUDITOR, Role.MANAGER):
        mine |= Q(item=None, claim__in=claims_for(user))
    return rows.filter(mine)


def work_of(item: WorkItem) -> QuerySet[Denial]:
    """Return the denials to decide, or decided, in an item, in the order of the claim.

    What the payer reversed is not asked any more.
    """
    return _at_work(Denial.objects.filter(item=item))


def worked_elsewhere(
    item: WorkItem, claims: Iterable[RemittanceClaim]
) -> QuerySet[Denial]:
    """Return the denials on these remittance claims that other items carry."""
    rows = Denial.objects.filter(remittance_claim__in=list(claims), item__isnull=False)
    return rows.filter(status__in=AT_WORK).exclude(item=item)


def _at_work(rows: QuerySet[Denial]) -> QuerySet[Denial]:
    rows = rows.filter(status__in=AT_WORK).select_related("line")
    return rows.order_by("remittance_claim_id", "line__number", "pk")


# What `label_of` reads.
_LABELLED = (
    *("group", "carc", "remarks", "amount", "round", "line__number"),
    *("line__code", "line__revenue_code", "line__modifiers"),
)
_PARTS = Statement(
    lambda: _at_work(Denial.objects.filter(item=Slot("item_id"))).only(*_LABELLED)
)


def parts_of(item: WorkItem) -> list[Part]:
    """Return what is decided one by one inside a denial item."""
    rows = _PARTS.rows(item_id=item.pk)
    return [Part(str(row.pk), label_of(row), row.amount) for row in rows]


def classes_of(item: WorkItem) -> frozenset[str]:
    """Return the defect classes of an item's denials, for the review triggers."""
    return frozenset(work_of(item).order_by().values_list("defect_class", flat=True))


def label_of(denial: Denial) -> str:
    """Return a denial in one line: “Line 2, 45380-59, CO-97 M15, $2,140.00”."""
    codes = " ".join((denial.code, *denial.remarks))
    again = f", round {denial.round}" if denial.round > 1 else ""
    return f"{place_of(denial)}, {codes}, ${denial.amount:,.2f}{again}"


def place_of(denial: Denial, whole: str = "Claim") -> str:
    """Return the line a denial stands on: “Line 2, 45380-59”, or the ``whole`` claim."""
    line = denial.line
    if line is None:
        return whole
    code = "-".join((line.code or line.revenue_code, *line.modifiers))
    return f"Line {line.number}, {code}" if code else f"Line {line.number}"


def remittances_of(item: WorkItem) -> QuerySet[RemittanceClaim]:
    """Return the remittance claims behind an item's denials, whole, newest first."""
    rows = RemittanceClaim.objects.filter(denials__item=item).distinct()
    return rows.select_related("remittance__payer").prefetch_related(
        "lines",
        Prefetch("adjustments", Adjustment.objects.order_by("position")),
        Prefetch("remarks", Remark.objects.order_by("position")),
    )
