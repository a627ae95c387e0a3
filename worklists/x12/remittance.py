"""The 835: payment header, claims with lines and adjustments, money outside claims.

A state machine over 5010 X221/X221A1 and 4010 X091/X091A1. A claim is handed on as
soon as the next one begins, so a transaction of any length takes the memory of one
claim. Handlers read every value before they change anything: what they cannot read
goes through ``repair``, which costs only the files that need it.
"""

# ruff: noqa: PLR2004 - numbers of elements are the guide's

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from worklists.x12.events import (
    NO_PROCEDURE,
    Adjustment,
    Amount,
    Delimiters,
    Event,
    Party,
    PaymentHeader,
    Procedure,
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
from worklists.x12.mending import fitted, made_readable, period
from worklists.x12.payment import Head, provider_adjustments, say_unreadable
from worklists.x12.segments import Block
from worklists.x12.values import MOST_SEGMENTS, ZERO, Tables

_PADDING = [""] * 12  # for segments of the usual length; repair knows a longer one
_new = tuple.__new__  # a NamedTuple's own constructor costs half as much again
_STATUSES = frozenset(str(number) for number in range(1, 100))
_IN_CLAIM = frozenset({"CAS", "NM1", "MIA", "MOA", "SVC", "AMT", "QTY", "LQ"})
_BETWEEN_CLAIMS = ("CLP", "LX", "TS2", "TS3", "N1", "BPR", "PLB")
_PASSED_OVER = ("N2", "N3", "N4", "PER", "RDM", "CUR")
_REMARKS = {"MIA": (5, 20, 21, 22, 23), "MOA": (3, 4, 5, 6, 7)}
_SERVED = ("472", "150")
_PATIENTS = ("QC", "IL")
_MOST_OF_CAS = 20  # tag, group and six triplets

Taker = Callable[["Remittance", Any, int], None]
Served = tuple[
    Procedure, Decimal, Decimal, str, Decimal | None, Procedure, Decimal | None
]


class Remittance(Machine):
    """Reads one 835. ``emit`` takes its events; ``tables`` serve the whole file."""

    __slots__ = (
        "_adjusted", "_amounts", "_carried", "_codes", "_dates",
        "_dropping", "_emit", "_head", "_header_raw", "_known", "_lines",
        "_procedures", "_reading", "_start", "_tables", "_text", "_unreadable", "claim",
        "delimiters", "headed", "line", "paid_sum", "plb_total",
    )  # fmt: skip

    def __init__(
        self,
        header: PaymentHeader,
        delimiters: Delimiters,
        *,
        tables: Tables,
        emit: Callable[[Event], None],
        report: Report,
        limits: Limits,
    ) -> None:
        super().__init__(report, limits)
        self.headed = False
        self.delimiters = delimiters
        self.claim: RemittanceClaim | None = None
        self.line: ServiceLine | None = None
        self.paid_sum = self.plb_total = ZERO
        self._head = Head(header, tables)
        self._header_raw: list[str] = []
        self._emit = emit
        self._tables = tables
        self._amounts, self._dates = tables.amounts, tables.dates
        self._codes = tables.codes
        self._procedures = tables.procedures(delimiters.component)
        self._known = tables.known(delimiters)
        self._text = ""
        self._adjusted = ZERO
        self._lines: list[ServiceLine] = []
        self._unreadable: list[Unreadable] = []
        self._carried: list[str] = []
        self._start = 0
        self._reading = self.handlers
        resumed = dict.fromkeys(_BETWEEN_CLAIMS, self._resume)
        self._dropping = Handlers(resumed, self.other)

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

    @property
    def payment(self) -> Decimal | None:
        """Return BPR02, None where there is none to read."""
        return self._head.payment

    # -- blocks -----------------------------------------------------------------

    def consume(self, block: Block, start: int) -> int:
        """Read from ``start`` on; return the index of the first segment not ours.

        Stops where a claim reaches its limit, so that this costs nothing a segment.
        """
        self.enter(block)
        self._start = start
        at, end = start, len(block.segments)
        while at < end:
            stop = min(end, at + self.limits.claim_segments - self._held(at))
            left = self.run(at, stop)
            if left < stop and not self._continues(block.segments[left]):
                at = left
                break
            at = left
            if self._held(at) >= self.limits.claim_segments:
                self._overflow(at)
        if self.claim is not None:
            self._carried += block.segments[self._start : at]
        elif not self.headed:
            self._header_raw += block.segments[start:at]
        self._start = at
        return at

    def run(self, start: int, stop: int) -> int:
        """Hand every segment on; one that is known already is not read again.

        The same loop as in ``Machine``, which serves where nothing repeats.
        """
        if self._known.useless or self.handlers is not self._reading:
            self._text = ""
            return super().run(start, stop)
        segments = self.block.segments[start:stop]
        known, handlers = self._known.get, self.handlers
        separator = self.delimiters.element
        try:
            for index, segment in enumerate(segments, start):
                found = known(segment)
                try:
                    if found is None:
                        self._text = segment
                        elements = segment.split(separator)
                        handlers[elements[0]](elements, index)
                    else:
                        found[0](self, found[1], index)
                except (IndexError, ValueError):
                    self.repair(segment.split(separator), index)
        except Leave:
            return index
        return stop

    def _learn(self, take: Taker, piece: Any, index: int) -> None:
        """Take what a segment holds, and know it when it comes again."""
        take(self, piece, index)
        if self._text:
            if len(self._known) < MOST_SEGMENTS:  # as `keep` does, without its call
                self._known[self._text] = (take, piece)
            else:
                self._known.keep(self._text, take, piece, self.first + index)

    def _held(self, at: int) -> int:
        """Return how many segments the claim at hand has before index ``at``."""
        return 0 if self.claim is None else len(self._carried) + at - self._start

    def _overflow(self, at: int) -> None:
        """Hand a claim on that is beyond the limit, and drop what follows of it."""
        claim = self.claim
        assert claim is not None  # noqa: S101 - only an open claim holds segments
        claim.complete = False
        message = f"A claim has more than {self.limits.claim_segments} segments."
        place = claim.segment, claim.position
        self.report.say("claim_segments_dropped", *place, message)
        segments = self._carried + self.block.segments[self._start : at]
        claim.raw = "~\n".join(segments) + "~\n"
        self._finish(claim, self.block.position(at - 1), self.first + at - 1)
        self.handlers = self._dropping

    def _resume(self, _elements: list[str], _index: int) -> None:
        raise Leave

    def _continues(self, segment: str) -> bool:
        """Tell whether the loop was left only to stop dropping."""
        tag = segment.split(self.delimiters.element, 1)[0].strip(BLANKS).upper()
        again = self.handlers is self._dropping and tag in self._dropping
        if again and tag != "BPR":
            self.handlers = self._reading
            return True
        return False

    def end(self, position: int, segment: int, *, complete: bool) -> None:
        """Finish at byte ``position`` before segment number ``segment``.

        The claim at hand is complete if an envelope segment stands behind it; where
        the file ends, nobody knows what is missing of it.
        """
        if self.claim is not None:
            self.claim.complete = complete
            self.claim.raw = "~\n".join(self._carried) + "~\n"
            self._finish(self.claim, position, segment - 1)
        self._hand_on_header()

    # -- the payment ------------------------------------------------------------

    def _hand_on_header(self) -> None:
        """Hand the header on, once: before the first claim, or at the end."""
        if not self.headed:
            self.headed = True
            self._emit(self._head.finish(self._header_raw))
            self._head.report(self.report)

    def _before_claims(self, index: int) -> None:
        if not self.headed:
            self._header_raw += self.block.segments[self._start : index]
            self._hand_on_header()

    def _bpr(self, elements: list[str], index: int) -> None:
        if self.headed:
            raise Leave  # a payment without its ST: the envelopes have their say
        self._head.bpr(elements, self._place(index))

    def _trn(self, elements: list[str], _index: int) -> None:
        if not self.headed:
            self._head.trn(elements)

    def _n1(self, elements: list[str], index: int) -> None:
        self._outside(elements, index)
        if not self.headed:
            self._head.n1(elements)

    def _plb(self, elements: list[str], index: int) -> None:
        self._outside(elements, index)
        self._before_claims(index)
        place, cut = self._place(index), self.delimiters.component
        read = elements[: self.limits.elements]
        found, unreadable = provider_adjustments(read, cut, place, self._tables)
        self.plb_total += sum((pair.amount for pair in found), ZERO)
        raw = f"{self.block.segments[index]}~\n"
        self._emit(ProviderAdjustments(*place, found, unreadable, raw))
        for bad in unreadable:
            say_unreadable(self.report, bad)

    # -- a claim ----------------------------------------------------------------

    def _clp(self, elements: list[str], index: int) -> None:
        e = elements if len(elements) > 11 else elements + _PADDING
        read = self._amounts.read
        charge = read(e[3]) if e[3] else ZERO
        paid = read(e[4]) if e[4] else ZERO
        share = read(e[5]) if e[5] else ZERO
        if self.claim is not None:
            self._close(index)
        elif not self.headed:
            self._before_claims(index)
        self.claims = number = self.claims + 1
        self.paid_sum += paid
        self._start = index
        self._adjusted = ZERO
        lines: list[ServiceLine] = []
        self._lines = lines
        self.claim = RemittanceClaim(
            self.first + index, self.block.position(index), number, e[1], e[2], charge,
            paid, share, e[6], e[7], e[8], e[9], e[11], self.delimiters, lines, [],
        )  # fmt: skip
        if not (e[3] and e[4]):
            self._note_empty(e, index)

    def _note_empty(self, elements: list[str], index: int) -> None:
        """A claim must say what was charged and paid: empty is not zero."""
        for place in (3, 4):
            if not elements[place]:
                found = Unreadable(f"CLP{place:02}", "", *self._place(index))
                self._unreadable.append(found)

    def _outside(self, _elements: list[str], index: int) -> None:
        """A segment that belongs to no claim ends the claim before it."""
        if self.claim is not None:
            self._close(index)

    def _close(self, index: int) -> None:
        """Hand the claim on that ends before the segment at ``index``."""
        claim, block = self.claim, self.block
        assert claim is not None  # noqa: S101 - callers have asked
        segments = block.segments[self._start : index]
        if self._carried:
            segments = self._carried + segments
            claim.raw = "~\n".join(segments) + "~\n"
            behind = block.position(index)
        else:
            claim.raw = raw = "~\n".join(segments) + "~\n"
            place, count = claim.position, len(segments)
            behind = block.position_behind(index, count, place, len(raw))
        self._finish(claim, behind, self.first + index - 1)

    def _finish(self, claim: RemittanceClaim, behind: int, last: int) -> None:
        """Hand a claim on whose segments end before byte ``behind``."""
        self.claim = self.line = None
        if self._carried:
            self._carried = []
        claim.length = behind - claim.position
        claim.last_segment = last
        if (
            claim.charge - claim.paid == self._adjusted
            and claim.status in _STATUSES
            and claim.complete
            and claim.patient_control
            and not self._unreadable
        ):
            self._emit(claim)
        else:
            self._finish_odd(claim)

    def _finish_odd(self, claim: RemittanceClaim) -> None:
        claim.balanced = claim.charge - claim.paid == self._adjusted
        claim.unreadable, self._unreadable = self._unreadable, []
        self.incomplete += not claim.complete
        self._emit(claim)
        self._name_oddities(claim)

    def _name_oddities(self, claim: RemittanceClaim) -> None:
        for found in claim.unreadable:
            say_unreadable(self.report, found, claim.patient_control)
        uneven = claim.complete and not (claim.balanced or claim.unreadable)
        for code, holds, message in (
            ("claim_id_missing", not claim.patient_control.strip(), _NO_ID),
            (
                "claim_status_unusable",
                claim.status.strip() not in _STATUSES,
                _NO_STATUS,
            ),
            ("claim_incomplete", not claim.complete, _CUT),
            ("claim_not_balanced", uneven, _UNEVEN),
        ):
            if holds:
                where = claim.segment, claim.position
                self.report.say(code, *where, message, claim.patient_control)
        if uneven and self.report.shows("claim_not_balanced"):
            self._look_for_melted(claim)

    def _look_for_melted(self, claim: RemittanceClaim) -> None:
        """A claim may be uneven because a lost terminator hides an adjustment."""
        element, component = self.delimiters.element, self.delimiters.component
        for text in claim.texts:
            pieces = parted(text.split(element), component)
            if len(pieces) > 1:
                message = (
                    f"{pieces[1][0]} stands inside {pieces[0][0]}; it was not read."
                )
                where = claim.segment, claim.position
                code = "terminator_missing"
                self.report.say(code, *where, message, claim.patient_control)

    # -- what a claim holds -----------------------------------------------------

    def _cas(self, elements: list[str], index: int) -> None:
        if len(elements) > _MOST_OF_CAS:
            raise ValueError
        self._learn(Remittance._take_cas, self._triplets(elements), index)

    def _triplets(self, elements: list[str]) -> tuple[tuple[Adjustment, ...], Decimal]:
        """Return every triplet and their sum; an empty triplet is none."""
        amounts, codes = self._amounts, self._codes
        group = codes[elements[1]]
        if len(elements) == 4:
            amount = amounts[elements[3]]
            reason = codes[elements[2]]
            return (_new(Adjustment, (group, reason, amount, None)),), amount
        found, total = [], ZERO
        e = [*elements, "", "", ""]
        for place in range(2, len(elements), 3):
            reason, amount = codes[e[place]], amounts[e[place + 1]]
            if reason or e[place + 1]:
                quantity = amounts[e[place + 2]] if e[place + 2] else None
                found.append(Adjustment(group, reason, amount, quantity))
                total += amount
        return tuple(found), total

    def _take_cas(
        self, piece: tuple[tuple[Adjustment, ...], Decimal], _index: int
    ) -> None:
        if self.claim is None:
            raise ValueError
        here = self.line or self.claim
        here.adjustments += piece[0]
        self._adjusted += piece[1]

    def _svc(self, elements: list[str], index: int) -> None:
        e = elements if len(elements) > 7 else elements + _PADDING
        amounts, procedures = self._amounts, self._procedures
        piece = (
            procedures[e[1]], amounts[e[2]], amounts[e[3]], e[4],
            amounts[e[5]] if e[5] else None,
            procedures[e[6]] if e[6] else NO_PROCEDURE,
            amounts[e[7]] if e[7] else None,
        )  # fmt: skip
        self._learn(Remittance._take_svc, piece, index)

    def _take_svc(self, piece: Served, index: int) -> None:
        if self.claim is None:
            raise ValueError
        procedure, charge, paid, revenue, units, original, others = piece
        lines = self._lines
        self.line = ServiceLine(
            len(lines) + 1, self.first + index, procedure, charge, paid, revenue, units,
            original, others,
        )  # fmt: skip
        lines.append(self.line)

    def _dtm(self, elements: list[str], index: int) -> None:
        _, qualifier, text = elements
        when = self._dates[text]
        if when is None:
            return
        if qualifier in _SERVED:
            self._learn(Remittance._take_served, (qualifier, when), index)
        else:
            self._learn(Remittance._take_dtm, (qualifier, when), index)

    def _take_served(self, piece: tuple[str, date], index: int) -> None:
        """Take the day, or the first day, of a service; the first one holds."""
        line = self.line
        if line is None:
            self._take_dtm(piece, index)
        elif line.date_from is None:
            line.date_from = piece[1]

    def _take_dtm(self, piece: tuple[str, date], _index: int) -> None:
        if self.line is not None:
            if piece[0] == "151":
                self.line.date_to = piece[1]
        elif self.claim is not None:
            self.claim.dates.append(piece)
        elif piece[0] == "405" and not self.headed:
            self._head.header.production_date = piece[1]

    def _nm1(self, elements: list[str], index: int) -> None:
        length = len(elements)
        if length != 10:
            if length > 10:
                raise ValueError
            elements += PADDING[: 10 - length]
        party = _new(Party, elements[1:])
        if elements[1] in _PATIENTS:
            self._take_nm1(party, index)
        else:
            self._learn(Remittance._take_nm1, party, index)

    def _take_nm1(self, party: Party, _index: int) -> None:
        if self.claim is None:
            raise ValueError
        self.claim.parties += (party,)

    def _ref(self, elements: list[str], _index: int) -> None:
        _, qualifier, value = elements
        line = self.line
        if line is None:
            found = Reference(qualifier, value)
            if self.claim is not None:
                self.claim.references = [*self.claim.references, found]
            elif not self.headed:
                self._head.reference(found)
        elif qualifier == "6R":
            line.control = value
        else:
            line.references = [*line.references, Reference(qualifier, value)]

    def _amt(self, elements: list[str], index: int) -> None:
        _, qualifier, text = elements
        piece = Amount(qualifier, self._amounts[text])
        self._learn(Remittance._take_amt, piece, index)

    def _take_amt(self, piece: Amount, _index: int) -> None:
        line = self.line
        if line is None:
            if self.claim is None:
                raise ValueError
            self.claim.amounts = [*self.claim.amounts, piece]
        elif piece[0] == "B6":
            line.allowed = piece[1]
        else:
            line.amounts = [*line.amounts, piece]

    def _qty(self, elements: list[str], _index: int) -> None:
        _, qualifier, text = elements
        found = Amount(qualifier, self._amounts[text])
        here = self.line or self.claim
        if here is None:
            raise ValueError
        here.quantities = [*here.quantities, found]

    def _lq(self, elements: list[str], index: int) -> None:
        _, qualifier, code = elements
        found = self._codes[code] if self._codes[qualifier] == "HE" else ""
        self._learn(Remittance._take_remarks, (found,) if found else (), index)

    def _mia(self, elements: list[str], index: int) -> None:
        self._fixed_remarks("MIA", elements, index)

    def _moa(self, elements: list[str], index: int) -> None:
        self._fixed_remarks("MOA", elements, index)

    def _fixed_remarks(self, tag: str, elements: list[str], index: int) -> None:
        """MIA and MOA carry remark codes of the claim at fixed places."""
        e = elements + PADDING
        found = tuple(self._codes[e[place]] for place in _REMARKS[tag] if e[place])
        self._learn(Remittance._take_remarks, found, index)

    def _take_remarks(self, codes: tuple[str, ...], _index: int) -> None:
        here = self.line or self.claim
        if here is None:
            raise ValueError
        if codes:
            here.remarks = [*here.remarks, *codes]

    def _pass(self, _elements: list[str], _index: int) -> None:
        """Addresses and contacts: kept in the raw text only."""

    # -- what is not as it should be --------------------------------------------

    def unknown(self, tag: str, index: int) -> None:
        """Name a segment without a tag; unknown ones are kept in the raw text."""
        if not tag.isalnum() or len(tag) > 3:
            message = "A segment without a usable tag was passed over."
            self._say("segment_unknown", index, message)

    def repair(self, elements: list[str], index: int) -> None:
        """Read what a handler refused: short, long, melted, misplaced, unreadable."""
        self._text = ""  # what is mended is not known by its text
        tag = elements[0].strip(BLANKS).upper()
        pieces = parted([tag, *elements[1:]], self.delimiters.component)
        if len(pieces) > 1:
            message = f"{pieces[1][0]} stands inside {tag}: a terminator is missing."
            self._say("terminator_missing", index, message)
        for piece in pieces:
            self._mend(piece, index)

    def _mend(self, elements: list[str], index: int) -> None:
        """Bring one segment into the shape its handler takes, and hand it over."""
        tag, most = elements[0], self.limits.elements
        if self.claim is None and tag in _IN_CLAIM:
            message = f"{tag} stands before any claim; it was passed over."
            self._say("orphan_segment", index, message)
            return
        if len(elements) > most:
            message = f"{tag} has {len(elements) - 1} elements; the last were not read."
            self._say("too_many_elements", index, message)
        elements = elements[:most]
        found = made_readable(elements, self._place(index), self._tables)
        if tag == "CAS":
            self._take_cas(self._triplets([*elements, "", "", ""]), index)
        elif tag == "DTM" and (ends := period(elements)):
            self._period(ends, index)
        else:
            self._reading[tag](fitted(elements), index)
        self._keep(found)

    def _period(self, ends: list[str], index: int) -> None:
        """A DTM with a range instead of a date is two dates."""
        qualifiers = ("232", "233") if self.line is None else ("150", "151")
        for qualifier, text in zip(qualifiers, ends, strict=False):
            self._mend(["DTM", qualifier, text], index)

    def _keep(self, found: list[Unreadable]) -> None:
        if self.claim is not None:
            self._unreadable += found
        elif not self.headed:
            self._head.header.unreadable += found

    def _say(self, code: str, index: int, message: str) -> None:
        self.report.say(code, *self._place(index), message)

    def _place(self, index: int) -> tuple[int, int]:
        return self.first + index, self.block.position(index)


_NO_ID = "The claim has no patient control number (CLP01)."
_NO_STATUS = "CLP02 holds no claim status."
_CUT = "This claim was cut off; it was not stored."
_UNEVEN = "Charge less payment is not the sum of the claim's adjustments."
