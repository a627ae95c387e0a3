"""The 837, counted: claims, lines, diagnoses, payers.

Counting only: what a claim holds is not kept. The machine that does will stand here.
"""

# ruff: noqa: PLR2004 - numbers of elements are the guide's

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from worklists.x12.findings import Report
from worklists.x12.limits import Limits
from worklists.x12.machine import PADDING, Handler, Machine
from worklists.x12.tallies import CasTally, Distinct, Tally
from worklists.x12.values import ZERO, NotReadable, Tables

_DIAGNOSES = frozenset(
    {"BK", "BF", "ABK", "ABF", "BJ", "ABJ", "PR", "APR", "BN", "ABN"}
)


@dataclass(slots=True)
class ClaimCounts:
    """What the ``837`` section of the facts says, of one transaction or of many."""

    codes: Distinct
    npis: Distinct
    payers: Distinct
    frequencies: Tally
    levels: Tally
    modifiers: Tally
    cas: CasTally
    form: str = ""
    claims: int = 0
    lines: int = 0
    others_paid: int = 0
    diagnoses: int = 0
    charge: Decimal = ZERO
    line_charge: Decimal = ZERO

    @classmethod
    def within(cls, limits: Limits) -> ClaimCounts:
        """Return empty counts."""
        most = limits.distinct
        return cls(
            codes=Distinct(most), npis=Distinct(most), payers=Distinct(most),
            frequencies=Tally(most), levels=Tally(most), modifiers=Tally(most),
            cas=CasTally(most),
        )  # fmt: skip

    def add(self, other: ClaimCounts) -> None:
        """Add the counts of another transaction."""
        self.form = self.form or other.form
        self.claims += other.claims
        self.lines += other.lines
        self.others_paid += other.others_paid
        self.diagnoses += other.diagnoses
        self.charge += other.charge
        self.line_charge += other.line_charge
        self.frequencies.merge(other.frequencies)
        self.levels.merge(other.levels)
        self.modifiers.merge(other.modifiers)
        self.codes.update(other.codes)
        self.npis.update(other.npis)
        self.payers.update(other.payers)
        self.cas.add_all(other.cas)


class Claims837(Machine):
    """Counts one 837. ``claims`` are its CLM segments."""

    __slots__ = ("_amounts", "_component", "_counts")

    def __init__(
        self, component: str, tables: Tables, report: Report, limits: Limits
    ) -> None:
        super().__init__(report, limits)
        self._component = component
        self._amounts = tables.amounts
        self._counts = ClaimCounts.within(limits)

    def known(self) -> dict[str, Handler]:
        """Return the handlers by tag."""
        return {
            "HL": self._hl, "CLM": self._clm, "HI": self._hi, "NM1": self._nm1,
            "SV1": self._sv1, "SV2": self._sv2, "SV3": self._sv3, "SVD": self._svd,
            "CAS": self._cas,
        }  # fmt: skip

    def counts(self) -> ClaimCounts:
        """Return what was counted."""
        return self._counts

    def _amount(self, text: str) -> Decimal:
        try:
            return self._amounts[text]
        except NotReadable:
            return ZERO

    def _hl(self, elements: list[str], _index: int) -> None:
        self._counts.levels.add((elements[3],))

    def _clm(self, elements: list[str], _index: int) -> None:
        e = elements + PADDING
        self.claims += 1
        self._counts.claims += 1
        self._counts.charge += self._amount(e[2])
        place = e[5].split(self._component)
        self._counts.frequencies.add(place[2:3] or ("",))

    def _hi(self, elements: list[str], _index: int) -> None:
        counts = self._counts
        for element in elements[1:]:
            kind, _, rest = element.strip().partition(self._component)
            code = rest.split(self._component, 1)[0]
            if code and kind in _DIAGNOSES:
                counts.diagnoses += 1
                counts.codes.add(f"{kind}:{code}")

    def _nm1(self, elements: list[str], _index: int) -> None:
        e = elements if len(elements) > 9 else elements + PADDING
        if e[1] == "85":
            self._counts.npis.add(e[9])
        elif e[1] == "PR":
            self._counts.payers.add(e[3])

    def _sv1(self, elements: list[str], _index: int) -> None:
        self._line(elements[1], elements[2], "837P")

    def _sv2(self, elements: list[str], _index: int) -> None:
        self._line(elements[2], elements[3], "837I")

    def _sv3(self, elements: list[str], _index: int) -> None:
        self._line(elements[1], elements[2], "837D")

    def _line(self, procedure: str, charge: str, form: str) -> None:
        counts = self._counts
        counts.form = counts.form or form
        counts.lines += 1
        counts.line_charge += self._amount(charge)
        modifiers = procedure.split(self._component)[2:6]
        counts.modifiers.add(filter(None, modifiers))

    def _svd(self, _elements: list[str], _index: int) -> None:
        self._counts.others_paid += 1

    def _cas(self, elements: list[str], _index: int) -> None:
        e = [*elements, "", ""]
        for place in range(2, len(elements), 3):
            if e[place]:
                self._counts.cas.add((e[1], e[place]), self._amount(e[place + 1]))
