"""Some thousand claims at a time into our tables: only what is new, by COPY.

Runs in the transaction of the file, whose store lock lets one file be stored at a
time: what is looked up here stays true until the commit. Unique constraints hold the
rules besides, and a breach undoes the whole file.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import psycopg

from denials.services.line_marks import MARKED_LINES
from denials.services.remittances import tables
from denials.services.remittances.rows import ID, ClaimRows, Payment

_PAYMENTS = """
INSERT INTO denials_remittance
       (payer_id, payer_identifier, payer_name, trace, paid_on, paid_on_text, amount,
        credit_debit, method, handling, facility_id, payee_id, payee_name, produced_on,
        control, version, batch_id, paid_total, plb_total, balances, raw, created_at)
SELECT DISTINCT ON (payer_identifier, trace, paid_on, paid_on_text, amount)
       payer_id, payer_identifier, payer_name, trace, paid_on, paid_on_text,
       round(amount, 2), credit_debit, method, handling, facility_id, payee_id,
       payee_name, produced_on, control, version, %(batch)s, 0, 0, false, raw, %(at)s
  FROM staged_payment
 ORDER BY payer_identifier, trace, paid_on, paid_on_text, amount, tx
    ON CONFLICT DO NOTHING RETURNING id
"""
_PAYMENT_IDS = """
SELECT s.tx, r.id
  FROM staged_payment s
  JOIN denials_remittance r
    ON r.payer_identifier = s.payer_identifier AND r.trace = s.trace
   AND r.paid_on IS NOT DISTINCT FROM s.paid_on AND r.paid_on_text = s.paid_on_text
   AND r.amount = round(s.amount, 2)
"""
_KNOWN = """
SELECT k.remittance_id, k.digest
  FROM unnest(%(remittances)s::bigint[], %(digests)s::bytea[]) AS s(remittance_id, digest)
  JOIN denials_remittanceclaim k
    ON k.remittance_id = s.remittance_id AND k.digest = s.digest
"""
_CLAIM_IDS = """
SELECT k.payee_id, k.patient_control_number, k.service_from, k.id
  FROM unnest(%(payees)s::text[], %(numbers)s::text[], %(dates)s::date[])
       AS s(payee_id, number, service_from)
  JOIN worklists_claim k
    ON k.payee_id = s.payee_id AND k.patient_control_number = s.number
   AND k.service_from IS NOT DISTINCT FROM s.service_from
"""
_OUTSIDE = """
INSERT INTO denials_provideradjustment
       (remittance_id, provider, fiscal_on, reason, reference, amount, occurrence)
SELECT remittance_id, provider, fiscal_on, reason, reference, round(amount, 2),
       occurrence
  FROM staged_plb
    ON CONFLICT DO NOTHING
"""
_DENIALS = f"""
WITH marked AS ({MARKED_LINES} (SELECT remittance_claim_id FROM staged_finding)
), stored AS (
    INSERT INTO denials_denial
           (claim_id, remittance_claim_id, line_id, kind, "group", carc, remarks, amount,
            taxonomy_id, label, defect_class, suggested_root_cause, failed_stage, owner,
            route, appealable, coding_related, round, status, decision, root_cause,
            found_at, payer_identifier, patient_control_number, payer_control_number,
            paid_on, line_control, line_mark)
    SELECT c.claim_id, c.id, m.id, s.kind, s."group", s.carc,
           coalesce(string_to_array(s.remarks, '|'), '{{}}'), s.amount, %(taxonomy)s,
           s.label, s.defect_class, s.root_cause, s.failed_stage, s.owner, s.route,
           s.appealable, s.coding_related, 1,
           CASE s.kind WHEN 'denial' THEN 'open' ELSE 'noted' END, '', '', %(at)s,
           r.payer_identifier, c.patient_control_number, c.payer_control_number,
           r.paid_on, coalesce(m.control, ''), coalesce(m.mark, '')
      FROM staged_finding s
      JOIN denials_remittanceclaim c ON c.id = s.remittance_claim_id
      JOIN denials_remittance r ON r.id = c.remittance_id
      LEFT JOIN marked m
        ON m.remittance_claim_id = c.id AND m.number = s.line_number
     ORDER BY s.remittance_claim_id, s.ord
        ON CONFLICT DO NOTHING
    RETURNING id, claim_id, kind, amount
)
INSERT INTO fresh_denial SELECT id, claim_id, kind, amount FROM stored
"""  # noqa: S608 - constants of our own
_SEQUENCE = "SELECT pg_get_serial_sequence(%s, 'id')"
_NEXT = "SELECT nextval(%s::regclass) FROM generate_series(1, %s)"

Key = tuple[str, str, date | None]


@dataclass(slots=True)
class Chunk:
    """What was read since the chunk before, in the order of the file."""

    payments: list[Payment] = field(default_factory=list)
    claims: list[ClaimRows] = field(default_factory=list)
    outside: list[tuple[Payment, str]] = field(default_factory=list)


class ChunkWriter:
    """Stores chunks one after the other and counts what was new."""

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        *,
        batch_id: int,
        taxonomy_id: int,
        at: datetime,
    ) -> None:
        self.claims = self.remittance_claims = self.others = 0
        self._connection = connection
        self._batch_id = batch_id
        self._taxonomy_id = taxonomy_id
        self._at = at
        self._sequences: dict[str, str] = {}

    def store(self, chunk: Chunk) -> None:
        """Store what is new of a chunk."""
        with psycopg.Cursor(self._connection) as cursor:
            new = self._store_payments(cursor, chunk.payments)
            fresh = _fresh(cursor, chunk.claims, new)
            if fresh:
                self._store_claims(cursor, fresh)
            if chunk.outside:
                self._store_outside(cursor, chunk.outside)

    def _store_payments(
        self, cursor: psycopg.Cursor[Any], payments: Sequence[Payment]
    ) -> frozenset[int]:
        """Give every payment its id; return which of them nobody had stored yet."""
        if not payments:
            return frozenset()
        tables.PAYMENT.fill(cursor, [payment.row for payment in payments])
        cursor.execute(_PAYMENTS, {"batch": self._batch_id, "at": self._at})
        self.others += cursor.rowcount
        new = frozenset(row[0] for row in cursor.fetchall())
        ids = dict(cursor.execute(_PAYMENT_IDS).fetchall())
        for payment in payments:
            payment.remittance_id = ids[payment.tx]
        cursor.execute(
            "INSERT INTO fresh_payment SELECT unnest(%s::bigint[])",
            [sorted(set(ids.values()))],
        )
        cursor.execute("DELETE FROM staged_payment")
        return new

    def _store_claims(
        self, cursor: psycopg.Cursor[Any], fresh: Sequence[ClaimRows]
    ) -> None:
        ids = self._next(cursor, "denials_remittanceclaim", len(fresh))
        claim_ids, added = self._claim_ids(cursor, fresh)
        batch = self._batch_id
        tables.REMITTANCE_CLAIM.fill(
            cursor,
            [
                f"{i}\t{k}\t{rows.payment.remittance_id}\t{batch}\t{rows.row}"
                for i, k, rows in zip(ids, claim_ids, fresh, strict=True)
            ],
        )
        for target, texts in (
            (tables.LINE, [rows.lines for rows in fresh]),
            (tables.ADJUSTMENT, [rows.adjustments for rows in fresh]),
            (tables.REMARK, [rows.remarks for rows in fresh]),
            (tables.FINDING, [rows.findings for rows in fresh]),
        ):
            numbered = zip(ids, texts, strict=True)
            target.fill(cursor, [t.replace(ID, str(i)) for i, t in numbered if t])
        if any(rows.findings for rows in fresh):
            cursor.execute(_DENIALS, {"taxonomy": self._taxonomy_id, "at": self._at})
            cursor.execute("TRUNCATE staged_finding")
        tables.FRESH.fill(
            cursor,
            [
                f"{i}\t{k}\t{'t' if new else 'f'}\n"
                for i, k, new in zip(ids, claim_ids, added, strict=True)
            ],
        )
        self.remittance_claims += len(fresh)

    def _claim_ids(
        self, cursor: psycopg.Cursor[Any], fresh: Sequence[ClaimRows]
    ) -> tuple[list[int], list[bool]]:
        """Return each row's claim, and whether the row is the one that made it."""
        known = _known_claims(cursor, fresh)
        first: dict[Key, ClaimRows] = {}
        for rows in fresh:
            if rows.key not in known:
                first.setdefault(rows.key, rows)
        ids = self._next(cursor, "worklists_claim", len(first))
        at = self._at.isoformat()
        new = list(zip(ids, first.values(), strict=True))
        tables.CLAIM.fill(cursor, [f"{i}\t{rows.claim}{at}\n" for i, rows in new])
        self.claims += len(new)
        known.update(zip(first, ids, strict=True))
        return (
            [known[rows.key] for rows in fresh],
            [first.get(rows.key) is rows for rows in fresh],
        )

    def _next(self, cursor: psycopg.Cursor[Any], table: str, count: int) -> list[int]:
        if table not in self._sequences:
            found = cursor.execute(_SEQUENCE, [table]).fetchall()
            self._sequences[table] = found[0][0]
        rows = cursor.execute(_NEXT, [self._sequences[table], count])
        return [row[0] for row in rows.fetchall()]

    def _store_outside(
        self, cursor: psycopg.Cursor[Any], outside: Sequence[tuple[Payment, str]]
    ) -> None:
        tables.OUTSIDE.fill(
            cursor, [f"{payment.remittance_id}\t{row}" for payment, row in outside]
        )
        cursor.execute(_OUTSIDE)
        self.others += cursor.rowcount
        cursor.execute("DELETE FROM staged_plb")


def _fresh(
    cursor: psycopg.Cursor[Any],
    claims: Sequence[ClaimRows],
    new_payments: Collection[int],
) -> list[ClaimRows]:
    """Return the claims that their payment has not yet, each once.

    A payment that this very chunk brought has none yet: it is not asked for.
    """
    asked = [rows for rows in claims if rows.payment.remittance_id not in new_payments]
    seen = _stored(cursor, asked) if asked else set()
    fresh = []
    for rows in claims:
        identity = (rows.payment.remittance_id, rows.digest)
        if identity not in seen:
            seen.add(identity)
            fresh.append(rows)
    return fresh


def _stored(
    cursor: psycopg.Cursor[Any], claims: Sequence[ClaimRows]
) -> set[tuple[int | None, bytes]]:
    values = {
        "remittances": [rows.payment.remittance_id for rows in claims],
        "digests": [rows.digest for rows in claims],
    }
    cursor.execute(_KNOWN, values)
    return {(remittance, bytes(digest)) for remittance, digest in cursor.fetchall()}


def _known_claims(
    cursor: psycopg.Cursor[Any], fresh: Sequence[ClaimRows]
) -> dict[Key, int]:
    payees, numbers, dates = zip(*(rows.key for rows in fresh), strict=True)
    values = {"payees": list(payees), "numbers": list(numbers), "dates": list(dates)}
    cursor.execute(_CLAIM_IDS, values)
    return {(row[0], row[1], row[2]): row[3] for row in cursor.fetchall()}
