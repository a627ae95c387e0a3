"""The 835: payment header, claims with lines and adjustments, money outside claims.

A state machine over 5010 X221/X221A1 and 4010 X091/X091A1. A claim is handed on as
soon as the next one begins, so a transaction of any length takes the memory of one
claim. Handlers read every value before they change anything: what they cannot read
goes through ``repair``, which costs only the files that need it.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from worklists.x12.events import (
    NO_PROCEDURE,
    Adjustment,
    Amount,
    Delimiters,
    Event,
    Party,
    PaymentHeader,
    ProviderAdjustment,
    ProviderAdjustments,
    Reference,
    RemittanceClaim,
    ServiceLine,
    Unreadable,
)
from worklists.x12.findings import Report
from worklists.x12.limits import Limits
from worklists.x12.machine import BLANKS, PADDING, Handler, Handlers, Leave, Machine
from worklists.x12.melted import parted
from worklists.x12.segments import Block
from worklists.x12.values import ZERO, NotReadable, Tables

T = TypeVar("T")
_new = tuple.__new__  # a NamedTuple's own constructor costs half as much again
_STATUSES = frozenset(str(number) for number in range(1, 100))
_IN_CLAIM = frozenset({"CAS", "NM1", "MIA", "MOA", "SVC", "AMT", "QTY", "LQ"})
_PASSED_OVER = "N2 N3 N4 PER RDM CUR".split()
_REMARKS = {"MIA": (5, 20, 21, 22, 23), "MOA": (3, 4, 5, 6, 7)}
_AMOUNTS = {
    "BPR": (2,), "CLP": (3, 4, 5), "SVC": (2, 3, 5, 7), "AMT": (2,), "QTY": (2,),
    "CAS": tuple(place for place in range(3, 1000) if place % 3 != 2),
}  # fmt: skip
_DATES = {"DTM": (2,)}
_LENGTHS = {"DTM": 3, "REF": 3, "AMT": 3, "QTY": 3, "LQ": 3}
_MOST_OF_CAS = 20  # tag, group and six triplets
_SHOWN = 80


class Remittance(Machine):
    """Reads one 835. ``emit`` takes its events; ``tables`` serve the whole file."""

    __slots__ = ("_adjusted", "_adjustments", "_amounts", "_carried", "_codes", "_dates",
                 "_dropping", "_emit", "_entity", "_header_raw", "_lines", "_parties",
                 "_procedures", "_reading", "_start", "_unreadable", "claim",
                 "delimiters", "headed", "header", "line", "paid_sum", "payment",
                 "plb_total")  # fmt: skip

    def __init__(
        self,
        header: PaymentHeader,
        delimiters: Delimiters,
        tables: Tables,
        emit: Callable[[Event], None],
        report: Report,
        limits: Limits,
    ) -> None:
        super().__init__(report, limits)
        self.header = header
        self.headed = False
        self.delimiters = delimiters
        self.claim: RemittanceClaim | None = None
        self.line: ServiceLine | None = None
        self.payment: Decimal | None = None
        self.paid_sum = self.plb_total = ZERO
        self._emit = emit
        self._amounts, self._dates, self._codes = tables.amounts, tables.dates, tables.codes
        self._procedures = tables.procedures(delimiters.component)
        self._entity = ""
        self._header_raw: list[str] = []
        self._adjusted = ZERO
        self._adjustments: list[Adjustment] = []
        self._lines: list[ServiceLine] = []
        self._parties: list[Party] = []
        self._unreadable: list[Unreadable] = []
        self._carried: list[str] = []
        self._start = 0
        self._reading = self.handlers
        self._dropping = Handlers(
            {tag: self._resume for tag in ("CLP", "LX", "TS2", "TS3", "N1", "BPR", "PLB")},
            self.other,
        )

    def known(self) -> dict[str, Handler]:
        """Return the handlers by tag."""
        return {
            "CLP": self._clp, "CAS": self._cas, "SVC": self._svc, "DTM": self._dtm,
            "NM1": self._nm1, "REF": self._ref, "AMT": self._amt, "QTY": self._qty,
            "LQ": self._lq, "MIA": self._mia, "MOA": self._moa, "PLB": self._plb,
            "LX": self._outside, "TS2": self._outside, "TS3": self._outside,
            "BPR": self._bpr, "TRN": self._trn, "N1": self._n1,
            **dict.fromkeys(_PASSED_OVER, self._pass),
        }  # fmt: skip

    # -- blocks -----------------------------------------------------------------

    def consume(self, block: Block, start: int) -> int:
        """Read from ``start`` on; return the index of the first segment not ours.

        Stops where a claim reaches its limit, so that this costs nothing a segment.
        """
        self.enter(block, start)
        self._start = start
        at, end = start, len(block.segments)
        while at < end:
            stop = min(end, at + self.limits.claim_segments - self._held(at))
            left = self.run(at, stop)
            if left < stop and not self._continues(block.segments[left]):
                at = left
                break
            at = left
            if self.claim is not None and self._held(at) >= self.limits.claim_segments:
                self._overflow(at)
        if self.claim is not None:
            self._carried += block.segments[self._start : at]
        elif not self.headed:
            self._header_raw += block.segments[start:at]
        self._start = at
        return at

    def _held(self, at: int) -> int:
        return 0 if self.claim is None else len(self._carried) + at - self._start

    def _continues(self, segment: str) -> bool:
        """Tell whether the loop was left only to take up another table."""
        if self.handlers is self._dropping:
            tag = segment.split(self.delimiters.element, 1)[0].strip(BLANKS).upper()
            if tag in self._dropping and not (tag == "BPR" and self.headed):
                self.handlers = self._reading
                return True
        return False

    def _overflow(self, at: int) -> None:
        """Hand a claim on that is beyond the limit, and drop what follows of it."""
        assert self.claim is not None  # noqa: S101
        self.claim.complete = False
        message = f"A claim has more than {self.limits.claim_segments} segments."
        place = self.claim.segment, self.claim.position
        self.report.say("claim_segments_dropped", *place, message)
        self._close(at, self.block.position(at - 1))
        self.handlers = self._dropping

    def _resume(self, _elements: list[str], _index: int) -> None:
        raise Leave

    def end(self, position: int, segment: int, *, complete: bool) -> None:
        """Finish at byte ``position`` before segment number ``segment``.

        The claim at hand is complete if an envelope segment stands behind it; where
        the file ends, nobody knows what is missing of it.
        """
        if self.claim is not None:
            if not complete:
                self.claim.complete = False
            self._finish(self.claim, self._carried, position, segment - 1)
        self._head()

    # -- the payment ------------------------------------------------------------

    def _head(self) -> None:
        """Hand the header on, once: before the first claim, or at the end."""
        if self.headed:
            return
        self.headed = True
        header = self.header
        header.raw = "".join(f"{text}~\n" for text in self._header_raw)
        self._name_payer()
        self._emit(header)
        place = header.segment, header.position
        for found in header.unreadable:
            self._say_unreadable(found, header.position)
        if self.payment is None:
            message = "The payment has no readable amount (BPR02)."
            self.report.say("bpr_missing", *place, message)
        if not header.trace:
            message = "The payment has no trace number (TRN02)."
            self.report.say("trn_missing", *place, message)

    def _name_payer(self) -> None:
        header = self.header
        own = [r.value for r in header.references if r.qualifier in _PAYER_REFERENCES]
        for source, value in (
            ("TRN03", header.originator),
            ("BPR10", header.payer_id),
            ("REF", own[0] if own else ""),
            ("N104", header.payer.id if header.payer else ""),
            ("N102", header.payer_name),
        ):
            if value:
                header.payer_id, header.payer_id_source = value, source
                return

    def _bpr(self, elements: list[str], _index: int) -> None:
        if self.headed:
            raise Leave  # a payment without its ST: the envelopes have their say
        header = self.header
        e = elements if len(elements) > 16 else elements + PADDING
        self.payment = self._amounts[e[2]] if e[2] else None
        header.amount = self.payment or ZERO
        header.handling, header.credit_debit, header.method = e[1], e[3], e[4]
        header.payer_id, header.date_text = e[10], e[16]
        try:
            header.date = self._dates[e[16]]
        except NotReadable:
            found = Unreadable("BPR16", e[16][:_SHOWN], self.first + _index)
            header.unreadable.append(found)

    def _trn(self, elements: list[str], _index: int) -> None:
        if not self.headed and not self.header.trace:
            e = elements + PADDING
            self.header.trace, self.header.originator = e[2], e[3]

    def _n1(self, elements: list[str], index: int) -> None:
        self._outside(elements, index)
        e, header = elements + PADDING, self.header
        self._entity = e[1]
        party = Party(e[1], "", e[2], "", "", "", "", e[3], e[4])
        if party.entity == "PR" and header.payer is None and not self.headed:
            header.payer, header.payer_name = party, party.last
        elif party.entity == "PE" and header.payee is None and not self.headed:
            header.payee, header.payee_name = party, party.last
            header.payee_id, header.payee_id_qualifier = party.id, party.id_qualifier
            header.payee_npi = party.id if party.id_qualifier == "XX" else ""
            header.payee_tax_id = party.id if party.id_qualifier == "FI" else ""

    def _header_reference(self, found: Reference) -> None:
        header = self.header
        header.references.append(found)
        if self._entity != "PE":
            return
        if found.qualifier == "TJ" and not header.payee_tax_id:
            header.payee_tax_id = found.value
        ten = len(found.value) == 10 and found.value.isdecimal()
        if found.qualifier == "PQ" and ten and not header.payee_npi:
            header.payee_npi = found.value

    # -- a claim ----------------------------------------------------------------

    def _clp(self, elements: list[str], index: int) -> None:
        e = elements if len(elements) > 11 else elements + PADDING
        amounts = self._amounts
        charge, paid, share = amounts[e[3]], amounts[e[4]], amounts[e[5]]
        if self.claim is not None:
            self._close(index, self.block.position(index))
        elif not self.headed:
            self._header_raw += self.block.segments[self._start : index]
            self._head()
        self.claims += 1
        self.paid_sum += paid
        self._start = index
        self._adjusted = ZERO
        self.line = None
        self._adjustments = adjustments = []
        self._lines = lines = []
        self._parties = parties = []
        self.claim = RemittanceClaim(
            self.first + index, self.block.position(index), self.claims, e[1], e[2],
            charge, paid, share, e[6], e[7], e[8], e[9], e[11], self.delimiters,
            adjustments, lines, parties, [],
        )  # fmt: skip
        if not (e[3] and e[4]):
            self._note_empty(e, index)

    def _note_empty(self, elements: list[str], index: int) -> None:
        """A claim must say what was charged and paid: empty is not zero."""
        for place in (3, 4):
            if not elements[place]:
                found = Unreadable(f"CLP{place:02}", "", self.first + index)
                self._unreadable.append(found)

    def _outside(self, _elements: list[str], index: int) -> None:
        """A segment that belongs to no claim ends the claim before it."""
        if self.claim is not None:
            self._close(index, self.block.position(index))

    def _close(self, index: int, position: int) -> None:
        """Hand the claim on that ends before the segment at ``index``."""
        assert self.claim is not None  # noqa: S101
        segments = self.block.segments[self._start : index]
        if self._carried:
            segments = self._carried + segments
        self._finish(self.claim, segments, position, self.first + index - 1)

    def _finish(
        self, claim: RemittanceClaim, segments: list[str], position: int, last: int
    ) -> None:
        self.claim = self.line = None
        if self._carried:
            self._carried = []
        claim.raw = "~\n".join(segments) + "~\n"
        claim.length = position - claim.position
        claim.last_segment = last
        claim.balanced = claim.charge - claim.paid == self._adjusted
        if self._unreadable:
            claim.unreadable, self._unreadable = self._unreadable, []
        self._emit(claim)
        if (
            not claim.balanced
            or not claim.complete
            or claim.unreadable
            or claim.status not in _STATUSES
            or not claim.patient_control
        ):
            self._name_oddities(claim)

    def _name_oddities(self, claim: RemittanceClaim) -> None:
        for found in claim.unreadable:
            self._say_unreadable(found, claim.position, claim.patient_control)
        for code, holds, message in (
            ("claim_id_missing", not claim.patient_control.strip(), _NO_ID),
            ("claim_status_unusable", claim.status.strip() not in _STATUSES, _NO_STATUS),
            ("claim_incomplete", not claim.complete, _CUT),
            ("claim_not_balanced", claim.complete and not claim.balanced, _UNEVEN),
        ):
            if holds:
                where = claim.segment, claim.position
                self.report.say(code, *where, message, claim.patient_control)
        if not claim.complete:
            self.incomplete += 1

    def _say_unreadable(self, found: Unreadable, position: int, claim: str = "") -> None:
        kind = "date" if found.element in ("DTM02", "BPR16", "PLB02") else "amount"
        what = "cannot be read; its text is kept" if found.text else "is empty"
        message = f"{found.element} {what}."
        self.report.say(f"{kind}_unreadable", found.segment, position, message, claim)

    # -- what a claim holds -----------------------------------------------------

    def _cas(self, elements: list[str], index: int) -> None:
        if self.claim is None:
            raise ValueError
        if len(elements) != 4:
            self._cas_of_many(elements)
            return
        amount = self._amounts[elements[3]]
        codes = self._codes
        group, reason = codes[elements[1]], codes[elements[2]]
        self._adjustments.append(_new(Adjustment, (group, reason, amount, None)))
        self._adjusted += amount

    def _cas_of_many(self, elements: list[str]) -> None:
        """Read every triplet: reason, amount, quantity; an empty triplet is none."""
        if len(elements) > _MOST_OF_CAS:
            raise ValueError
        self._triplets(elements)

    def _triplets(self, elements: list[str]) -> None:
        amounts, found, total = self._amounts, [], ZERO
        e = [*elements, "", "", ""]
        group = self._codes[e[1]]
        for place in range(2, len(elements), 3):
            reason, amount = self._codes[e[place]], amounts[e[place + 1]]
            if reason or e[place + 1]:
                quantity = amounts[e[place + 2]] if e[place + 2] else None
                found.append(Adjustment(group, reason, amount, quantity))
                total += amount
        self._adjustments += found
        self._adjusted += total

    def _svc(self, elements: list[str], index: int) -> None:
        if self.claim is None:
            raise ValueError
        e = elements if len(elements) > 7 else elements + PADDING
        amounts, lines = self._amounts, self._lines
        units, others = e[5], e[7]
        self._adjustments = adjustments = []
        self.line = line = ServiceLine(
            len(lines) + 1, self.first + index, self._procedures[e[1]], amounts[e[2]],
            amounts[e[3]], e[4], amounts[units] if units else None, adjustments,
        )  # fmt: skip
        if e[6] or others:
            line.original = self._procedures[e[6]] if e[6] else NO_PROCEDURE
            line.original_units = amounts[others] if others else None
        lines.append(line)

    def _dtm(self, elements: list[str], _index: int) -> None:
        _, qualifier, text = elements
        when = self._dates[text]
        line = self.line
        if line is not None:
            if qualifier in ("472", "150"):
                line.date_from = line.date_from or when
            elif qualifier == "151":
                line.date_to = when
        elif self.claim is not None:
            if when is not None:
                self.claim.dates.append((qualifier, when))
        elif qualifier == "405" and not self.headed:
            self.header.production_date = when

    def _nm1(self, elements: list[str], _index: int) -> None:
        if self.claim is None:
            raise ValueError
        length = len(elements)
        if length != 10:
            if length > 10:
                raise ValueError
            elements += PADDING[: 10 - length]
        self._parties.append(_new(Party, elements[1:]))

    def _ref(self, elements: list[str], _index: int) -> None:
        _, qualifier, value = elements
        line = self.line
        if line is None:
            found = Reference(qualifier, value)
            if self.claim is not None:
                self.claim.references = [*self.claim.references, found]
            elif not self.headed:
                self._header_reference(found)
        elif qualifier == "6R":
            line.control = value
        else:
            line.references = [*line.references, Reference(qualifier, value)]

    def _amt(self, elements: list[str], _index: int) -> None:
        _, qualifier, text = elements
        amount = self._amounts[text]
        line = self.line
        if line is None:
            if self.claim is None:
                raise ValueError
            self.claim.amounts = [*self.claim.amounts, Amount(qualifier, amount)]
        elif qualifier == "B6":
            line.allowed = amount
        else:
            line.amounts = [*line.amounts, Amount(qualifier, amount)]

    def _qty(self, elements: list[str], _index: int) -> None:
        _, qualifier, text = elements
        found = Amount(qualifier, self._amounts[text])
        here = self.line or self.claim
        if here is None:
            raise ValueError
        here.quantities = [*here.quantities, found]

    def _lq(self, elements: list[str], _index: int) -> None:
        _, qualifier, code = elements
        here = self.line or self.claim
        if here is None:
            raise ValueError
        if self._codes[qualifier] == "HE" and code:
            here.remarks = [*here.remarks, self._codes[code]]

    def _mia(self, elements: list[str], _index: int) -> None:
        self._remarks("MIA", elements)

    def _moa(self, elements: list[str], _index: int) -> None:
        self._remarks("MOA", elements)

    def _remarks(self, tag: str, elements: list[str]) -> None:
        """MIA and MOA carry remark codes of the claim at fixed places."""
        if self.claim is None:
            raise ValueError
        e = elements + PADDING
        found = [self._codes[e[place]] for place in _REMARKS[tag] if e[place]]
        self.claim.remarks = [*self.claim.remarks, *found]

    def _pass(self, _elements: list[str], _index: int) -> None:
        """Addresses and contacts: kept in the raw text only."""

    # -- money outside claims ---------------------------------------------------

    def _plb(self, elements: list[str], index: int) -> None:
        self._outside(elements, index)
        if not self.headed:
            self._header_raw += self.block.segments[self._start : index]
            self._head()
        e = [*elements[: self.limits.elements], "", "", ""]
        number, position = self.first + index, self.block.position(index)
        unreadable: list[Unreadable] = []

        def read(table: Callable[[str], T], place: int, default: T) -> T:
            try:
                return table(e[place])
            except NotReadable:
                text = e[place][:_SHOWN]
                unreadable.append(Unreadable(f"PLB{place:02}", text, number))
                return default

        fiscal = read(self._dates.__getitem__, 2, None)
        found = []
        for place in range(3, len(e) - 1, 2):
            if e[place].strip() or e[place + 1].strip():
                reason, _, reference = e[place].partition(self.delimiters.component)
                amount = read(self._amounts.__getitem__, place + 1, ZERO)
                reason = self._codes[reason]
                found.append(ProviderAdjustment(e[1], fiscal, reason, reference, amount))
        self.plb_total += sum((pair.amount for pair in found), ZERO)
        raw = f"{self.block.segments[index]}~\n"
        self._emit(ProviderAdjustments(number, position, found, unreadable, raw))
        for bad in unreadable:
            self._say_unreadable(bad, position)

    # -- what is not as it should be --------------------------------------------

    def unknown(self, tag: str, index: int) -> None:
        """Name a segment nobody knows; inside a claim it is kept in its raw text."""
        if not tag.isalnum() or len(tag) > 3:
            message = "A segment without a usable tag was passed over."
            self._say("segment_unknown", index, message)

    def repair(self, elements: list[str], index: int) -> None:
        """Read what a handler refused: short, long, melted, out of place, unreadable."""
        tag = elements[0].strip(BLANKS).upper()
        pieces = parted([tag, *elements[1:]], self.delimiters.component)
        if len(pieces) > 1:
            message = f"{pieces[1][0]} stands inside {tag}: a terminator is missing."
            self._say("terminator_missing", index, message)
        for piece in pieces:
            self._mend(piece, index)

    def _mend(self, elements: list[str], index: int) -> None:
        """Bring one segment into the shape its handler takes, and hand it over."""
        tag, most = elements[0], self._most_of(elements[0])
        if self.claim is None and tag in _IN_CLAIM:
            message = f"{tag} stands before any claim; it was passed over."
            self._say("orphan_segment", index, message)
            return
        if len(elements) > self.limits.elements:
            message = f"{tag} has {len(elements) - 1} elements; the last were not read."
            self._say("too_many_elements", index, message)
        found = self._make_readable(elements := elements[:most], index)
        if tag == "CAS":
            self._triplets(elements)
        elif tag == "DTM" and "RD8" in elements[4:6]:
            self._period(elements, index)
        else:
            length = _LENGTHS.get(tag, 0)
            elements = [*elements, *PADDING][:length] if length else elements
            self._reading[tag](elements, index)
        self._keep_unreadable(found)

    def _most_of(self, tag: str) -> int:
        return 10 if tag == "NM1" else self.limits.elements

    def _say(self, code: str, index: int, message: str) -> None:
        place = self.first + index, self.block.position(index)
        self.report.say(code, *place, message)

    def _make_readable(self, elements: list[str], index: int) -> list[Unreadable]:
        """Take out of a segment what is no amount and no date; return it."""
        tag, found = elements[0], []
        tables = (
            (_AMOUNTS.get(tag, ()), self._amounts.__getitem__),
            (_DATES.get(tag, ()), self._dates.__getitem__),
        )
        for places, read in tables:
            for place in places:
                if place >= len(elements):
                    break
                try:
                    read(elements[place])
                except NotReadable:
                    text = elements[place][:_SHOWN]
                    name = f"{tag}{place:02}"
                    found.append(Unreadable(name, text, self.first + index))
                    # CLP03 and CLP04 must be there: 0 keeps them from being empty.
                    elements[place] = "0" if tag == "CLP" else ""
        return found

    def _keep_unreadable(self, found: list[Unreadable]) -> None:
        if self.claim is not None:
            self._unreadable += found
        elif not self.headed:
            self.header.unreadable += found

    def _period(self, elements: list[str], index: int) -> None:
        """A DTM with a range instead of a date: its two ends."""
        ends = next((text for text in elements[5:7] if "-" in text), "").split("-")
        qualifiers = ("232", "233") if self.line is None else ("150", "151")
        for qualifier, text in zip(qualifiers, ends, strict=False):
            piece = ["DTM", qualifier, text]
            self._keep_unreadable(self._make_readable(piece, index))
            self._dtm(piece, index)


_PAYER_REFERENCES = frozenset({"2U", "EV", "NF", "HI"})
_NO_ID = "The claim has no patient control number (CLP01)."
_NO_STATUS = "CLP02 holds no claim status."
_CUT = "This claim was cut off; it was not stored."
_UNEVEN = "Charge less payment is not the sum of the claim's adjustments."
