"""Events of the reader as rows of COPY text, cut to what our columns hold.

Cutting loses nothing: every claim keeps its segments as text. Amounts go as they
stand in the file; the database rounds them to cents.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

from denials.services.remittances.tables import clean, joined
from worklists.taxonomy import Found
from worklists.x12 import (
    Adjustment,
    Party,
    PaymentHeader,
    ProviderAdjustment,
    RemittanceClaim,
    ServiceLine,
    Unreadable,
)

# A claim has at most some ten thousand amounts, so their sum stays below the 16
# digits that an item's amount has before its point.
MOST_OF_A_CLAIM = Decimal(10) ** 10
MOST_OF_A_PAYMENT = Decimal(10) ** 13
MOST_UNITS = Decimal(10) ** 15
ZERO = Decimal(0)
LIST_MARK = "\x1f"
NO_TEXT = ""


class Amounts:
    """Amounts of one claim as text; those no person ever meant are taken as 0.

    ``absurd`` names what was replaced, for the claim's list of unreadable elements.
    """

    def __init__(self) -> None:
        self.absurd: list[Unreadable] = []

    def money(self, amount: Decimal, element: str, segment: int) -> str:
        """Return an amount of a claim."""
        if -MOST_OF_A_CLAIM < amount < MOST_OF_A_CLAIM:
            return str(amount)
        self.absurd.append(Unreadable(element, str(amount), segment))
        return "0"


def units(value: Decimal | None) -> str:
    """Return a quantity, nothing for an absent or absurd one."""
    if value is None or not -MOST_UNITS < value < MOST_UNITS:
        return NO_TEXT
    return str(value)


def name_of(party: Party | None) -> str:
    """Return a person or organisation as “Last, First Middle Suffix”."""
    if party is None:
        return NO_TEXT
    given = " ".join(filter(None, (party.first, party.middle, party.suffix)))
    return ", ".join(part.strip() for part in (party.last, given) if part.strip())


def payment_row(
    tx: int, event: PaymentHeader, payer_id: int | None, facility_id: int
) -> str:
    """Return the staged row of one payment header."""
    readable = -MOST_OF_A_PAYMENT < event.amount < MOST_OF_A_PAYMENT
    return joined(
        (
            str(tx),
            str(payer_id or NO_TEXT),
            clean(event.payer_id[:80]),
            clean(event.payer_name[:160]),
            clean(event.trace[:80]),
            str(event.date or NO_TEXT),
            NO_TEXT if event.date else clean(event.date_text[:35]),
            str(event.amount if readable else ZERO),
            clean(event.credit_debit[:4]),
            clean(event.method[:8]),
            clean(event.handling[:4]),
            str(facility_id),
            clean(payee_of(event)),
            clean(event.payee_name[:160]),
            str(event.production_date or NO_TEXT),
            clean(event.control[:20]),
            clean(event.version[:20]),
            clean(event.raw),
        )
    )


def payee_of(event: PaymentHeader) -> str:
    """Return by what claims of this payment are known: the payee's id, else its name."""
    return (event.payee_id or event.payee_name)[:80]


def outside_row(
    tx: int, order: int, pair: ProviderAdjustment, occurrence: int
) -> str:
    """Return the staged row of one pair of a PLB segment."""
    readable = -MOST_OF_A_PAYMENT < pair.amount < MOST_OF_A_PAYMENT
    return joined(
        (
            f"{tx}\t{order}",
            clean(pair.provider[:80]),
            str(pair.fiscal_date or NO_TEXT),
            clean(pair.reason[:8]),
            clean(pair.reference[:80]),
            str(pair.amount if readable else ZERO),
            str(occurrence),
        )
    )


def claim_row(n: int, tx: int, claim: RemittanceClaim, amounts: Amounts) -> str:
    """Return the staged row of one claim. Call it after the rows of its lines."""
    at = claim.segment
    charge = amounts.money(claim.charge, "CLP03", at)
    paid = amounts.money(claim.paid, "CLP04", at)
    share = amounts.money(claim.patient_responsibility, "CLP05", at)
    rendering = claim.rendering
    return joined(
        (
            f"{n}\t{tx}",
            clean(claim.patient_control[:80]),
            clean(claim.status[:20]),
            f"{charge}\t{paid}\t{share}",
            clean(claim.filing_indicator[:8]),
            clean(claim.payer_control[:80]),
            clean(claim.facility_code[:8]),
            clean(claim.frequency[:4]),
            clean(claim.drg[:8]),
            str(claim.service_from or NO_TEXT),
            str(claim.service_to or NO_TEXT),
            str(claim.received_date or NO_TEXT),
            clean(name_of(claim.patient)[:200]),
            clean(_member_id(claim)[:80]),
            clean(name_of(rendering)[:200]),
            clean(rendering.id[:80]) if rendering else NO_TEXT,
            "t" if claim.balanced else "f",
            clean(_unreadable(claim, amounts)),
            f"{at}\t{claim.position}\t{claim.length}\t{claim.digest}",
            clean(claim.raw),
        )
    )


def _member_id(claim: RemittanceClaim) -> str:
    for party in (claim.insured, claim.patient):
        if party is not None and party.id:
            return party.id
    return NO_TEXT


def _unreadable(claim: RemittanceClaim, amounts: Amounts) -> str:
    if not claim.unreadable and not amounts.absurd:
        return NO_TEXT
    found = [*claim.unreadable, *amounts.absurd]
    return json.dumps([entry._asdict() for entry in found])


def line_row(n: int, line: ServiceLine, amounts: Amounts) -> str:
    """Return the staged row of one service line."""
    at = line.segment
    charge = amounts.money(line.charge, "SVC02", at)
    paid = amounts.money(line.paid, "SVC03", at)
    allowed = line.allowed
    return joined(
        (
            f"{n}\t{line.number}\t{at}",
            clean(line.qualifier[:4]),
            clean(line.code[:48]),
            clean(LIST_MARK.join(part[:8] for part in line.modifiers)),
            clean(line.revenue_code[:48]),
            f"{charge}\t{paid}\t{units(line.units)}",
            NO_TEXT if allowed is None else amounts.money(allowed, "AMT02", at),
            clean(line.original_code[:48]),
            units(line.original_units),
            str(line.date_from or NO_TEXT),
            str(line.date_to or NO_TEXT),
            clean(line.control[:80]),
            clean(line.text[:120]),
        )
    )


def adjustment_rows(
    n: int, claim: RemittanceClaim, amounts: Amounts
) -> Iterator[str]:
    """Yield the staged rows of every CAS triplet of a claim, in order."""
    position = 0
    for entry in claim.adjustments:
        position += 1
        yield _adjustment_row(n, position, 0, entry, amounts, claim.segment)
    for line in claim.lines:
        for entry in line.adjustments:
            position += 1
            yield _adjustment_row(
                n, position, line.number, entry, amounts, line.segment
            )


def _adjustment_row(
    n: int,
    position: int,
    line: int,
    entry: Adjustment,
    amounts: Amounts,
    segment: int,
) -> str:
    group, carc = clean(entry.group[:8]), clean(entry.reason[:20])
    amount = amounts.money(entry.amount, "CAS", segment)
    return f"{n}\t{position}\t{line}\t{group}\t{carc}\t{amount}\t{units(entry.quantity)}"


def remark_rows(n: int, claim: RemittanceClaim) -> Iterator[str]:
    """Yield the staged rows of every remark code of a claim, in order."""
    position = 0
    if claim.remarks:
        sources = _sources(claim.raw)
        for code in claim.remarks:
            position += 1
            source = sources.get(code, "LQ")
            yield f"{n}\t{position}\t0\t{clean(code[:16])}\t{source}"
    for line in claim.lines:
        for code in line.remarks:
            position += 1
            yield f"{n}\t{position}\t{line.number}\t{clean(code[:16])}\tLQ"


def _sources(raw: str) -> dict[str, str]:
    """Return which claim-level remark codes stand in MIA and which in MOA."""
    found: dict[str, str] = {}
    for segment in raw.split("\n"):
        tag = segment[:3]
        if tag in {"MIA", "MOA"}:
            elements = segment.rstrip("~").split(segment[3:4] or "*")
            found.update(dict.fromkeys(elements[1:], tag))
    return found


def finding_row(n: int, order: int, found: Found, remarks: tuple[str, ...]) -> str:
    """Return the staged row of one denial, reduction or pending amount."""
    pattern = found.pattern
    return joined(
        (
            f"{n}\t{order}\t{found.level}\t{found.kind}",
            clean(found.group[:8]),
            clean(found.carc[:20]),
            clean(LIST_MARK.join(code[:16] for code in remarks)),
            str(min(found.amount, MOST_OF_A_CLAIM)),
            clean(pattern.label[:160]),
            clean(pattern.defect_class[:40]),
            pattern.root_cause[:24],
            pattern.failed_stage[:20],
            clean(pattern.owner[:60]),
            clean(pattern.first_route[:40]),
            "t" if pattern.appealable else "f",
            "t" if pattern.coding_related else "f",
        )
    )
