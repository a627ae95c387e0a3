"""The registry of kinds of work.

Each app registers its kinds in ``AppConfig.ready()``; the kernel looks them up by
slug and never imports the app. A kind adds its own parts (the denials of an item)
and what follows when an item of it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from worklists.workflow import Workflow

if TYPE_CHECKING:
    from worklists.evidence import Part, Reads
    from worklists.models import User, WorkItem

PartsOf = Callable[["WorkItem"], Sequence["Part"]]
Completed = Callable[["WorkItem", Mapping[str, Any], "User | None"], None]
Cancelled = Callable[["WorkItem", str], None]
RiskClasses = Callable[["WorkItem"], frozenset[str]]


def no_parts(_item: WorkItem) -> Sequence[Part]:
    """Return no parts: the evidence is asked once for the whole item."""
    return ()


def nothing_follows(*args: Any) -> None:
    """Do nothing when an item of this kind ends."""


def own_risk_class(item: WorkItem) -> frozenset[str]:
    """Return the item's own risk class."""
    return frozenset({item.risk_class} if item.risk_class else ())


RoutingFacts = Callable[[Sequence["WorkItem"]], Mapping[int, Mapping[str, Any]]]


def facts_by_code(items: Sequence[WorkItem]) -> Mapping[int, Mapping[str, Any]]:
    """Return what routing asks of work that is known by its reason alone."""
    return {item.pk: {"code": item.reason_code} for item in items}


SameWork = Callable[["int | None", str, str], tuple[object, ...]]


def nothing_same(_claim: int | None, _code: str, _label: str) -> tuple[object, ...]:
    """Several items of the kind may be open about one thing."""
    return ()


def claim_and_reason(claim: int | None, code: str, _label: str) -> tuple[object, ...]:
    """One item a claim and reason is open at a time."""
    return (claim, code) if claim else ()


def claim_reason_and_words(
    claim: int | None, code: str, label: str
) -> tuple[object, ...]:
    """One item a claim, reason and wording is open at a time, also about no claim."""
    return (claim, code, label)


class UsualAnswer(NamedTuple):
    """In how many days a payer usually answers, and where that stands."""

    days: int
    source: str


def none_usual(_sources: Sequence[str]) -> UsualAnswer | None:
    """Nothing is known of when an answer is to be expected."""
    return None


class PayerOutcome(NamedTuple):
    """What a payer made of one earlier piece of the same work.

    ``outcome`` is ``reversed``, ``upheld``, or ``waits`` for its answer; ``at`` when it
    answered, or when the work went to it; ``amount`` the dollars it was about.
    """

    outcome: str
    at: datetime
    amount: Decimal


class PayerOutcomes(NamedTuple):
    """The newest of them, and of what: “Northgate MA, CO-50”."""

    about: str
    newest: Sequence[PayerOutcome]


def none_answered(_user: User, _item: WorkItem) -> PayerOutcomes | None:
    """No payer answers work of this kind."""
    return None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of work.

    ``parts`` are what is decided one by one inside an item. ``completed`` and
    ``reopened`` run in the transaction of the act that ends or reopens the item,
    ``cancelled`` likewise with the reason code, ``opened_anew`` with the new item of a
    cancelled one. ``same_work`` says what makes two items
    of the kind the same work: only one of them is open at a time. Kinds that join or
    allow several say nothing. ``routing_facts`` are what rules ask of items that are
    there, by id: the same as when they were opened. ``by_hand`` kinds are also opened by people.
    ``reads`` are the answers that ``completed`` reads: a form that asks them otherwise is
    neither proposed nor approved. ``usual_answer`` takes the sources of an item's legal
    clocks, the first to run out first, and says when its payer is to be heard of.
    ``payer_outcomes`` are what the payer made of the last ten such items that went back
    to it, among those the person sees. ``given_up`` is the judgement, ``field:value``,
    that closing an item without its decision amounts to: a review policy that reserves
    it reserves rejecting, too.
    """

    slug: str
    label: str
    plural: str
    prefix: str
    workflow: Workflow
    parts: PartsOf = no_parts
    completed: Completed = nothing_follows
    cancelled: Cancelled = nothing_follows
    reopened: Callable[[WorkItem], None] = nothing_follows
    opened_anew: Callable[[WorkItem, int], None] = nothing_follows
    risk_classes: RiskClasses = own_risk_class
    detail_template: str = ""
    same_work: SameWork = nothing_same
    routing_facts: RoutingFacts = facts_by_code
    by_hand: bool = False
    given_up: str = ""
    payer_outcomes: Callable[[User, WorkItem], PayerOutcomes | None] = none_answered
    usual_answer: Callable[[Sequence[str]], UsualAnswer | None] = none_usual
    reads: tuple[Reads, ...] = ()
    detail: Callable[[WorkItem], Mapping[str, Any]] = field(default=lambda _item: {})


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a kind; a second one of the same slug or prefix is a mistake."""
    clash = [
        k for k in _kinds.values() if kind.slug == k.slug or kind.prefix == k.prefix
    ]
    if clash and clash != [kind]:
        raise ValueError(f"kind {kind.slug!r} or prefix {kind.prefix!r} is taken")
    _kinds[kind.slug] = kind


def get(slug: str) -> Kind:
    """Return a kind; raise ``LookupError`` naming it when nobody registered it."""
    try:
        return _kinds[slug]
    except KeyError:
        raise LookupError(f"no app registered the kind {slug!r}") from None


def reads_of(slug: str) -> tuple[Reads, ...]:
    """Return the answers that a kind reads when its items end; none of an unknown one."""
    return _kinds[slug].reads if slug in _kinds else ()


def number(slug: str, item_id: int) -> str:
    """Return the name people use for an item of a kind, such as ``DN-48213``."""
    return f"{get(slug).prefix}-{item_id}"


def all_kinds() -> tuple[Kind, ...]:
    """Return every registered kind in order of registration."""
    return tuple(_kinds.values())


_KERNEL = (
    ("ingest_exception", "Exception", "Exceptions", "IX"),
    ("doc_request", "Documentation request", "Documentation requests", "DR"),
    ("claim_edit", "Claim edit", "Claim edits", "CE"),
    ("charge_review", "Charge review", "Charge reviews", "CR"),
    ("query", "Query", "Queries", "DQ"),
    ("issue_report", "Issue report", "Issue reports", "IR"),
)


# A claim has many charges, and each may be looked at for the same reason.
_BY_HAND = frozenset({"doc_request", "claim_edit", "charge_review", "issue_report"})
_SAME: Mapping[str, SameWork] = {
    "doc_request": claim_and_reason,
    "claim_edit": claim_and_reason,
    "query": claim_and_reason,
    "issue_report": claim_reason_and_words,
}


def register_kernel_kinds() -> None:
    """Register the kinds that need no detail record of another app."""
    for slug, label, plural, prefix in _KERNEL:
        if slug not in _kinds:
            register(
                Kind(
                    slug,
                    label,
                    plural,
                    prefix,
                    Workflow(slug),
                    same_work=_SAME.get(slug, nothing_same),
                    by_hand=slug in _BY_HAND,
                )
            )
