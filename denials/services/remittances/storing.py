"""From the temporary tables into ours: what is new, in one transaction, set-based.

The caller holds the store lock, so nobody else stores remittances meanwhile; unique
constraints hold the rules besides.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db import connection

from denials.services import items, reversals, rounds
from denials.services.line_marks import MARKED_LINES
from denials.services.remittances import tables
from worklists.services.batches import Created, Parties, Stored

_PAYMENTS = """
INSERT INTO denials_remittance
       (payer_id, payer_identifier, payer_name, trace, paid_on, paid_on_text, amount,
        credit_debit, method, handling, facility_id, payee_id, payee_name, produced_on,
        control, version, batch_id, paid_total, plb_total, balances, raw, created_at)
SELECT DISTINCT ON (payer_identifier, trace, paid_on, paid_on_text, amount)
       payer_id, coalesce(payer_identifier, ''), coalesce(payer_name, ''),
       coalesce(trace, ''), paid_on, coalesce(paid_on_text, ''), round(amount, 2),
       coalesce(credit_debit, ''), coalesce(method, ''), coalesce(handling, ''),
       facility_id, coalesce(payee_id, ''), coalesce(payee_name, ''), produced_on,
       coalesce(control, ''), coalesce(version, ''), %(batch)s, 0, 0, false,
       coalesce(raw, ''), %(at)s
  FROM staged_payment
 ORDER BY payer_identifier, trace, paid_on, paid_on_text, amount, tx
    ON CONFLICT DO NOTHING
"""

_FRESH_PAYMENTS = """
CREATE TEMP TABLE fresh_payment AS
SELECT s.tx, r.id AS remittance_id, s.facility_id, s.payer_id,
       coalesce(s.payer_name, '') AS payer_name, coalesce(s.payee_id, '') AS payee_id
  FROM staged_payment s
  JOIN denials_remittance r
    ON r.payer_identifier = coalesce(s.payer_identifier, '')
   AND r.trace = coalesce(s.trace, '')
   AND r.paid_on IS NOT DISTINCT FROM s.paid_on
   AND r.paid_on_text = coalesce(s.paid_on_text, '')
   AND r.amount = round(s.amount, 2)
"""

# Known is what this payment has with the same digest, in the database or earlier in
# the file. Ids are drawn here, in the order of the file, so that rows which hang on a
# claim need no second look-up.
_FRESH_CLAIMS = """
CREATE TEMP TABLE fresh_claim AS
SELECT nextval(pg_get_serial_sequence('denials_remittanceclaim', 'id')) AS id, fresh.*
  FROM (SELECT once.*
          FROM (SELECT DISTINCT ON (p.remittance_id, c.digest)
                       c.n, p.remittance_id, p.facility_id, p.payer_id, p.payer_name,
                       p.payee_id
                  FROM staged_claim c JOIN fresh_payment p USING (tx)
                 WHERE NOT EXISTS (
                           SELECT FROM denials_remittanceclaim k
                            WHERE k.remittance_id = p.remittance_id
                              AND k.digest = decode(c.digest, 'hex'))
                 ORDER BY p.remittance_id, c.digest, c.n) once
         ORDER BY once.n) fresh
"""

_CLAIMS = """
INSERT INTO worklists_claim
       (payee_id, patient_control_number, service_from, service_to, facility_id,
        payer_id, payer_name, patient_name, member_id, provider_name, specialty,
        charge, paid, created_at)
SELECT DISTINCT ON (f.payee_id, c.patient_control_number, c.service_from)
       f.payee_id, coalesce(c.patient_control_number, ''), c.service_from,
       c.service_to, f.facility_id, f.payer_id, f.payer_name,
       coalesce(c.patient_name, ''), coalesce(c.member_id, ''),
       coalesce(c.provider_name, ''), h.specialty, c.charge, c.paid, %(at)s
  FROM fresh_claim f
  JOIN staged_claim c USING (n)
  JOIN worklists_facility h ON h.id = f.facility_id
 ORDER BY f.payee_id, c.patient_control_number, c.service_from, c.n
    ON CONFLICT DO NOTHING
"""

_REMITTANCE_CLAIMS = """
INSERT INTO denials_remittanceclaim
       (id, remittance_id, claim_id, batch_id, patient_control_number, status, charge,
        paid, patient_responsibility, filing_indicator, payer_control_number,
        facility_code, frequency, drg, service_from, service_to, received_on,
        patient_name, member_id, provider_name, provider_id, balanced, unreadable,
        segment, position, length, raw, digest)
SELECT f.id, f.remittance_id, k.id, %(batch)s, coalesce(c.patient_control_number, ''),
       coalesce(c.status, ''), c.charge, c.paid, c.patient_responsibility,
       coalesce(c.filing_indicator, ''), coalesce(c.payer_control_number, ''),
       coalesce(c.facility_code, ''), coalesce(c.frequency, ''), coalesce(c.drg, ''),
       c.service_from, c.service_to, c.received_on, coalesce(c.patient_name, ''),
       coalesce(c.member_id, ''), coalesce(c.provider_name, ''),
       coalesce(c.provider_id, ''), c.balanced, coalesce(c.unreadable, '[]')::jsonb,
       c.segment, c.position, c.length, coalesce(c.raw, ''), decode(c.digest, 'hex')
  FROM fresh_claim f
  JOIN staged_claim c USING (n)
  JOIN worklists_claim k
    ON k.payee_id = f.payee_id
   AND k.patient_control_number = coalesce(c.patient_control_number, '')
   AND k.service_from IS NOT DISTINCT FROM c.service_from
"""

_LINES = """
INSERT INTO denials_remittanceline
       (remittance_claim_id, number, segment, qualifier, code, modifiers, revenue_code,
        charge, paid, units, allowed, original_code, original_units, service_from,
        service_to, control, text)
SELECT f.id, s.number, s.segment, coalesce(s.qualifier, ''), coalesce(s.code, ''),
       coalesce(string_to_array(s.modifiers, E'\\x1f'), '{}'),
       coalesce(s.revenue_code, ''), s.charge, s.paid, s.units, s.allowed,
       coalesce(s.original_code, ''), s.original_units, s.service_from, s.service_to,
       coalesce(s.control, ''), coalesce(s.text, '')
  FROM staged_line s JOIN fresh_claim f USING (n)
"""

_ADJUSTMENTS = """
INSERT INTO denials_adjustment
       (remittance_claim_id, position, line_number, "group", carc, amount, quantity)
SELECT f.id, s.position, s.line_number, coalesce(s."group", ''), coalesce(s.carc, ''),
       s.amount, s.quantity
  FROM staged_adjustment s JOIN fresh_claim f USING (n)
"""

_REMARKS = """
INSERT INTO denials_remark (remittance_claim_id, position, line_number, code, source)
SELECT f.id, s.position, s.line_number, coalesce(s.code, ''), s.source
  FROM staged_remark s JOIN fresh_claim f USING (n)
"""

_MONEY_OUTSIDE = """
INSERT INTO denials_provideradjustment
       (remittance_id, provider, fiscal_on, reason, reference, amount, occurrence)
SELECT p.remittance_id, coalesce(s.provider, ''), s.fiscal_on, coalesce(s.reason, ''),
       coalesce(s.reference, ''), round(s.amount, 2), s.occurrence
  FROM staged_plb s JOIN fresh_payment p USING (tx)
 ORDER BY s.tx, s.ord
    ON CONFLICT DO NOTHING
"""

# What a payment holds now, whichever files it came in.
_TOTALS = """
UPDATE denials_remittance r
   SET paid_total = t.paid, plb_total = t.plb, balances = r.amount = t.paid - t.plb
  FROM (SELECT p.remittance_id AS id,
               coalesce((SELECT sum(c.paid) FROM denials_remittanceclaim c
                          WHERE c.remittance_id = p.remittance_id), 0) AS paid,
               coalesce((SELECT sum(a.amount) FROM denials_provideradjustment a
                          WHERE a.remittance_id = p.remittance_id), 0) AS plb
          FROM (SELECT DISTINCT remittance_id FROM fresh_payment) p) t
 WHERE r.id = t.id
   AND (r.paid_total, r.plb_total, r.balances)
       IS DISTINCT FROM (t.paid, t.plb, r.amount = t.paid - t.plb)
"""

# A claim is paid what all its payments and reversals add up to.
_PAID = """
UPDATE worklists_claim k
   SET paid = greatest(least(t.paid, 9999999999999999), -9999999999999999)
  FROM (SELECT c.claim_id, sum(c.paid) AS paid
          FROM denials_remittanceclaim c
         WHERE c.claim_id IN (SELECT n.claim_id
                                FROM fresh_claim f
                                JOIN denials_remittanceclaim n ON n.id = f.id)
         GROUP BY c.claim_id HAVING count(*) > 1) t
 WHERE k.id = t.claim_id AND k.paid IS DISTINCT FROM t.paid
"""

_DENIALS = f"""
WITH marked AS (
    {MARKED_LINES} (SELECT f.id FROM fresh_claim f JOIN staged_finding s USING (n))
), stored AS (
    INSERT INTO denials_denial
           (claim_id, remittance_claim_id, line_id, kind, "group", carc, remarks, amount,
            taxonomy_id, label, defect_class, suggested_root_cause, failed_stage, owner,
            route, appealable, coding_related, round, status, decision, root_cause,
            found_at, payer_identifier, patient_control_number, payer_control_number,
            paid_on, line_control, line_mark)
    SELECT c.claim_id, c.id, m.id, s.kind, coalesce(s."group", ''),
           coalesce(s.carc, ''), coalesce(string_to_array(s.remarks, E'\\x1f'), '{{}}'),
           s.amount, %(taxonomy)s, coalesce(s.label, ''), coalesce(s.defect_class, ''),
           coalesce(s.root_cause, 'unknown'), coalesce(s.failed_stage, ''),
           coalesce(s.owner, ''), coalesce(s.route, ''), s.appealable,
           s.coding_related, 1, CASE s.kind WHEN 'denial' THEN 'open' ELSE 'noted' END,
           '', '', %(at)s, r.payer_identifier, c.patient_control_number,
           c.payer_control_number, r.paid_on, coalesce(m.control, ''),
           coalesce(m.mark, '')
      FROM staged_finding s
      JOIN fresh_claim f USING (n)
      JOIN denials_remittanceclaim c ON c.id = f.id
      JOIN denials_remittance r ON r.id = c.remittance_id
      LEFT JOIN marked m
        ON m.remittance_claim_id = c.id AND m.number = s.line_number
     ORDER BY s.n, s.ord
        ON CONFLICT DO NOTHING
    RETURNING id, claim_id, kind, amount
)
INSERT INTO fresh_denial SELECT id, claim_id, kind, amount FROM stored
"""  # noqa: S608 - constants of this module

_FRESH_DENIALS = (
    "CREATE TEMP TABLE fresh_denial (id bigint, claim_id bigint, kind text, "
    "amount numeric)"
)
_COUNT_DENIALS = (
    "SELECT count(*), coalesce(sum(amount), 0) FROM fresh_denial WHERE kind = 'denial'"
)


def store(stored: Stored, parties: Parties, taxonomy_id: int) -> Created:
    """Store what a file adds and return what was created.

    In order: payments, claims, their lines, adjustments and remarks, money outside
    claims; what is denied; rounds; reversals; items.
    """
    tables.analyze()
    values = {"batch": stored.batch.pk, "at": stored.at, "taxonomy": taxonomy_id}
    created = _store_remittances(values)
    denials, denied = _store_denials(values)
    if denials or created.remittance_claims:
        rounds.count_rounds()
        reversals.apply_reversals(stored)
    opened = items.open_denials(stored, parties) if denials else 0
    return created + Created(denials=denials, denied_amount=denied, items=opened)


def _store_remittances(values: Mapping[str, Any]) -> Created:
    payments = _run(_PAYMENTS, values)
    _run(_FRESH_PAYMENTS)
    fresh = _run(_FRESH_CLAIMS)
    _run("ANALYZE fresh_claim, fresh_payment")
    claims = _run(_CLAIMS, values)
    kept = _run(_REMITTANCE_CLAIMS, values)
    if kept != fresh:
        raise AssertionError(f"{fresh} claims are new but {kept} were stored")
    for statement in (_LINES, _ADJUSTMENTS, _REMARKS):
        _run(statement)
    outside = _run(_MONEY_OUTSIDE)
    _run(_TOTALS)
    _run(_PAID)
    return Created(
        claims=claims, remittance_claims=kept, others=payments + outside
    )


def _store_denials(values: Mapping[str, Any]) -> tuple[int, Decimal]:
    _run(_FRESH_DENIALS)
    _run(_DENIALS, values)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_DENIALS)
        count, amount = cursor.fetchone()
    return count, Decimal(amount).quantize(Decimal("0.01"))


def _run(statement: str, values: Mapping[str, Any] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def claims_at(segments: Collection[int]) -> dict[int, int]:
    """Return the claim stored in this transaction for each of these first segments."""
    if not segments:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.segment, c.claim_id FROM fresh_claim f "
            "JOIN denials_remittanceclaim c ON c.id = f.id "
            "WHERE c.segment = ANY(%s)",
            [list(segments)],
        )
        return dict(cursor.fetchall())
