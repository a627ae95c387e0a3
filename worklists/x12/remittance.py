"""The 835 as a small state machine: segments in, payments and claims out.

Source: X12 005010X221A1 and 004010X091A1. Claims come one by one; a transaction is
never held. The machine never refuses: what cannot be read is kept as text and named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from decimal import Decimal

from worklists.x12.events import (
    Adjustment,
    Amount,
    Delimiters,
    Event,
    Finding,
    Limits,
    Party,
    PaymentHeader,
    ProviderAdjustment,
    ProviderAdjustments,
    Reference,
    RemittanceClaim,
    ServiceLine,
    Unreadable,
)
from worklists.x12.segments import Segment
from worklists.x12.values import ZERO, amount, day

REMARK_PLACES = {"MIA": (5, 20, 21, 22, 23), "MOA": (3, 4, 5, 6, 7)}
Handler = Callable[["Remittance", Segment], None]


def at(elements: list[str], place: int) -> str:
    """Return an element, stripped, or nothing where it is absent."""
    return elements[place].strip() if place < len(elements) else ""


class Remittance:
    """One 835 transaction being read."""

    def __init__(
        self, start: Segment, control: str, version: str, cuts: Delimiters, limits: Limits
    ) -> None:
        self.header = PaymentHeader(
            start.number, start.position, control=control, version=version
        )
        self.cuts = cuts
        self.limits = limits
        self.claim: RemittanceClaim | None = None
        self.line: ServiceLine | None = None
        self.party = ""
        self.headed = False
        self.claims = 0
        self.incomplete = 0
        self.paid_sum = ZERO
        self.plb_total = ZERO
        self.payment: Decimal | None = None
        self.out: list[Event] = []
        self._raw: list[str] = []
        self._plain = str.maketrans(
            {cuts.element: "*", cuts.component: ":", **_repetition(cuts)}
        )
        self._usual = (cuts.element, cuts.component) == ("*", ":")

    # -- driving ----------------------------------------------------------------

    def take(self, segment: Segment) -> Iterator[Event]:
        """Take one segment and yield what it completed."""
        tag = segment.elements[0]
        if tag == "CLP":
            yield from self._next_claim(segment)
            return
        if tag == "PLB":
            yield from self._provider_adjustments(segment)
            return
        if self.claim is not None:
            claim = self.claim
            if tag in _LEAVES:
                yield from self.end_claim(segment.position)
                return
            claim.last_segment = segment.number
            if len(claim.texts) < self.limits.claim_segments:
                claim.texts.append(segment.text)
            else:
                claim.complete = False
            handler = _CLAIM.get(tag)
        else:
            self._raw.append(segment.text)
            handler = _HEADER.get(tag)
        if handler is not None:
            handler(self, segment)
        if self.out:
            yield from self.out
            self.out.clear()

    def _next_claim(self, segment: Segment) -> Iterator[Event]:
        yield from self.end_claim(segment.position)
        yield from self.end_header()
        self.claims += 1
        e = segment.elements
        claim = RemittanceClaim(
            segment.number,
            segment.position,
            self.claims,
            at(e, 1),
            at(e, 2),
            ZERO,
            ZERO,
            ZERO,
            at(e, 6),
            at(e, 7),
            at(e, 8),
            at(e, 9),
            at(e, 11),
            [segment.text],
            last_segment=segment.number,
        )
        self.claim, self.line = claim, None
        claim.charge = self._money(e, 3, "CLP03", segment.number)
        claim.paid = self._money(e, 4, "CLP04", segment.number)
        claim.patient_responsibility = self._money(e, 5, "CLP05", segment.number)
        self.paid_sum += claim.paid

    def end_header(self) -> Iterator[Event]:
        """Yield the payment's header once, before its first claim or at the end."""
        if self.headed:
            return
        self.headed = True
        header = self.header
        header.raw = "".join(f"{text}~\n" for text in self._raw)
        self._name_payer()
        if self.payment is None:
            yield self._finding("bpr_missing", "The payment has no readable BPR amount.")
        if not header.trace:
            yield self._finding("trn_missing", "The payment has no TRN trace number.")
        yield header

    def _finding(self, code: str, message: str) -> Finding:
        header = self.header
        return Finding(code, header.segment, header.position, message, "warning")

    def _name_payer(self) -> None:
        header = self.header
        candidates = [
            ("TRN03", header.originator),
            ("BPR10", self._bpr10),
            *(("REF", r.value) for r in header.references if r.qualifier in _PAYER_REFS),
            ("N104", header.payer.id if header.payer else ""),
            ("N102", header.payer_name),
        ]
        for source, value in candidates:
            if value:
                header.payer_id, header.payer_id_source = value, source
                return

    _bpr10 = ""

    def end_claim(self, position: int, *, cut: bool = False) -> Iterator[Event]:
        """Finish the claim being read and yield it with what is odd about it."""
        claim = self.claim
        if claim is None:
            return
        self.claim = self.line = None
        claim.length = position - claim.position
        if cut:
            claim.complete = False
        text = "~".join(claim.texts)
        if not self._usual:
            text = text.translate(self._plain)
        claim.digest = hashlib.sha256(text.encode()).hexdigest()
        if not claim.complete:
            self.incomplete += 1
        yield claim
        yield from self._oddities(claim)

    def _oddities(self, claim: RemittanceClaim) -> Iterator[Finding]:
        def finding(code: str, message: str, level: str = "warning") -> Finding:
            return Finding(
                code, claim.segment, claim.position, message, level, claim.patient_control
            )

        for item in claim.unreadable:
            code = "date_unreadable" if item.element.startswith("DTM") else (
                "amount_unreadable"
            )
            yield Finding(
                code,
                item.segment,
                claim.position,
                f"{item.element} cannot be read; its text is kept.",
                "warning",
                claim.patient_control,
            )
        if not claim.patient_control:
            yield finding("claim_id_missing", "The claim has no patient control number.")
        if not (claim.status.isdecimal() and len(claim.status) <= 2):
            yield finding("claim_status_unusable", "CLP02 is no claim status.")
        if not claim.complete:
            yield finding(
                "claim_incomplete",
                "The file ends inside this claim; it was not stored.",
                "error",
            )
        elif not claim.balanced:
            yield finding(
                "claim_not_balanced", "Charge less paid is not the sum of its adjustments."
            )

    # -- values -----------------------------------------------------------------

    def _money(self, elements: list[str], place: int, name: str, segment: int) -> Decimal:
        if place >= len(elements):
            return ZERO
        text = elements[place]
        value = amount(text)
        if value is not None:
            return value
        if text.strip():
            self._unreadable(name, text, segment)
        return ZERO

    def _unreadable(self, name: str, text: str, segment: int) -> None:
        found = Unreadable(name, text[:80], segment)
        (self.claim or self.header).unreadable.append(found)

    def _number(self, elements: list[str], place: int) -> Decimal | None:
        text = at(elements, place)
        return amount(text) if text else None

    # -- header -----------------------------------------------------------------

    def _bpr(self, segment: Segment) -> None:
        e, header = segment.elements, self.header
        header.handling = at(e, 1)
        self.payment = amount(at(e, 2))
        header.amount = self._money(e, 2, "BPR02", segment.number)
        header.credit_debit, header.method = at(e, 3), at(e, 4)
        self._bpr10 = at(e, 10)
        header.date_text = at(e, 16)
        header.date = day(header.date_text)

    def _trn(self, segment: Segment) -> None:
        self.header.trace = at(segment.elements, 2)
        self.header.originator = at(segment.elements, 3)

    def _n1(self, segment: Segment) -> None:
        e, header = segment.elements, self.header
        party = Party(at(e, 1), "", at(e, 2), "", "", "", at(e, 3), at(e, 4))
        self.party = party.entity
        if party.entity == "PR":
            header.payer, header.payer_name = party, party.last
        elif party.entity == "PE":
            header.payee, header.payee_name = party, party.last
            header.payee_id, header.payee_id_qualifier = party.id, party.id_qualifier
            if party.id_qualifier == "XX":
                header.payee_npi = party.id
            elif party.id_qualifier == "FI":
                header.payee_tax_id = party.id

    def _header_ref(self, segment: Segment) -> None:
        found = Reference(at(segment.elements, 1), at(segment.elements, 2))
        self.header.references.append(found)
        if self.party == "PE" and found.qualifier == "TJ":
            self.header.payee_tax_id = self.header.payee_tax_id or found.value
        if self.party == "PE" and found.qualifier == "PQ" and len(found.value) == 10:
            self.header.payee_npi = self.header.payee_npi or found.value

    def _header_dtm(self, segment: Segment) -> None:
        if at(segment.elements, 1) == "405":
            self.header.production_date = day(at(segment.elements, 2))

    # -- claim ------------------------------------------------------------------

    def _cas(self, segment: Segment) -> None:
        e = segment.elements
        group = at(e, 1).upper()
        assert self.claim is not None
        target = self.line.adjustments if self.line else self.claim.adjustments
        for place in range(2, len(e), 3):
            reason = e[place].strip().upper()
            if not reason and not at(e, place + 1):
                continue
            money = self._money(e, place + 1, f"CAS{place + 1:02d}", segment.number)
            target.append(Adjustment(group, reason, money, self._number(e, place + 2)))

    def _nm1(self, segment: Segment) -> None:
        assert self.claim is not None
        e = segment.elements
        self.claim.parties.append(
            Party(
                at(e, 1), at(e, 2), at(e, 3), at(e, 4), at(e, 5), at(e, 7), at(e, 8), at(e, 9)
            )
        )

    def _remarks(self, segment: Segment) -> None:
        assert self.claim is not None
        for place in REMARK_PLACES[segment.elements[0]]:
            code = at(segment.elements, place)
            if code:
                self.claim.remarks.append(code)

    def _lq(self, segment: Segment) -> None:
        assert self.claim is not None
        code = at(segment.elements, 2)
        if code and at(segment.elements, 1).upper() == "HE":
            (self.line or self.claim).remarks.append(code)

    def _svc(self, segment: Segment) -> None:
        assert self.claim is not None
        e, number = segment.elements, segment.number
        qualifier, code, modifiers, description = self._procedure(at(e, 1))
        original = self._procedure(at(e, 6))
        line = ServiceLine(
            number=len(self.claim.lines) + 1,
            segment=number,
            qualifier=qualifier,
            code=code,
            modifiers=modifiers,
            description=description,
            charge=self._money(e, 2, "SVC02", number),
            paid=self._money(e, 3, "SVC03", number),
            revenue_code=at(e, 4),
            units=self._number(e, 5),
            original_qualifier=original[0],
            original_code=original[1],
            original_modifiers=original[2],
            original_units=self._number(e, 7),
            text=at(e, 1),
        )
        self.claim.lines.append(line)
        self.line = line

    def _procedure(self, text: str) -> tuple[str, str, tuple[str, ...], str]:
        parts = [part.strip() for part in text.split(self.cuts.component)]
        parts += [""] * (7 - len(parts))
        return parts[0], parts[1], tuple(p for p in parts[2:6] if p), parts[6]

    def _dtm(self, segment: Segment) -> None:
        assert self.claim is not None
        qualifier, text = at(segment.elements, 1), at(segment.elements, 2)
        moment = day(text)
        if moment is None:
            if text:
                self._unreadable("DTM02", text, segment.number)
            return
        if self.line is None:
            self.claim.statement_dates.setdefault(qualifier, moment)
        elif qualifier in {"472", "150"}:
            self.line.date_from = self.line.date_from or moment
        elif qualifier == "151":
            self.line.date_to = moment

    def _ref(self, segment: Segment) -> None:
        assert self.claim is not None
        found = Reference(at(segment.elements, 1), at(segment.elements, 2))
        (self.line or self.claim).references.append(found)
        if self.line is not None and found.qualifier == "6R":
            self.line.control = found.value

    def _amt(self, segment: Segment) -> None:
        assert self.claim is not None
        qualifier = at(segment.elements, 1)
        value = self._money(segment.elements, 2, f"{segment.elements[0]}02", segment.number)
        (self.line or self.claim).amounts.append(Amount(qualifier, value))
        if self.line is not None and qualifier == "B6":
            self.line.allowed = value

    # -- PLB --------------------------------------------------------------------

    def _provider_adjustments(self, segment: Segment) -> Iterator[Event]:
        yield from self.end_claim(segment.position)
        yield from self.end_header()
        e, unreadable = segment.elements, list[Unreadable]()
        found = []
        for place in range(3, len(e) - 1, 2):
            if not e[place].strip() and not e[place + 1].strip():
                continue
            reason, _, reference = at(e, place).partition(self.cuts.component)
            value = amount(e[place + 1])
            if value is None:
                text = e[place + 1][:80]
                unreadable.append(Unreadable(f"PLB{place + 1:02d}", text, segment.number))
                value = ZERO
            self.plb_total += value
            found.append(
                ProviderAdjustment(at(e, 1), day(at(e, 2)), reason, reference, value)
            )
        yield ProviderAdjustments(
            segment.number, segment.position, found, unreadable, f"{segment.text}~\n"
        )
        for item in unreadable:
            yield Finding(
                "amount_unreadable",
                segment.number,
                segment.position,
                f"{item.element} cannot be read; its text is kept.",
                "warning",
            )


def _repetition(cuts: Delimiters) -> dict[str, str]:
    return {cuts.repetition: "^"} if cuts.repetition else {}


_PAYER_REFS = frozenset({"2U", "EV", "NF", "HI"})
_LEAVES = frozenset({"LX", "TS3", "TS2"})
_HEADER: dict[str, Handler] = {
    "BPR": Remittance._bpr,
    "TRN": Remittance._trn,
    "N1": Remittance._n1,
    "REF": Remittance._header_ref,
    "DTM": Remittance._header_dtm,
}
_CLAIM: dict[str, Handler] = {
    "CAS": Remittance._cas,
    "NM1": Remittance._nm1,
    "MIA": Remittance._remarks,
    "MOA": Remittance._remarks,
    "LQ": Remittance._lq,
    "SVC": Remittance._svc,
    "DTM": Remittance._dtm,
    "REF": Remittance._ref,
    "AMT": Remittance._amt,
    "QTY": Remittance._amt,
}
