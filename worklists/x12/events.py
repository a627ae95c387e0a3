"""What the reader yields: plain, typed, slotted. Amounts are ``Decimal`` dollars.

Texts are as in the file, never with NUL; absent is ``""``. Segment numbers run from 1
over the whole file, positions are byte offsets in it. Objects are read-only by
agreement: they are not frozen, because freezing costs a third of the reader's speed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date as Day  # noqa: N812 - a header has a field `date`
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple

ZERO = Decimal(0)


class Finding(NamedTuple):
    """A fault of the file: a stable code, where it stands, one sentence.

    ``segment`` is 0 where the file as a whole is meant. ``level`` is ``note`` (a mark,
    nothing is lost), ``warning`` or ``error`` (content is lost or not known).
    ``claim`` is CLP01 where one claim is meant.
    """

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
    """An element that could not be read (``CLP03``), as it stands in the file.

    ``text`` is cut at 80 characters; ``segment`` and ``position`` are its segment's.
    """

    element: str
    text: str
    segment: int
    position: int = 0


class Delimiters(NamedTuple):
    """The separators in force; ``repetition`` is empty in 4010."""

    element: str
    component: str
    repetition: str
    segment: str


@dataclass(slots=True)
class InterchangeStart:
    """An ISA; sender and receiver without their padding."""

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
    """An ST. ``name`` tells 837P from 837I and 837D, and 277CA from 277.

    ``supported`` is False where nothing of the body is read.
    """

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
    name: str = ""


class Party(NamedTuple):
    """An NM1, or an N1 (then ``kind`` is empty and ``last`` the whole name)."""

    entity: str
    kind: str
    last: str
    first: str
    middle: str
    prefix: str
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
    """One CAS triplet; group and reason in capitals, without blanks."""

    group: str
    reason: str
    amount: Decimal
    quantity: Decimal | None


class Procedure(NamedTuple):
    """A procedure composite (SVC01, SVC06); ``text`` is the composite itself."""

    qualifier: str
    code: str
    modifiers: tuple[str, ...]
    description: str
    text: str


NO_PROCEDURE = Procedure("", "", (), "", "")


@dataclass(slots=True)
class PaymentHeader:
    """BPR, TRN, payer and payee of an 835: everything before its first claim.

    ``payer_id`` is the first of TRN03, BPR10, a payer's REF (2U, EV, NF, HI), N104 and
    the payer's name that is there; ``payer_id_source`` says which.
    """

    segment: int
    position: int
    handling: str = ""
    amount: Decimal = ZERO
    credit_debit: str = ""
    method: str = ""
    date: Day | None = None
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
    production_date: Day | None = None
    unreadable: list[Unreadable] = field(default_factory=list)
    raw: str = ""


@dataclass(slots=True)
class ServiceLine:
    """One SVC with what follows it.

    ``units`` absent means 1 by the guide. ``control`` is REF*6R, ``allowed`` AMT*B6;
    both are not repeated in ``references`` and ``amounts``.
    """

    number: int
    segment: int
    procedure: Procedure
    charge: Decimal
    paid: Decimal
    revenue_code: str
    units: Decimal | None
    original: Procedure = NO_PROCEDURE
    original_units: Decimal | None = None
    date_from: Day | None = None
    date_to: Day | None = None
    control: str = ""
    allowed: Decimal | None = None
    adjustments: tuple[Adjustment, ...] = ()
    remarks: Sequence[str] = ()
    amounts: Sequence[Amount] = ()
    quantities: Sequence[Amount] = ()
    references: Sequence[Reference] = ()

    @property
    def qualifier(self) -> str:
        """Return SVC01-1."""
        return self.procedure.qualifier

    @property
    def code(self) -> str:
        """Return SVC01-2, the procedure or drug number."""
        return self.procedure.code

    @property
    def modifiers(self) -> tuple[str, ...]:
        """Return the modifiers of SVC01 that are there."""
        return self.procedure.modifiers

    @property
    def description(self) -> str:
        """Return SVC01-7."""
        return self.procedure.description

    @property
    def text(self) -> str:
        """Return SVC01 as in the file."""
        return self.procedure.text

    @property
    def original_qualifier(self) -> str:
        """Return SVC06-1."""
        return self.original.qualifier

    @property
    def original_code(self) -> str:
        """Return SVC06-2: what was billed, where the payer changed it."""
        return self.original.code

    @property
    def original_modifiers(self) -> tuple[str, ...]:
        """Return the modifiers of SVC06 that are there."""
        return self.original.modifiers


@dataclass(slots=True)
class RemittanceClaim:
    """One CLP with everything up to the next.

    ``length`` is the number of bytes from CLP to the segment behind the claim. ``raw``
    holds its segments as in the file, each with ``~`` and a line break behind it.
    ``balanced``: CLP03 less CLP04 is the sum of every CAS. Trap: a claim that is not
    ``complete`` was cut off and must not be stored.
    """

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
    delimiters: Delimiters
    lines: list[ServiceLine]
    dates: list[tuple[str, Day]]
    parties: tuple[Party, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    last_segment: int = 0
    length: int = 0
    raw: str = ""
    balanced: bool = True
    complete: bool = True
    remarks: Sequence[str] = ()
    amounts: Sequence[Amount] = ()
    quantities: Sequence[Amount] = ()
    references: Sequence[Reference] = ()
    unreadable: Sequence[Unreadable] = ()

    @property
    def texts(self) -> list[str]:
        """Return the claim's segments as in the file."""
        return self.raw.split("~\n")[:-1]

    def party(self, entity: str) -> Party | None:
        """Return the first NM1 of an entity code."""
        for party in self.parties:
            if party.entity == entity:
                return party
        return None

    def date_of(self, qualifier: str) -> Day | None:
        """Return the first claim date of a qualifier."""
        for found, when in self.dates:
            if found == qualifier:
                return when
        return None

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
    def statement_dates(self) -> dict[str, Day]:
        """Return the first date of every qualifier."""
        return dict(reversed(self.dates))

    @property
    def date_from(self) -> Day | None:
        """Return DTM*232."""
        return self.date_of("232")

    @property
    def date_to(self) -> Day | None:
        """Return DTM*233."""
        return self.date_of("233")

    @property
    def received_date(self) -> Day | None:
        """Return DTM*050."""
        return self.date_of("050")

    @property
    def service_from(self) -> Day | None:
        """Return DTM*232, else the earliest line's date: part of the claim's key."""
        dates = [line.date_from for line in self.lines if line.date_from]
        return self.date_of("232") or min(dates, default=None)

    @property
    def service_to(self) -> Day | None:
        """Return DTM*233, else the latest line's date."""
        dates = [d for line in self.lines for d in (line.date_to, line.date_from) if d]
        return self.date_of("233") or max(dates, default=None)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the claim's elements, in hex.

        The same claim under other separators, other line ends, other indentation or
        with empty elements at a segment's end has the same digest.
        """
        return sha256(normalised(self.raw, self.delimiters).encode()).hexdigest()


USUAL = ("*", ":")
_SET_ASIDE = {"*": "\x1d", ":": "\x1f", "^": "\x1e"}


def normalised(raw: str, cuts: Delimiters) -> str:
    """Return segments with the usual separators and no needless elements or blanks.

    ``raw`` has a ``~`` and a line break behind every segment.
    """
    plain = (cuts.element, cuts.component) == USUAL
    if not plain:
        own = {cuts.element: "*", cuts.component: ":", cuts.repetition: "^"}
        own.pop("", None)
        signs = {ord(sign): other for sign, other in {**_SET_ASIDE, **own}.items()}
        raw = raw.translate(signs)
    if "*~\n" not in raw and "\n " not in raw and "\n\t" not in raw and raw[:1] > " ":
        return raw
    segments = raw.split("~\n")
    return "~\n".join(segment.strip(" \t").rstrip("*") for segment in segments)


class ProviderAdjustment(NamedTuple):
    """One reason and amount of a PLB; above 0 it lowers the payment."""

    provider: str
    fiscal_date: Day | None
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
    """An SE, or where one should have been (then ``complete`` is False).

    ``payment`` is BPR02, None where there is none to read. ``balances``: it equals the
    sum of CLP04 less the sum of PLB. ``claims`` counts CLP, CLM or claim-level STC;
    ``counts`` holds what an 837 or 27x machine counted.
    """

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
    counts: object = None


@dataclass(slots=True)
class FileEnd:
    """The end of the file and what was found in all.

    ``complete``: every envelope was closed and the last segment had its terminator.
    ``readable``: at least one claim was read. ``suppressed``: findings beyond the cap.
    """

    bytes: int
    segments: int
    interchanges: int
    groups: int
    transactions: int
    complete: bool
    readable: bool
    structure: dict[str, object]
    suppressed: dict[str, int]


Event = (
    InterchangeStart
    | TransactionStart
    | PaymentHeader
    | RemittanceClaim
    | ProviderAdjustments
    | TransactionEnd
    | Finding
    | FileEnd
)
