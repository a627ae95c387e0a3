"""The head of an 835, BPR to the payee, and money outside of claims (PLB)."""

# ruff: noqa: PLR2004 - numbers of elements are the guide's

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from worklists.x12.events import (
    Party,
    PaymentHeader,
    ProviderAdjustment,
    Reference,
    Unreadable,
)
from worklists.x12.findings import Report
from worklists.x12.machine import PADDING
from worklists.x12.values import ZERO, NotReadable, Tables

SHOWN = 80
_PAYER_REFERENCES = frozenset({"2U", "EV", "NF", "HI"})
_DATES = frozenset({"DTM02", "BPR16", "PLB02"})
T = TypeVar("T")


def say_unreadable(report: Report, found: Unreadable, claim: str = "") -> None:
    """Report an element that cannot be read."""
    kind = "date" if found.element in _DATES else "amount"
    what = "cannot be read; its text is kept" if found.text else "is empty"
    message = f"{found.element} {what}."
    place = found.segment, found.position
    report.say(f"{kind}_unreadable", *place, message, claim)


class Head:
    """Fills a ``PaymentHeader``; what stands twice counts as it stood first."""

    def __init__(self, header: PaymentHeader, tables: Tables) -> None:
        self.header = header
        self.payment: Decimal | None = None
        self._tables = tables
        self._entity = ""

    def bpr(self, elements: list[str], place: tuple[int, int]) -> None:
        """Take the payment's amount, method and date."""
        header, tables = self.header, self._tables
        e = elements if len(elements) > 16 else elements + PADDING
        self.payment = tables.amounts[e[2]] if e[2] else None
        header.amount = self.payment or ZERO
        header.handling, header.credit_debit, header.method = e[1], e[3], e[4]
        header.payer_id, header.date_text = e[10], e[16]
        try:
            header.date = tables.dates[e[16]]
        except NotReadable:
            header.unreadable.append(Unreadable("BPR16", e[16][:SHOWN], *place))

    def trn(self, elements: list[str]) -> None:
        """Take the trace number and who gave it."""
        if not self.header.trace:
            e = elements + PADDING
            self.header.trace, self.header.originator = e[2], e[3]

    def n1(self, elements: list[str]) -> None:
        """Take payer (PR) or payee (PE)."""
        e, header = elements + PADDING, self.header
        self._entity = e[1]
        party = Party(e[1], "", e[2], "", "", "", "", e[3], e[4])
        if party.entity == "PR" and header.payer is None:
            header.payer, header.payer_name = party, party.last
        elif party.entity == "PE" and header.payee is None:
            header.payee, header.payee_name = party, party.last
            header.payee_id, header.payee_id_qualifier = party.id, party.id_qualifier
            header.payee_npi = party.id if party.id_qualifier == "XX" else ""
            header.payee_tax_id = party.id if party.id_qualifier == "FI" else ""

    def reference(self, found: Reference) -> None:
        """Take a REF of the payment, its payer or its payee."""
        header = self.header
        header.references.append(found)
        if self._entity != "PE":
            return
        if found.qualifier == "TJ" and not header.payee_tax_id:
            header.payee_tax_id = found.value
        ten = len(found.value) == 10 and found.value.isdecimal()
        if found.qualifier == "PQ" and ten and not header.payee_npi:
            header.payee_npi = found.value

    def finish(self, segments: list[str]) -> PaymentHeader:
        """Settle by what the payer is known and return the header."""
        header = self.header
        header.raw = "".join(f"{text}~\n" for text in segments)
        own = [r.value for r in header.references if r.qualifier in _PAYER_REFERENCES]
        known_by = (
            ("TRN03", header.originator),
            ("BPR10", header.payer_id),
            ("REF", own[0] if own else ""),
            ("N104", header.payer.id if header.payer else ""),
            ("N102", header.payer_name),
        )
        for source, value in known_by:
            if value:
                header.payer_id, header.payer_id_source = value, source
                break
        return header

    def report(self, report: Report) -> None:
        """Say what is missing or cannot be read."""
        header = self.header
        place = header.segment, header.position
        for found in header.unreadable:
            say_unreadable(report, found)
        if self.payment is None:
            message = "The payment has no readable amount (BPR02)."
            report.say("bpr_missing", *place, message)
        if not header.trace:
            report.say(
                "trn_missing", *place, "The payment has no trace number (TRN02)."
            )


def provider_adjustments(
    elements: list[str], component: str, place: tuple[int, int], tables: Tables
) -> tuple[list[ProviderAdjustment], list[Unreadable]]:
    """Return every pair of a PLB and what of it cannot be read.

    PLB01 is the provider, PLB02 the end of the fiscal year, then pairs of reason with
    reference, and amount. ``place`` is its segment number and byte position.
    """
    e = [*elements, "", "", ""]
    unreadable: list[Unreadable] = []

    def read(table: Callable[[str], T], at: int, otherwise: T) -> T:
        try:
            return table(e[at])
        except NotReadable:
            unreadable.append(Unreadable(f"PLB{at:02}", e[at][:SHOWN], *place))
            return otherwise

    fiscal = read(tables.dates.__getitem__, 2, None)
    found = []
    for at in range(3, len(e) - 1, 2):
        if e[at].strip() or e[at + 1].strip():
            reason, _, reference = e[at].partition(component)
            amount = read(tables.amounts.__getitem__, at + 1, ZERO)
            code = tables.codes[reason]
            found.append(ProviderAdjustment(e[1], fiscal, code, reference, amount))
    return found, unreadable
