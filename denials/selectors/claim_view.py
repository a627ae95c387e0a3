"""A claim as sent beside what came back, ready to be read: lines, adjustments, sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from denials.enums import Decision
from denials.models import Denial, RemittanceClaim, RemittanceLine
from denials.selectors.denials import place_of
from denials.selectors.glossary import Term, code_words, route_words, terms_of
from denials.selectors.taxonomy import current_taxonomy
from worklists.enums import RootCause
from worklists.errors import Conflict
from worklists.taxonomy import TaxonomyTable

ZERO = Decimal(0)
STATUSES = {
    "1": "processed as primary",
    "2": "processed as secondary",
    "3": "processed as tertiary",
    "4": "denied",
    "19": "processed as primary, forwarded",
    "20": "processed as secondary, forwarded",
    "21": "processed as tertiary, forwarded",
    "22": "reversal of an earlier payment",
    "23": "not our claim, forwarded",
    "25": "predetermination only",
}


@dataclass(frozen=True, slots=True)
class Adjusted:
    """One CAS triplet: its codes, our short words, the amount, whether it is denied.

    ``means`` explains group and reason in a line, for whoever points at the codes.

    ``elsewhere`` says that another item carries the denial. Which one stands with the
    items of the claim that the person sees: it may lie in a queue shut to them.
    """

    code: str
    label: str
    amount: Decimal
    denied: bool
    elsewhere: bool = False
    means: str = ""


@dataclass(slots=True)
class LineView:
    """One service line with its adjustments; number 0 is the claim itself."""

    number: int
    code: str
    units: Decimal | None
    charge: Decimal | None
    paid: Decimal | None
    remarks: str
    adjustments: list[Adjusted] = field(default_factory=list)

    @property
    def denied(self) -> bool:
        """Return whether a denial stands on the line, of this item or another."""
        return any(one.denied for one in self.adjustments)


@dataclass(frozen=True, slots=True)
class ClaimView:
    """One remittance claim: lines in order, totals, and whether its sums agree."""

    status: str
    paid_on: date | None
    payer: str
    trace: str
    payer_control_number: str
    lines: Sequence[LineView]
    charge: Decimal
    adjusted: Decimal
    paid: Decimal
    balanced: bool

    @property
    def missing(self) -> Decimal:
        """Return by how much charge and paid plus adjustments differ."""
        return self.charge - self.paid - self.adjusted


def claim_views(
    claims: Iterable[RemittanceClaim],
    denials: Iterable[Denial],
    elsewhere: Iterable[Denial] = (),
    table: TaxonomyTable | None = None,
) -> list[ClaimView]:
    """Return the remittance claims of an item, with our words from the taxonomy.

    ``denials`` are worked in the item itself, ``elsewhere`` in others.
    """
    denied = dict.fromkeys(map(_key, elsewhere), True)
    denied |= dict.fromkeys(map(_key, denials), False)
    return [_claim(claim, denied, table) for claim in claims]


# Where a denial stands: remittance claim, line, group, reason.
Place = tuple[int, int | None, str, str]
Denied = Mapping[Place, bool]  # whether another item carries it


def _key(denial: Denial) -> Place:
    return denial.remittance_claim_id, denial.line_id, denial.group, denial.carc


def table_in_force() -> TaxonomyTable | None:
    """Return the taxonomy in force, None where none is loaded: one query."""
    try:
        return current_taxonomy()[1]
    except Conflict:
        return None


def _claim(
    claim: RemittanceClaim, denied: Denied, table: TaxonomyTable | None
) -> ClaimView:
    rows = {
        line.number: _line(line, _remarks(claim, line.number))
        for line in claim.lines.all()
    }
    ids = {line.number: line.pk for line in claim.lines.all()}
    adjusted = ZERO
    for row in claim.adjustments.all():
        adjusted += row.amount
        line = rows.setdefault(row.line_number, _whole(claim))
        key = (claim.pk, ids.get(row.line_number), row.group, row.carc)
        line.adjustments.append(
            Adjusted(
                f"{row.group}-{row.carc}",
                _label(table, row.carc),
                row.amount,
                denied=key in denied,
                elsewhere=denied.get(key, False),
                means=code_words(table, row.group, row.carc),
            )
        )
    remittance = claim.remittance
    return ClaimView(
        status=STATUSES.get(claim.status, f"status {claim.status}"),
        paid_on=remittance.paid_on,
        payer=str(remittance.payer or remittance.payer_name),
        trace=remittance.trace,
        payer_control_number=claim.payer_control_number,
        lines=[rows[number] for number in sorted(rows)],
        charge=claim.charge,
        adjusted=adjusted,
        paid=claim.paid,
        balanced=claim.balanced,
    )


def _line(line: RemittanceLine, remarks: str) -> LineView:
    code = "-".join((line.code or line.revenue_code, *line.modifiers))
    return LineView(line.number, code, line.units, line.charge, line.paid, remarks)


def _whole(claim: RemittanceClaim) -> LineView:
    return LineView(0, "whole claim", None, None, None, _remarks(claim, 0))


def _remarks(claim: RemittanceClaim, number: int) -> str:
    return " ".join(r.code for r in claim.remarks.all() if r.line_number == number)


def _label(table: TaxonomyTable | None, carc: str) -> str:
    row = table.row(carc) if table else None
    return row.label if row else ""


@dataclass(frozen=True, slots=True)
class Failed:
    """One denial as “What failed” shows it; ``terms`` explain its codes."""

    code: str
    where: str
    words: str
    terms: Sequence[Term] = ()


def failed_of(
    denials: Iterable[Denial], table: TaxonomyTable | None = None
) -> list[Failed]:
    """Return each denial with its codes, place, words, and what the codes mean."""
    return [_failed(row, table) for row in denials]


def _failed(row: Denial, table: TaxonomyTable | None) -> Failed:
    codes = " · ".join((row.code, *row.remarks))
    place = place_of(row, "Whole claim")
    return Failed(codes, place, row.label, terms_of(row, table))


def suggestion_of(denials: Sequence[Denial]) -> str:
    """Return the usual first step for these codes, said as a suggestion."""
    routes = dict.fromkeys(route_words(d.route) for d in denials)
    words = " or ".join(route for route in routes if route)
    return f"Suggested: {words}." if words else ""


def facts_of(denials: Sequence[Denial]) -> list[tuple[str, str]]:
    """Return what the taxonomy says of the denials, as facts beside them."""
    known = [d for d in denials if d.suggested_root_cause != RootCause.UNKNOWN]
    causes = dict.fromkeys(d.get_suggested_root_cause_display() for d in known)
    stages = dict.fromkeys(
        d.get_failed_stage_display() for d in denials if d.failed_stage
    )
    appealable = [d for d in denials if d.appealable]
    facts = [("Denied", f"${sum((d.amount for d in denials), ZERO):,.2f}")]
    if causes:
        facts.append(("Usual root cause", ", ".join(causes).lower()))
    if stages:
        facts.append(("Failed at", ", ".join(stages).lower()))
    if denials:
        facts.append(("Appeal open", f"{len(appealable)} of {len(denials)}"))
    return facts


def suggested_of(denials: Iterable[Denial]) -> dict[str, str]:
    """Return what the taxonomy suggests for the fields a person decides by denial.

    A first step that is no decision, such as asking the payer, suggests none, and a
    root cause that is not known is not suggested.
    """
    found = {}
    for row in denials:
        if row.route in Decision.values:
            found[f"decision.{row.pk}"] = row.route
        if row.suggested_root_cause != RootCause.UNKNOWN:
            found[f"root_cause.{row.pk}"] = row.suggested_root_cause
    return found
