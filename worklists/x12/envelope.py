"""The envelopes of a file: ISA/IEA, GS/GE, ST/SE, and what is wrong with them.

Nothing is refused: a wrong count or control number is a warning with its place, a
missing trailer ends what it should have ended. Source: X12.5 and X12.6, control
structures.
"""

# ruff: noqa: PLR2004 - numbers of elements are the guide's

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from worklists.x12.careful import KNOWN_TAGS
from worklists.x12.claims837 import Claims837
from worklists.x12.events import (
    Delimiters,
    Event,
    InterchangeStart,
    PaymentHeader,
    TransactionEnd,
    TransactionStart,
)
from worklists.x12.findings import Report
from worklists.x12.limits import Limits
from worklists.x12.machine import BLANKS, PADDING, Machine
from worklists.x12.remittance import Remittance
from worklists.x12.segments import Block
from worklists.x12.status27x import Status27x
from worklists.x12.values import ZERO, Tables

READ = frozenset({"835", "837", "837P", "837I", "277CA"})
_FORMS = {
    "837": (("X222", "837P"), ("X098", "837P"), ("X223", "837I"), ("X096", "837I"),
            ("X224", "837D"), ("X097", "837D")),
    "277": (("X214", "277CA"),),
}  # fmt: skip
_BESIDE_GROUPS = frozenset({"ISB", "ISE", "TA3"})
_CLAIM_TAGS = frozenset({"CLP", "CLM"})


def name_of(kind: str, *versions: str) -> str:
    """Return what a transaction set is called, by ST01 and GS08 or ST03."""
    for version in versions:
        for mark, name in _FORMS.get(kind, ()):
            if mark in version:
                return name
    return kind


@dataclass(slots=True)
class _Place:
    """A segment at hand: where it stands and its elements, padded."""

    number: int
    position: int
    elements: list[str]


class Envelope:
    """Keeps count of what is open. ``machine`` reads the body of the transaction."""

    def __init__(
        self, emit: Callable[[Event], None], report: Report, limits: Limits
    ) -> None:
        self.machine: Machine | None = None
        self.counts: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.versions: Counter[str] = Counter()
        self.readable = False
        self.complete = True
        self._emit = emit
        self._report = report
        self._limits = limits
        self._tables = Tables()
        self._transaction: TransactionStart | None = None
        self._interchange: InterchangeStart | None = None
        self._group: list[str] | None = None
        self._sets = self._groups = 0
        self._stray: list[_Place] = []
        self._strays = 0
        self._steps: dict[str, Callable[[_Place, Block], None]] = {
            "ISA": self._isa, "GS": self._gs, "ST": self._st, "SE": self._se,
            "GE": self._ge, "IEA": self._iea, "BPR": self._bpr, "TA1": self._ta1,
        }  # fmt: skip

    def take(self, block: Block, index: int) -> None:
        """Take a segment that no machine reads."""
        text = block.segments[index]
        elements = text.split(block.delimiters.element)
        tag = elements[0].strip(BLANKS).upper()
        padded = [tag, *(element.strip() for element in elements[1:17]), *PADDING]
        place = _Place(block.first + index, block.position(index), padded)
        step = self._steps.get(tag)
        if step is None or (tag == "BPR" and self._transaction is None):
            self._outside(place)
            return
        if tag != "TA1":
            self._name_strays()
        step(place, block)

    def unterminated(self, block: Block) -> None:
        """The last segment of an interchange has no terminator behind it."""
        index = len(block.segments) - 1
        place = block.first + index, block.position(index)
        tag = block.segments[index].split(block.delimiters.element, 1)[0]
        if self._interchange is None and self._transaction is None:
            return  # text behind the end, or an IEA that was read all the same
        self.complete = False
        known = tag.strip(BLANKS).upper()
        what = known if known in KNOWN_TAGS else "segment"
        message = f"The file ends inside its last segment ({what}): it was cut off."
        self._report.say("last_segment_unterminated", *place, message)

    def finish(self, segments: int, size: int) -> None:
        """The file is over: end what is still open, and say so."""
        end = _Place(segments, size, ["", *PADDING])
        self._name_strays()
        if self._transaction is not None:
            self.complete = False
            self._warn("se_missing", end, "SE is missing: the file ends before it.")
            self._end_transaction(end, complete=False, declared=None)
        if self._group is not None:
            self.complete = False
            self._warn("ge_missing", end, "GE is missing: the file ends before it.")
        if self._interchange is not None:
            self.complete = False
            self._warn("iea_missing", end, "IEA is missing: the file ends before it.")

    def _warn(self, code: str, place: _Place, message: str) -> None:
        self._report.say(code, place.number, place.position, message)

    # -- outside of transactions ------------------------------------------------

    def _outside(self, place: _Place) -> None:
        """Collect segments that stand nowhere; they are named together."""
        if place.elements[0] in _BESIDE_GROUPS and self._group is None:
            return
        self._strays += 1
        if len(self._stray) < 8 or place.elements[0] in _CLAIM_TAGS:
            self._stray.append(place)
            del self._stray[9:]

    def _name_strays(self) -> None:
        if not self._stray:
            return
        strays, count = self._stray, self._strays
        self._stray, self._strays = [], 0
        tags = [place.elements[0] for place in strays]
        known = list(dict.fromkeys(tag for tag in tags if tag in KNOWN_TAGS))
        if not known and self._interchange is None:
            message = (
                "Text stands behind the end of an interchange; it was passed over."
            )
            self._warn("trailing_bytes", strays[0], message)
            return
        shown = ", ".join(known[:5]) or "unknown"
        how_many = "A segment stands" if count == 1 else f"{count} segments stand"
        message = f"{how_many} outside of a transaction ({shown})."
        self._warn("segment_outside_transaction", strays[0], message)
        for place in strays:
            if place.elements[0] in _CLAIM_TAGS:
                message = "A claim stands outside of a transaction and was not read."
                self._warn("claims_outside_transaction", place, message)

    def _ta1(self, place: _Place, _block: Block) -> None:
        message = "TA1 (interchange acknowledgment) is not read; nothing was loaded."
        self._warn("unsupported_transaction", place, message)

    # -- interchange and group --------------------------------------------------

    def _isa(self, place: _Place, block: Block) -> None:
        self._close(place, "ISA")
        e = place.elements
        if block.header is not None and block.header.elements:
            e = ["ISA", *(text.strip() for text in block.header.elements[1:])]
        self.counts["interchanges"] += 1
        self._groups = 0
        self._interchange = InterchangeStart(
            place.number, place.position, e[5], e[6], e[7], e[8], e[13], e[12], e[9],
            e[10], e[15], block.delimiters,
        )  # fmt: skip
        self._emit(self._interchange)

    def _iea(self, place: _Place, _block: Block) -> None:
        self._close(place, "IEA")
        here, self._interchange = self._interchange, None
        if here is None:
            return
        self._compare("iea", place, self._groups, "groups")
        if place.elements[2] != here.control:
            message = "IEA02 is not the control number of the ISA (ISA13)."
            self._warn("iea_control_mismatch", place, message)

    def _gs(self, place: _Place, _block: Block) -> None:
        self._close(place, "GS")
        self.counts["groups"] += 1
        self.versions[place.elements[8]] += 1
        self._groups += 1
        self._sets = 0
        self._group = place.elements

    def _ge(self, place: _Place, _block: Block) -> None:
        self._close(place, "GE")
        group, self._group = self._group, None
        if group is None:
            return
        self._compare("ge", place, self._sets, "transactions")
        if place.elements[2] != group[6]:
            message = "GE02 is not the control number of the GS (GS06)."
            self._warn("ge_control_mismatch", place, message)

    def _compare(self, tag: str, place: _Place, actual: int, what: str) -> int | None:
        """Compare a trailer's count with what was read; return what it says."""
        text = place.elements[1]
        declared = int(text) if text.isdecimal() and len(text) < 10 else None
        if declared != actual:
            said = text[:10] if declared is not None else "no number of"
            message = f"{tag.upper()} says {said} {what}, {actual} were read."
            self._warn(f"{tag}_count_mismatch", place, message)
        return declared

    def _close(self, place: _Place, by: str) -> None:
        """End what is still open where a new envelope begins or an outer one ends."""
        if self._transaction is not None:
            self._warn("se_missing", place, f"SE is missing: {by} came before it.")
            self._end_transaction(place, complete=True, declared=None)
        if by in ("GS", "IEA", "ISA") and self._group is not None:
            self._group = None
            self._warn("ge_missing", place, f"GE is missing: {by} came before it.")
        if by == "ISA" and self._interchange is not None:
            self._warn("iea_missing", place, "IEA is missing before this ISA.")

    # -- transactions -----------------------------------------------------------

    def _st(self, place: _Place, block: Block) -> None:
        self._close(place, "ST")
        self._open(place, block, place.elements[1], place.elements[2])

    def _bpr(self, place: _Place, block: Block) -> None:
        """A payment begins within another, behind its claims: SE and ST were lost."""
        self._warn(
            "se_missing", place, "SE is missing: another payment came before it."
        )
        self._end_transaction(place, complete=True, declared=None)
        self._warn("st_missing", place, "ST is missing before this payment.")
        self._open(place, block, "835", "")
        machine = self.machine
        if machine is not None:
            index = place.number - block.first
            machine.enter(block)
            machine.run(index, index + 1)

    def _open(self, place: _Place, block: Block, kind: str, control: str) -> None:
        e, group, isa = place.elements, self._group or PADDING, self._interchange
        version = group[8] or (e[3] if e[0] == "ST" else "")
        name = name_of(kind, version, e[3])
        self._sets += 1
        self.counts["transactions"] += 1
        self.kinds[kind] += 1
        self._transaction = start = TransactionStart(
            place.number, place.position, kind, control, version, group[1], group[6],
            isa.control if isa else "", isa.sender if isa else "",
            isa.receiver if isa else "", name in READ, name,
        )  # fmt: skip
        self.machine = self._machine(start, block.delimiters)
        self._emit(start)
        if not start.supported:
            called = name[:10] or "without a number"
            message = f"Transaction set {called} is not read; nothing of it was loaded."
            self._warn("unsupported_transaction", place, message)

    def _machine(self, start: TransactionStart, cuts: Delimiters) -> Machine:
        report, limits, tables = self._report, self._limits, self._tables
        if start.kind == "835":
            header = PaymentHeader(
                start.segment,
                start.position,
                control=start.control,
                version=start.version,
            )
            return Remittance(
                header,
                cuts,
                tables=tables,
                emit=self._emit,
                report=report,
                limits=limits,
            )
        if start.kind == "837":
            return Claims837(cuts.component, tables, report, limits)
        if start.kind in ("276", "277"):
            return Status27x(cuts.component, report, limits)
        return Machine(report, limits)

    def _se(self, place: _Place, _block: Block) -> None:
        start = self._transaction
        if start is None:
            message = "An SE ends no transaction."
            self._warn("segment_outside_transaction", place, message)
            return
        actual = place.number - start.segment + 1
        declared = self._compare("se", place, actual, "segments")
        if place.elements[2] != start.control:
            message = "SE02 is not the control number of the ST (ST02)."
            self._warn("se_control_mismatch", place, message)
        self._end_transaction(place, complete=True, declared=declared, closed=True)

    def _end_transaction(
        self,
        place: _Place,
        *,
        complete: bool,
        declared: int | None,
        closed: bool = False,
    ) -> None:
        """End the transaction; ``complete`` is False where the file ends in it."""
        start, machine = self._transaction, self.machine
        assert start is not None and machine is not None  # noqa: S101, PT018
        self._transaction = self.machine = None
        machine.end(place.position, place.number, complete=complete)
        self.readable = self.readable or (start.supported and machine.claims > 0)
        payment, paid, plb = None, ZERO, ZERO
        if isinstance(machine, Remittance):
            payment, paid, plb = machine.payment, machine.paid_sum, machine.plb_total
        end = TransactionEnd(
            place.number, place.position, start.kind, start.control, machine.claims,
            machine.incomplete, payment, paid, plb, payment == paid - plb, closed,
            declared, place.number - start.segment + (1 if closed else 0),
            machine.counts(),
        )  # fmt: skip
        self._emit(end)
        if payment is not None and not end.balances:
            message = f"The payment is {payment}, its claims less PLB are {paid - plb}."
            self._warn("payment_not_balanced", place, message)
