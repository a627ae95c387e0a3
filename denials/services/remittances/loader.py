"""The 835 handler: payments, claims and what is denied, while a file is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from django.db import connection

from denials.selectors.taxonomy import current_taxonomy
from denials.services.remittances import findings, finishing, rows, tables
from denials.services.remittances.behind import Behind
from denials.services.remittances.chunks import Chunk, ChunkWriter
from worklists.services.batches import Created, Findings, Parties, Stored
from worklists.taxonomy import Found
from worklists.x12 import (
    Event,
    Finding,
    PaymentHeader,
    ProviderAdjustments,
    RemittanceClaim,
)

CHUNK = 2000

TAX_ID = 10  # characters, with the guide's 1 before it


class RemittanceLoader:
    """Loads the 835 transactions of one file.

    Holds a few times ``CHUNK`` claims, never a file: each chunk is stored while the
    next is read. A claim that is not complete is left out; a file without any whole
    claim stores nothing. Raises a ``Refusal`` where no taxonomy is loaded or no
    facility takes the file.
    """

    def __init__(self, parties: Parties, stored: Stored) -> None:
        self.facility_id: int | None = None
        self._parties = parties
        self._stored = stored
        taxonomy_id, self._table = current_taxonomy()
        self._doubts = Findings()
        self._payment: rows.Payment | None = None
        self._tx = 0
        self._seen: Counter[tuple[object, ...]] = Counter()
        self._chunk = Chunk()
        self._has_claims = False
        with connection.cursor() as cursor:
            tables.create(cursor)
            # Foreign keys are checked with each chunk, while the next one is read.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self._writer = ChunkWriter(
            connection.connection,
            batch_id=stored.batch.pk,
            taxonomy_id=taxonomy_id,
            at=stored.at,
        )
        self._behind = Behind()

    def take(self, event: Event) -> None:
        """Take one event of an 835 transaction."""
        if type(event) is RemittanceClaim:
            if event.complete:
                self._take_claim(event)
        elif isinstance(event, PaymentHeader):
            self._take_payment(event)
        elif isinstance(event, ProviderAdjustments):
            self._take_outside(event)

    def finish(self) -> Created:
        """Store the last chunk, make work of the denials; return what was created."""
        if not self._has_claims:
            return Created()
        self._store_chunk()
        self._behind.settle()
        writer = self._writer
        return Created(
            claims=writer.claims,
            remittance_claims=writer.remittance_claims,
            others=writer.others,
        ) + finishing.finish(self._stored, self._parties)

    def findings(self) -> Findings:
        """Return codes nobody knows and what the taxonomy would not decide."""
        return self._doubts

    def claims_at(self, segments: Collection[int]) -> Mapping[int, int]:
        """Return the claim stored for each of these first segments."""
        return finishing.claims_at(segments)

    def close(self) -> None:
        """End the thread that stores."""
        self._behind.close()

    def _store_chunk(self) -> None:
        self._behind.do(self._writer.store, self._chunk)
        self._chunk = Chunk()

    def _take_payment(self, event: PaymentHeader) -> None:
        self._tx += 1
        self._seen.clear()
        parties = self._parties
        facility_id = parties.facility_of(_payees(event))
        payer_id = parties.payer_of(_payers(event))
        self.facility_id = facility_id
        self._payment = rows.Payment(
            tx=self._tx,
            row=rows.payment_row(self._tx, event, payer_id, facility_id),
            payee_id=rows.payee_of(event),
            payer_id=payer_id,
            payer_name=rows.blanked(event.payer_name[:160]),
            facility_id=facility_id,
            specialty=rows.blanked(parties.facilities[facility_id].specialty),
        )
        self._chunk.payments.append(self._payment)

    def _take_outside(self, event: ProviderAdjustments) -> None:
        if self._payment is None:
            return
        for pair in event.adjustments:
            self._seen[tuple(pair)] += 1
            row = rows.outside_row(pair, self._seen[tuple(pair)])
            self._chunk.outside.append((self._payment, row))

    def _take_claim(self, event: RemittanceClaim) -> None:
        if self._payment is None:
            return
        found, doubts = findings.classified(event, self._table)
        said = _said(event, found) if found else ""
        amounts = rows.Amounts()
        claim = rows.without_controls(event)
        self._chunk.claims.append(rows.rows_of(claim, self._payment, said, amounts))
        self._has_claims = True
        if doubts or amounts.absurd:
            self._doubts.extend(findings.as_warning(event, doubt) for doubt in doubts)
            self._doubts.extend(_absurd(event, amounts))
        self._doubts.extend(findings.strange_remarks(event))
        if len(self._chunk.claims) >= CHUNK:
            self._store_chunk()


def _said(event: RemittanceClaim, found: Sequence[Found]) -> str:
    return "".join(
        rows.finding_row(order, one, findings.remarks_beside(event, one))
        for order, one in enumerate(found, 1)
    )


def _payees(event: PaymentHeader) -> Iterator[str]:
    yield from (event.payee_id, event.payee_npi, event.payee_tax_id)
    yield from (reference.value for reference in event.references)
    yield event.payee_name


def _payers(event: PaymentHeader) -> Iterator[str]:
    yield event.payer_id
    if len(event.originator) == TAX_ID and event.originator.startswith("1"):
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
