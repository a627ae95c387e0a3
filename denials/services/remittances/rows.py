"""Claims of the reader as rows of COPY text, cut to what our columns hold.

Cutting loses nothing: every claim keeps its segments as text. Amounts go as they
stand in the file; the database rounds them to cents. Where a row needs the id of its
claim, which is not known yet, stands ``ID``: NUL, which no text of the reader has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from denials.services.remittances.tables import QUOTE
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

ID = "\x00"
LIST_MARK = "|"
# A claim has at most some ten thousand amounts, so their sum stays below the 16
# digits that an item's amount has before its point.
MOST_OF_A_CLAIM = Decimal(10) ** 10
LEAST_OF_A_CLAIM = -MOST_OF_A_CLAIM
MOST_OF_A_PAYMENT = Decimal(10) ** 13
MOST_UNITS = Decimal(10) ** 15
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f]")
_REMARK_TAGS = frozenset({"MIA", "MOA"})
_AS_IT_IS = frozenset({"raw", "delimiters"})


class Amounts:
    """Amounts of one claim as text; those no person ever meant are taken as 0.

    ``absurd`` names what was replaced, for the claim's list of unreadable elements.
    """

    __slots__ = ("absurd",)

    def __init__(self) -> None:
        self.absurd: list[Unreadable] = []

    def money(self, amount: Decimal, element: str, segment: int) -> str:
        """Return an amount of a claim."""
        if LEAST_OF_A_CLAIM < amount < MOST_OF_A_CLAIM:
            return str(amount)
        self.absurd.append(Unreadable(element, str(amount), segment))
        return "0"


def blanked(text: str) -> str:
    """Return text without control characters: our rows could not carry them."""
    return CONTROL_CHARACTERS.sub(" ", text)


def without_controls(claim: RemittanceClaim) -> RemittanceClaim:
    """Return a claim whose values our rows can carry; its own text stays as it is.

    Hardly any claim has control characters, so most come back untouched.
    """
    text = claim.raw.replace("~\n", "~")
    if text.isprintable() or CONTROL_CHARACTERS.search(text) is None:
        return claim
    values = {
        one.name: _cleaned(getattr(claim, one.name))
        for one in fields(claim)
        if one.name not in _AS_IT_IS
    }
    return replace(claim, **values)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return blanked(value)
    if isinstance(value, list):
        return [_cleaned(one) for one in value]
    if isinstance(value, tuple):
        make = getattr(type(value), "_make", type(value))
        return make([_cleaned(one) for one in value])
    if is_dataclass(value) and not isinstance(value, type):
        named = {one.name: _cleaned(getattr(value, one.name)) for one in fields(value)}
        return replace(value, **named)
    return value


def quoted(text: str) -> str:
    """Return text of several lines as one cell."""
    return f"{QUOTE}{text.replace(QUOTE, QUOTE + QUOTE)}{QUOTE}"


def units(value: Decimal | None) -> str:
    """Return a quantity, nothing for an absent or absurd one."""
    if value is None or not -MOST_UNITS < value < MOST_UNITS:
        return ""
    return str(value)


def name_of(party: Party | None) -> str:
    """Return a person or organisation as “Last, First Middle Suffix”."""
    if party is None:
        return ""
    given = " ".join(filter(None, (party.first, party.middle, party.suffix)))
    return ", ".join(part for part in (party.last.strip(), given.strip()) if part)


def member_of(claim: RemittanceClaim) -> str:
    """Return the member's number: the insured's, else the patient's."""
    for party in (claim.insured, claim.patient):
        if party is not None and party.id:
            return party.id
    return ""


def payment_row(
    tx: int, event: PaymentHeader, payer_id: int | None, facility_id: int
) -> str:
    """Return the staged row of one payment header."""
    readable = -MOST_OF_A_PAYMENT < event.amount < MOST_OF_A_PAYMENT
    cells = (
        event.payer_id[:80],
        event.payer_name[:160],
        event.trace[:80],
        str(event.date or ""),
        "" if event.date else event.date_text[:35],
        str(event.amount if readable else 0),
        event.credit_debit[:4],
        event.method[:8],
        event.handling[:4],
        str(facility_id),
        payee_of(event),
        event.payee_name[:160],
        str(event.production_date or ""),
        event.control[:20],
        event.version[:20],
    )
    row = "\t".join(blanked(cell) for cell in cells)
    return f"{tx}\t{payer_id or ''}\t{row}\t{quoted(event.raw)}\n"


def payee_of(event: PaymentHeader) -> str:
    """Return by what claims of this payment are known: the payee's id, else its name."""
    return blanked((event.payee_id or event.payee_name)[:80])


def outside_row(pair: ProviderAdjustment, occurrence: int) -> str:
    """Return the staged row of one pair of a PLB segment, without its payment."""
    readable = -MOST_OF_A_PAYMENT < pair.amount < MOST_OF_A_PAYMENT
    cells = (
        pair.provider[:80],
        str(pair.fiscal_date or ""),
        pair.reason[:8],
        pair.reference[:80],
        str(pair.amount if readable else 0),
        str(occurrence),
    )
    return "\t".join(blanked(cell) for cell in cells) + "\n"


@dataclass(slots=True)
class Payment:
    """The payment being read: what its claims need of it.

    ``remittance_id`` is known once its chunk has been stored.
    """

    tx: int
    row: str
    payee_id: str
    payer_id: int | None
    payer_name: str
    facility_id: int
    specialty: str
    remittance_id: int | None = None


@dataclass(slots=True)
class ClaimRows:
    """All rows of one claim; ids stand before them once they are known."""

    payment: Payment
    digest: bytes
    key: tuple[str, str, date | None]
    claim: str
    row: str
    lines: str
    adjustments: str
    remarks: str
    findings: str


def rows_of(
    claim: RemittanceClaim, payment: Payment, findings: str, amounts: Amounts
) -> ClaimRows:
    """Return the rows of one claim of a payment."""
    parts = _Parts(claim, amounts)
    at = claim.segment
    charge = amounts.money(claim.charge, "CLP03", at)
    paid = amounts.money(claim.paid, "CLP04", at)
    share = amounts.money(claim.patient_responsibility, "CLP05", at)
    number, rendering = claim.patient_control[:80], claim.rendering
    # The statement's dates first: looking through the lines costs more.
    service_from = claim.date_from or claim.service_from
    service_to = claim.date_to or claim.service_to
    dates = f"{service_from or ''}\t{service_to or ''}"
    digest = claim.digest
    patient = f"{name_of(claim.patient)[:200]}\t{member_of(claim)[:80]}"
    provider = name_of(rendering)[:200]
    provider_id = rendering.id[:80] if rendering else ""
    return ClaimRows(
        payment,
        bytes.fromhex(digest),
        (payment.payee_id, number, service_from),
        f"{payment.payee_id}\t{number}\t{dates}\t{payment.facility_id}\t"
        f"{payment.payer_id or ''}\t{payment.payer_name}\t{patient}\t{provider}\t"
        f"{payment.specialty}\t{charge}\t{paid}\t",
        f"{number}\t{claim.status[:20]}\t{charge}\t{paid}\t{share}\t"
        f"{claim.filing_indicator[:8]}\t{claim.payer_control[:80]}\t"
        f"{claim.facility_code[:8]}\t{claim.frequency[:4]}\t{claim.drg[:8]}\t"
        f"{dates}\t{claim.received_date or ''}\t{patient}\t{provider}\t"
        f"{provider_id}\t{'t' if claim.balanced else 'f'}\t"
        f"{unreadable_of(claim, amounts)}\t{at}\t{claim.position}\t{claim.length}\t"
        f"\\x{digest}\t{quoted(claim.raw)}\n",
        "".join(parts.lines),
        "".join(parts.adjustments),
        "".join(parts.remarks),
        findings,
    )


class _Parts:
    """Lines, adjustments and remarks of one claim as rows, in one pass over it."""

    __slots__ = ("_amounts", "adjustments", "lines", "remarks")

    def __init__(self, claim: RemittanceClaim, amounts: Amounts) -> None:
        self._amounts = amounts
        self.lines: list[str] = []
        self.adjustments: list[str] = []
        self.remarks: list[str] = []
        if claim.adjustments:
            self._adjust(0, claim.segment, claim.adjustments)
        if claim.remarks:
            self._remark(0, claim.remarks, _sources(claim))
        for line in claim.lines:
            self._line(line)
            if line.adjustments:
                self._adjust(line.number, line.segment, line.adjustments)
            if line.remarks:
                self._remark(line.number, line.remarks, {})

    def _line(self, line: ServiceLine) -> None:
        at, allowed, money = line.segment, line.allowed, self._amounts.money
        qualifier, code, modifiers, _, text = line.procedure
        more = ",".join([_element(part) for part in modifiers]) if modifiers else ""
        allows = "" if allowed is None else money(allowed, "AMT02", at)
        self.lines.append(
            f"{ID}\t{line.number}\t{at}\t{qualifier[:4]}\t{code[:48]}\t"
            f"{{{more}}}\t{line.revenue_code[:48]}\t{money(line.charge, 'SVC02', at)}\t"
            f"{money(line.paid, 'SVC03', at)}\t{units(line.units)}\t{allows}\t"
            f"{line.original.code[:48]}\t{units(line.original_units)}\t"
            f"{line.date_from or ''}\t{line.date_to or ''}\t{line.control[:80]}\t"
            f"{text[:120]}\n"
        )

    def _adjust(self, line: int, segment: int, entries: Sequence[Adjustment]) -> None:
        add, money = self.adjustments.append, self._amounts.money
        position = len(self.adjustments)
        for group, reason, amount, quantity in entries:
            position += 1
            add(
                f"{ID}\t{position}\t{line}\t{group[:8]}\t{reason[:20]}\t"
                f"{money(amount, 'CAS', segment)}\t{units(quantity)}\n"
            )

    def _remark(
        self, line: int, codes: Sequence[str], sources: Mapping[str, str]
    ) -> None:
        for code in codes:
            position, source = len(self.remarks) + 1, sources.get(code, "LQ")
            self.remarks.append(f"{ID}\t{position}\t{line}\t{code[:16]}\t{source}\n")


def _element(text: str) -> str:
    """Return one text of an array literal."""
    if text.isalnum():
        return text[:8]
    escaped = text[:8].replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _sources(claim: RemittanceClaim) -> dict[str, str]:
    """Return which claim-level remark codes stand in MIA and which in MOA."""
    found: dict[str, str] = {}
    for text in claim.texts:
        tag = text.lstrip()[:3].upper()
        if tag in _REMARK_TAGS:
            elements = text.split(claim.delimiters.element)
            found.update(dict.fromkeys((part.strip() for part in elements), tag))
    return found


def finding_row(order: int, found: Found, remarks: tuple[str, ...]) -> str:
    """Return the staged row of one denial, reduction or pending amount."""
    pattern = found.pattern
    cells = (
        found.group[:8],
        found.carc[:20],
        LIST_MARK.join(code[:16] for code in remarks),
        str(min(found.amount, MOST_OF_A_CLAIM)),
        pattern.label[:160],
        pattern.defect_class[:40],
        pattern.root_cause[:24],
        pattern.failed_stage[:20],
        pattern.owner[:60],
        pattern.first_route[:40],
        "t" if pattern.appealable else "f",
        "t" if pattern.coding_related else "f",
    )
    row = "\t".join(blanked(cell) for cell in cells)
    return f"{ID}\t{order}\t{found.level}\t{found.kind}\t{row}\n"


def unreadable_of(claim: RemittanceClaim, amounts: Amounts) -> str:
    """Return the list of elements kept as text, as JSON in one cell."""
    if not claim.unreadable and not amounts.absurd:
        return "[]"
    found = [*claim.unreadable, *amounts.absurd]
    return quoted(json.dumps([entry._asdict() for entry in found]))
