"""The 835 handler: stages payments, claims and what is denied while a file is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from denials.selectors.taxonomy import current_taxonomy
from denials.services.remittances import findings, rows, storing, tables
from worklists.services.batches import Created, Findings, Parties, Stored
from worklists.x12 import (
    Event,
    Finding,
    PaymentHeader,
    ProviderAdjustments,
    RemittanceClaim,
)

FLUSH = 2000


class RemittanceLoader:
    """Loads the 835 transactions of one file.

    Holds at most ``FLUSH`` claims; then their rows go to the session's temporary
    tables. A claim that is not complete is left out. Raises a ``Refusal`` where no
    taxonomy is loaded or no facility takes the file.
    """

    def __init__(self, parties: Parties) -> None:
        self.facility_id: int | None = None
        self._parties = parties
        self._taxonomy_id, self._table = current_taxonomy()
        self._doubts = Findings()
        self._tx = self._n = self._held = self._pairs = 0
        self._seen: Counter[tuple[object, ...]] = Counter()
        self._rows: dict[str, list[str]] = {}
        tables.create()

    def take(self, event: Event) -> None:
        """Stage one event of an 835 transaction."""
        if type(event) is RemittanceClaim:
            if event.complete:
                self._claim(event)
        elif isinstance(event, PaymentHeader):
            self._payment(event)
        elif isinstance(event, ProviderAdjustments):
            self._money_outside(event)

    def finish(self) -> None:
        """Stage what is still held back."""
        self._flush()

    def findings(self) -> Findings:
        """Return codes nobody knows and what the taxonomy would not decide."""
        return self._doubts

    def store(self, stored: Stored) -> Created:
        """Store what is new: remittances, denials and their items."""
        return storing.store(stored, self._parties, self._taxonomy_id)

    def claims_at(self, segments: Collection[int]) -> Mapping[int, int]:
        """Return the claim stored for each of these first segments."""
        return storing.claims_at(segments)

    def close(self) -> None:
        """Drop the temporary tables."""
        tables.drop()

    def _add(self, table: str, row: str) -> None:
        self._rows.setdefault(table, []).append(row)

    def _flush(self) -> None:
        for table, held in self._rows.items():
            tables.fill(table, held)
        self._rows = {}
        self._held = 0

    def _payment(self, event: PaymentHeader) -> None:
        self._tx += 1
        self._seen.clear()
        self.facility_id = self._parties.facility_of(_payees(event))
        payer_id = self._parties.payer_of(_payers(event))
        row = rows.payment_row(self._tx, event, payer_id, self.facility_id)
        self._add(tables.PAYMENT, row)

    def _money_outside(self, event: ProviderAdjustments) -> None:
        for pair in event.adjustments:
            self._pairs += 1
            self._seen[tuple(pair)] += 1
            times = self._seen[tuple(pair)]
            row = rows.outside_row(self._tx, self._pairs, pair, times)
            self._add(tables.MONEY_OUTSIDE, row)

    def _claim(self, event: RemittanceClaim) -> None:
        self._n += 1
        n, amounts = self._n, rows.Amounts()
        add = self._rows.setdefault
        lines = [rows.line_row(n, line, amounts) for line in event.lines]
        add(tables.LINE, []).extend(lines)
        adjusted = rows.adjustment_rows(n, event, amounts)
        add(tables.ADJUSTMENT, []).extend(adjusted)
        add(tables.REMARK, []).extend(rows.remark_rows(n, event))
        add(tables.CLAIM, []).append(rows.claim_row(n, self._tx, event, amounts))
        self._classify(n, event)
        self._doubts.extend(_absurd(event, amounts))
        self._held += 1
        if self._held >= FLUSH:
            self._flush()

    def _classify(self, n: int, event: RemittanceClaim) -> None:
        found, doubts = findings.classified(event, self._table)
        for order, one in enumerate(found, 1):
            remarks = findings.remarks_beside(event, one)
            row = rows.finding_row(n, order, one, remarks)
            self._add(tables.FINDING, row)
        self._doubts.extend(findings.as_warning(event, doubt) for doubt in doubts)
        self._doubts.extend(findings.strange_remarks(event))


def _payees(event: PaymentHeader) -> Iterator[str]:
    yield from (event.payee_id, event.payee_npi, event.payee_tax_id)
    yield from (reference.value for reference in event.references)
    yield event.payee_name


def _payers(event: PaymentHeader) -> Iterator[str]:
    yield event.payer_id
    if len(event.originator) == 10 and event.originator.startswith("1"):
        yield event.originator[1:]  # the guide puts 1 before a tax id
    if event.payer is not None:
        yield event.payer.id
    yield from (reference.value for reference in event.references)
    yield event.payer_name


def _absurd(event: RemittanceClaim, amounts: rows.Amounts) -> Iterator[Finding]:
    for entry in amounts.absurd:
        yield Finding(
            code="amount_out_of_range",
            segment=entry.segment,
            position=event.position,
            message=f"The amount in {entry.element} is beyond any claim; 0 was stored.",
            level="warning",
        )
