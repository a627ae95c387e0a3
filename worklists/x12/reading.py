"""The one loop over a file: envelopes around, a state machine inside each 835.

Envelope faults (counts, control numbers, missing trailers) are findings; what was
read is kept. Source: X12 ISA/GS/ST control structure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from worklists.x12.events import (
    Event,
    FileEnd,
    Finding,
    InterchangeStart,
    Limits,
    OtherSegment,
    RemittanceClaim,
    TransactionEnd,
    TransactionStart,
)
from worklists.x12.remittance import Remittance, at
from worklists.x12.segments import CHUNK, Reader, Segment
from worklists.x12.values import ZERO

COUNTED = frozenset({"837", "276", "277"})
SUPPORTED = COUNTED | {"835"}
MOST_OF_A_CODE = 200
_CLAIM_TAGS = frozenset({"CLP", "CLM", "STC"})
_ENVELOPE = frozenset({"ISA", "IEA", "GS", "GE", "ST", "SE", "TA1"})


def read_file(
    stream: BinaryIO, *, limits: Limits | None = None, chunk_size: int = CHUNK
) -> Iterator[Event]:
    """Yield what a file says, event by event, in bounded memory.

    Never raises on content. Order: interchange, transaction, payment header, claims,
    provider adjustments, transaction end; findings anywhere; ``FileEnd`` last.
    """
    yield from _File(Reader(stream, limits or Limits(), chunk_size)).events()


@dataclass(slots=True)
class _Transaction:
    start: TransactionStart
    first: int
    machine: Remittance | None


@dataclass(slots=True)
class _File:
    """The envelopes of one file."""

    reader: Reader
    interchange: InterchangeStart | None = None
    functional_id: str = ""
    group_control: str = ""
    version: str = ""
    transaction: _Transaction | None = None
    in_group: bool = False
    group_sets: int = 0
    groups_in_interchange: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    issues: list[str] = field(default_factory=list)
    readable: bool = False
    closed: bool = True
    last: Segment | None = None

    def events(self) -> Iterator[Event]:
        """Yield every event, holding back findings beyond the cap of their code."""
        for event in self._events():
            if type(event) is Finding:
                self.codes[event.code] += 1
                if self.codes[event.code] > MOST_OF_A_CODE:
                    continue
            yield event

    def _events(self) -> Iterator[Event]:
        findings = self.reader.findings
        for segment in self.reader:
            if findings:
                yield from findings
                findings.clear()
            self.last = segment
            tag = segment.elements[0]
            if tag in _ENVELOPE:
                yield from _STEPS[tag](self, segment)
            elif self.transaction is None:
                yield self._fault(
                    segment,
                    "segment_outside_transaction",
                    f"A {tag[:3]} segment stands outside a transaction.",
                )
            else:
                yield from self._body(self.transaction, segment)
        yield from self._end()
        yield from findings
        findings.clear()
        yield self._file_end()

    def _fault(
        self, segment: Segment, code: str, message: str, level: str = "warning"
    ) -> Finding:
        self.issues.append(code)
        return Finding(code, segment.number, segment.position, message, level)

    def _body(self, transaction: _Transaction, segment: Segment) -> Iterator[Event]:
        if segment.elements[0] in _CLAIM_TAGS and transaction.start.supported:
            self.readable = True
        if transaction.machine is not None:
            yield from transaction.machine.take(segment)
        elif transaction.start.supported:
            assert self.reader.delimiters is not None
            yield OtherSegment(
                transaction.start.kind,
                segment.number,
                segment.position,
                segment.elements,
                self.reader.delimiters.component,
            )

    # -- envelopes --------------------------------------------------------------

    def _isa(self, segment: Segment) -> Iterator[Event]:
        yield from self._close(segment, "ISA")
        e = segment.elements
        assert self.reader.delimiters is not None
        self.counts["interchanges"] += 1
        self.groups_in_interchange = 0
        self.interchange = InterchangeStart(
            segment.number,
            segment.position,
            at(e, 5),
            at(e, 6),
            at(e, 7),
            at(e, 8),
            at(e, 13),
            at(e, 12),
            at(e, 9),
            at(e, 10),
            at(e, 15),
            self.reader.delimiters,
        )
        yield self.interchange

    def _gs(self, segment: Segment) -> Iterator[Event]:
        yield from self._close(segment, "GS")
        e = segment.elements
        self.counts["groups"] += 1
        self.groups_in_interchange += 1
        self.in_group, self.group_sets = True, 0
        self.functional_id, self.group_control = at(e, 1), at(e, 6)
        self.version = at(e, 8)

    def _st(self, segment: Segment) -> Iterator[Event]:
        yield from self._close(segment, "ST")
        e = segment.elements
        kind = at(e, 1)
        self.counts["transactions"] += 1
        self.group_sets += 1
        self.kinds[kind] += 1
        here = self.interchange
        start = TransactionStart(
            segment.number,
            segment.position,
            kind,
            at(e, 2),
            self.version or at(e, 3),
            self.functional_id,
            self.group_control,
            here.control if here else "",
            here.sender if here else "",
            here.receiver if here else "",
            kind in SUPPORTED,
        )
        cuts = self.reader.delimiters
        assert cuts is not None
        machine = None
        if kind == "835":
            machine = Remittance(
                segment, start.control, start.version, cuts, self.reader.limits
            )
        self.transaction = _Transaction(start, segment.number, machine)
        yield start
        if not start.supported:
            yield self._fault(
                segment,
                "unsupported_transaction",
                f"Transaction set {kind[:10] or 'without a number'} is not read here; "
                "nothing of it was loaded.",
            )

    def _se(self, segment: Segment) -> Iterator[Event]:
        if self.transaction is None:
            yield self._fault(segment, "orphan_segment", "An SE ends no transaction.")
            return
        start = self.transaction.start
        declared = at(segment.elements, 1)
        actual = segment.number - self.transaction.first + 1
        if declared != str(actual) and declared.lstrip("0") != str(actual):
            yield self._fault(
                segment,
                "se_count_mismatch",
                f"SE says {declared[:10] or 'nothing'} segments, {actual} were read.",
            )
        if at(segment.elements, 2) != start.control:
            yield self._fault(
                segment, "se_control_mismatch", "SE02 is not the number of its ST02."
            )
        count = int(declared) if declared.isdecimal() and len(declared) < 10 else None
        yield from self._end_transaction(segment, complete=True, declared=count)

    def _ge(self, segment: Segment) -> Iterator[Event]:
        yield from self._close(segment, "GE")
        if not self.in_group:
            return
        self.in_group = False
        if at(segment.elements, 1).lstrip("0") != str(self.group_sets):
            yield self._fault(
                segment,
                "ge_count_mismatch",
                f"GE says {at(segment.elements, 1)[:10]} transactions, "
                f"{self.group_sets} were read.",
            )
        if at(segment.elements, 2) != self.group_control:
            yield self._fault(
                segment, "ge_control_mismatch", "GE02 is not the number of its GS06."
            )

    def _iea(self, segment: Segment) -> Iterator[Event]:
        yield from self._close(segment, "IEA")
        here, self.interchange = self.interchange, None
        if here is None:
            return
        if at(segment.elements, 1).lstrip("0") != str(self.groups_in_interchange):
            yield self._fault(
                segment,
                "iea_count_mismatch",
                f"IEA says {at(segment.elements, 1)[:10]} groups, "
                f"{self.groups_in_interchange} were read.",
            )
        if at(segment.elements, 2) != here.control:
            yield self._fault(
                segment, "iea_control_mismatch", "IEA02 is not the number of its ISA13."
            )

    def _ta1(self, segment: Segment) -> Iterator[Event]:
        self.kinds["TA1"] += 1
        yield self._fault(
            segment,
            "unsupported_transaction",
            "TA1 (interchange acknowledgment) is not read here.",
        )

    def _close(self, segment: Segment, by: str) -> Iterator[Event]:
        """End what is still open when a new envelope begins or an outer one ends."""
        if self.transaction is not None:
            yield self._fault(
                segment, "se_missing", f"SE is missing: {by} came before it.", "error"
            )
            yield from self._end_transaction(segment, complete=False)
        if by in {"GS", "IEA", "ISA"} and self.in_group:
            self.in_group = False
            yield self._fault(segment, "ge_missing", f"GE is missing: {by} came first.")
        if by == "ISA" and self.interchange is not None:
            self.interchange = None
            yield self._fault(segment, "iea_missing", "IEA is missing before this ISA.")

    def _end_transaction(
        self, segment: Segment, *, complete: bool, declared: int | None = None
    ) -> Iterator[Event]:
        assert self.transaction is not None
        transaction, self.transaction = self.transaction, None
        start, machine = transaction.start, transaction.machine
        if machine is not None:
            # A transaction without SE may have lost the rest of its last claim.
            yield from machine.end_claim(segment.position, cut=not complete)
            yield from machine.end_header()
        yield _transaction_end(start, machine, segment, transaction, complete, declared)

    def _end(self) -> Iterator[Event]:
        """The file is over: say what was left open."""
        self.closed = self.transaction is None and self.reader.terminated
        last = self.last
        if last is None:
            return
        end = Segment(last.number, last.position + len(last.text), "", [""])
        if self.transaction is not None:
            yield self._fault(
                last, "se_missing", "SE is missing: the file ends before it.", "error"
            )
            yield from self._end_transaction(end, complete=False)
        if self.in_group:
            self.closed = False
            yield self._fault(last, "ge_missing", "GE is missing at the end of the file.")
        if self.interchange is not None:
            self.closed = False
            yield self._fault(last, "iea_missing", "IEA is missing at the end of the file.")

    def _file_end(self) -> FileEnd:
        structure: dict[str, object] = {
            "has_isa": self.counts["interchanges"] > 0,
            "isa_length_to_terminator": (
                self.reader.isa_lengths[0] if self.reader.isa_lengths else None
            ),
            "segments": self.last.number if self.last else 0,
            "transaction_types": dict(self.kinds),
            "issues": sorted(set(self.issues)),
        }
        hidden = {
            code: count - MOST_OF_A_CODE
            for code, count in self.codes.items()
            if count > MOST_OF_A_CODE
        }
        return FileEnd(
            self.reader.size,
            self.last.number if self.last else 0,
            self.counts["interchanges"],
            self.counts["groups"],
            self.counts["transactions"],
            self.closed,
            self.readable,
            structure,
            hidden,
        )


def _transaction_end(
    start: TransactionStart,
    machine: Remittance | None,
    segment: Segment,
    transaction: _Transaction,
    complete: bool,
    declared: int | None,
) -> TransactionEnd:
    payment = machine.payment if machine else None
    paid = machine.paid_sum if machine else ZERO
    plb = machine.plb_total if machine else ZERO
    return TransactionEnd(
        segment.number,
        segment.position,
        start.kind,
        start.control,
        machine.claims if machine else 0,
        machine.incomplete if machine else 0,
        payment,
        paid,
        plb,
        payment is not None and payment == paid - plb,
        complete,
        declared,
        segment.number - transaction.first + 1,
    )


Step = Callable[[_File, Segment], Iterator[Event]]
_STEPS: dict[str, Step] = {
    "ISA": _File._isa,
    "GS": _File._gs,
    "ST": _File._st,
    "SE": _File._se,
    "GE": _File._ge,
    "IEA": _File._iea,
    "TA1": _File._ta1,
}

__all__ = ["COUNTED", "SUPPORTED", "RemittanceClaim", "read_file"]
