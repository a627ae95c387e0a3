"""Queues, the rules that route to them, and their policies, as they ship."""

from __future__ import annotations

from typing import Any, NamedTuple

Conditions = list[dict[str, Any]]


class QueueRow(NamedTuple):
    """One queue; ``conditions`` are its routing rule, in the order of this list."""

    slug: str
    name: str
    kind: str
    team: str
    purpose: str
    conditions: Conditions
    template: str
    review: str
    sla: str
    clearance: str = ""
    hand_out: str = "pick"
    max_in_hand: int = 0
    release_after_hours: int = 18


def _classes(*names: str) -> Conditions:
    return [{"field": "defect_classes", "op": "contains_any", "value": list(names)}]


def _carcs(*codes: str) -> Conditions:
    return [{"field": "carcs", "op": "contains_any", "value": list(codes)}]


QUEUES = (
    QueueRow(
        "high-dollar", "High-dollar denials", "denial", "coding",
        "Denials of $10,000 and more, whatever the reason. Decide with a senior, early.",
        [{"field": "amount", "op": "gte", "value": "10000"}],
        "high-dollar", "high-dollar", "urgent", "denials-2",
    ),
    QueueRow(
        "bundling", "Bundling denials", "denial", "coding",
        "Lines a payer counts into another service (CARC 59, 97, 231, 234, 236). "
        "Decide: correct, appeal or accept, with the page that proves it.",
        _carcs("59", "97", "231", "234", "236"),
        "bundling", "coding", "standard", "bundling", "next_only", 8,
    ),
    QueueRow(
        "coding", "Coding denials", "denial", "coding",
        "Codes and modifiers a payer finds wrong, outdated or at odds with each other.",
        _classes("coding"),
        "coding", "coding", "standard", "denials-1",
    ),
    QueueRow(
        "necessity", "Medical necessity denials", "denial", "coding",
        "The payer doubts the need for the service. Show the notes that answer it.",
        _classes("medical_necessity"),
        "necessity", "coding", "standard", "necessity",
    ),
    QueueRow(
        "documentation", "Documentation denials", "denial", "coding",
        "Records asked for, late or not enough. Find the page and send it.",
        _classes("documentation"),
        "documentation", "standard", "standard", "denials-1",
    ),
    QueueRow(
        "authorization", "Authorization and network denials", "denial", "front-end",
        "No authorization, the wrong one, or a network or referral rule.",
        _classes("authorization", "network_referral"),
        "authorization", "standard", "standard", "denials-1",
    ),
    QueueRow(
        "eligibility", "Eligibility and other-payer denials", "denial", "front-end",
        "Coverage not in force or not matched, or another payer goes first.",
        _classes("eligibility", "cob"),
        "eligibility", "standard", "standard", "denials-1",
    ),
    QueueRow(
        "duplicates", "Duplicate denials", "denial", "front-end",
        "The payer saw the same service before. Verify, then close or correct.",
        _classes("duplicate"),
        "duplicates", "standard", "standard", "denials-1", "next_only", 12,
    ),
    QueueRow(
        "timely-filing", "Late-filing denials", "denial", "front-end",
        "Filed after the limit. Find proof of timely filing, or propose the write-off.",
        _classes("timely_filing"),
        "timely-filing", "write-off", "urgent", "denials-1",
    ),
    QueueRow(
        "other-denials", "Other denials", "denial", "front-end",
        "Every denial that no rule above takes. A new pattern shows here first.",
        [], "other-denials", "standard", "standard", "denials-1",
    ),
    QueueRow(
        "exceptions", "File exceptions", "ingest_exception", "remittance",
        "Parts of files that could not be read. Nothing is lost: mend it and load again.",
        [], "exception", "exceptions", "urgent", release_after_hours=0,
    ),
    QueueRow(
        "reports", "Issue reports", "issue_report", "remittance",
        "Something about the system itself: a wrong number, an item the worker set aside.",
        [], "report", "exceptions", "standard", release_after_hours=0,
    ),
)  # fmt: skip


class ReviewRow(NamedTuple):
    """One review policy; ``version`` rises with every change of it."""

    slug: str
    name: str
    amount_from: str | None
    risk_classes: tuple[str, ...] = ()
    apprentice_all: bool = True
    payer_watch: bool = True
    random_per_block: int = 1
    recurring_from: int | None = 12
    recurring_days: int = 60
    judgements: tuple[str, ...] = ("decision:write_off", "decision:bill_patient")
    review_hours: int | None = 8
    autonomy: tuple[tuple[int, int, int], ...] = ((20, 95, 10), (40, 97, 4))
    miss_reviews: int = 5
    approvals: tuple[str, ...] = ("decision:write_off",)
    approval_from: str | None = "1000.00"
    approver_role: str = "manager"
    version: int = 2


REVIEWS = (
    ReviewRow("standard", "Standard review", "5000.00"),
    ReviewRow("coding", "Coding review", "2000.00", ("medical_necessity",)),
    ReviewRow("high-dollar", "High-dollar review", "10000.00"),
    ReviewRow("write-off", "Write-off review", "500.00", ("timely_filing",),
              random_per_block=2),
    ReviewRow("exceptions", "Exceptions", None, (), False, False, 0,
              recurring_from=None, judgements=(), review_hours=None, autonomy=(), approvals=(),
              approval_from=None, approver_role="", version=1),
)  # fmt: skip


class StepRow(NamedTuple):
    """One rung of a ladder."""

    clock_kind: str
    offset_hours: int
    tell: str
    needs_acknowledgement: bool = False


class SlaRow(NamedTuple):
    """One SLA policy with its ladder; ``version`` rises with every change of it."""

    slug: str
    name: str
    business_hours: int
    steps: tuple[StepRow, ...]
    version: int = 2


# The first rung is the safety net (domain A5, row 32): 15 days before the limit the
# manager answers for every item that is not decided yet.
_LEGAL = (
    StepRow("legal", -15 * 24, "manager", True),
    StepRow("legal", -14 * 24, "assignee"),
    StepRow("legal", -7 * 24, "lead"),
    StepRow("legal", -24, "manager", True),
    StepRow("legal", 0, "supervisor", True),
)
SLAS = (
    SlaRow("standard", "Standard, ten working days", 90, (
        StepRow("internal", -9, "assignee"),
        StepRow("internal", 0, "lead"),
        StepRow("internal", 27, "manager", True),
        *_LEGAL,
    )),
    SlaRow("urgent", "Urgent, three working days", 27, (
        StepRow("internal", -4, "assignee"),
        StepRow("internal", 0, "lead", True),
        StepRow("internal", 18, "manager", True),
        *_LEGAL,
    )),
)  # fmt: skip
