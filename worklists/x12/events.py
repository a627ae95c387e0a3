"""What the reader yields: plain, typed, slotted. Amounts are ``Decimal`` dollars."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple


class Finding(NamedTuple):
    """A fault of the file: a stable code, where it stands, one sentence."""

    code: str
    segment: int
    position: int
    message: str
    level: str
    claim: str = ""

    @property
    def as_json(self) -> dict[str, object]:
        """Return the shape of CONTRACT 2."""
        return {
            "code": self.code,
            "segment": self.segment,
            "position": self.position,
            "message": self.message,
        }


class Unreadable(NamedTuple):
    """An element that could not be read, as it stands in the file."""

    element: str
    text: str
    segment: int


class Delimiters(NamedTuple):
    """The separators in force; ``repetition`` is empty in 4010."""

    element: str
    component: str
    repetition: str
    segment: str


@dataclass(slots=True)
class InterchangeStart:
    """An ISA."""

    segment: int
    position: int
    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    control: str
    version: str
    date: str
    time: str
    usage: str
    delimiters: Delimiters


@dataclass(slots=True)
class TransactionStart:
    """An ST."""

    segment: int
    position: int
    kind: str
    control: str
    version: str
    functional_id: str
    group_control: str
    interchange_control: str
    sender: str
    receiver: str
    supported: bool


class Party(NamedTuple):
    """An N1 or NM1."""

    entity: str
    kind: str
    last: str
    first: str
    middle: str
    suffix: str
    id_qualifier: str
    id: str


class Reference(NamedTuple):
    """A REF."""

    qualifier: str
    value: str


class Amount(NamedTuple):
    """An AMT or QTY."""

    qualifier: str
    amount: Decimal


class Adjustment(NamedTuple):
    """One CAS triplet."""

    group: str
    reason: str
    amount: Decimal
    quantity: Decimal | None


@dataclass(slots=True)
class PaymentHeader:
    """BPR, TRN, payer and payee of an 835."""

    segment: int
    position: int
    handling: str = ""
    amount: Decimal = Decimal(0)
    credit_debit: str = ""
    method: str = ""
    date: date | None = None
    date_text: str = ""
    trace: str = ""
    originator: str = ""
    payer_id: str = ""
    payer_id_source: str = ""
    payer: Party | None = None
    payee: Party | None = None
    payer_name: str = ""
    payee_name: str = ""
    payee_id: str = ""
    payee_id_qualifier: str = ""
    payee_tax_id: str = ""
    payee_npi: str = ""
    references: list[Reference] = field(default_factory=list)
    control: str = ""
    version: str = ""
    production_date: date | None = None
    unreadable: list[Unreadable] = field(default_factory=list)
    raw: str = ""


@dataclass(slots=True)
class ServiceLine:
    """One SVC with what follows it."""

    number: int
    segment: int
    qualifier: str
    code: str
    modifiers: tuple[str, ...]
    description: str
    charge: Decimal
    paid: Decimal
    revenue_code: str
    units: Decimal | None
    original_qualifier: str
    original_code: str
    original_modifiers: tuple[str, ...]
    original_units: Decimal | None
    text: str
    date_from: date | None = None
    date_to: date | None = None
    control: str = ""
    adjustments: list[Adjustment] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    allowed: Decimal | None = None
    amounts: list[Amount] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)


@dataclass(slots=True)
class RemittanceClaim:
    """One CLP with everything up to the next."""

    segment: int
    position: int
    number: int
    patient_control: str
    status: str
    charge: Decimal
    paid: Decimal
    patient_responsibility: Decimal
    filing_indicator: str
    payer_control: str
    facility_code: str
    frequency: str
    drg: str
    texts: list[str]
    last_segment: int = 0
    length: int = 0
    parties: list[Party] = field(default_factory=list)
    statement_dates: dict[str, date] = field(default_factory=dict)
    adjustments: list[Adjustment] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    amounts: list[Amount] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    lines: list[ServiceLine] = field(default_factory=list)
    complete: bool = True
    unreadable: list[Unreadable] = field(default_factory=list)
    digest: str = ""

    def party(self, entity: str) -> Party | None:
        """Return the first NM1 of an entity code."""
        return next((p for p in self.parties if p.entity == entity), None)

    @property
    def patient(self) -> Party | None:
        """Return NM1*QC."""
        return self.party("QC")

    @property
    def insured(self) -> Party | None:
        """Return NM1*IL."""
        return self.party("IL")

    @property
    def corrected_patient(self) -> Party | None:
        """Return NM1*74."""
        return self.party("74")

    @property
    def rendering(self) -> Party | None:
        """Return NM1*82."""
        return self.party("82")

    @property
    def date_from(self) -> date | None:
        """Return DTM*232."""
        return self.statement_dates.get("232")

    @property
    def date_to(self) -> date | None:
        """Return DTM*233."""
        return self.statement_dates.get("233")

    @property
    def received_date(self) -> date | None:
        """Return DTM*050."""
        return self.statement_dates.get("050")

    @property
    def service_from(self) -> date | None:
        """Return DTM*232, else the earliest line's date: part of the claim's key."""
        dates = [line.date_from for line in self.lines if line.date_from]
        return self.date_from or min(dates, default=None)

    @property
    def service_to(self) -> date | None:
        """Return DTM*233, else the latest line's date."""
        dates = [d for line in self.lines for d in (line.date_to, line.date_from) if d]
        return self.date_to or max(dates, default=None)

    @property
    def balanced(self) -> bool:
        """Return whether CLP03 - CLP04 is the sum of every CAS."""
        total = sum((a.amount for a in self.adjustments), Decimal(0))
        for line in self.lines:
            for adjustment in line.adjustments:
                total += adjustment.amount
        return self.charge - self.paid == total

    @property
    def raw(self) -> str:
        """Return the claim's segments, one a line, for the evidence view."""
        return "".join(f"{text}~\n" for text in self.texts)


class ProviderAdjustment(NamedTuple):
    """One reason and amount of a PLB."""

    provider: str
    fiscal_date: date | None
    reason: str
    reference: str
    amount: Decimal


@dataclass(slots=True)
class ProviderAdjustments:
    """One PLB segment with all its pairs."""

    segment: int
    position: int
    adjustments: list[ProviderAdjustment]
    unreadable: list[Unreadable]
    raw: str


@dataclass(slots=True)
class TransactionEnd:
    """An SE, or where one should have been."""

    segment: int
    position: int
    kind: str
    control: str
    claims: int
    incomplete_claims: int
    payment: Decimal | None
    paid_sum: Decimal
    plb_total: Decimal
    balances: bool
    complete: bool
    declared_segments: int | None
    segments: int


@dataclass(slots=True)
class FileEnd:
    """The end of the file and what was found in all."""

    bytes: int
    segments: int
    interchanges: int
    groups: int
    transactions: int
    complete: bool
    readable: bool
    structure: dict[str, object]
    suppressed: dict[str, int]


@dataclass(slots=True)
class OtherSegment:
    """A segment of a transaction that is counted and not loaded (837, 276, 277)."""

    kind: str
    segment: int
    position: int
    elements: list[str]
    component: str


@dataclass(slots=True)
class Limits:
    """Upper bounds of what is taken into memory."""

    segment_bytes: int = 1 << 20
    elements: int = 2_000
    segments: int = 50_000_000
    claim_segments: int = 20_000


Event = (
    InterchangeStart
    | TransactionStart
    | PaymentHeader
    | RemittanceClaim
    | ProviderAdjustments
    | OtherSegment
    | TransactionEnd
    | Finding
    | FileEnd
)
