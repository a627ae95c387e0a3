"""When a file is read: its denials become work, totals are brought up to date."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db import connection

from denials.services import items, reversals, rounds
from worklists.services.batches import Created, Parties, Stored

# What a payment holds now, whichever files it came in.
_TOTALS = """
UPDATE denials_remittance r
   SET paid_total = t.paid, plb_total = t.plb, balances = r.amount = t.paid - t.plb
  FROM (SELECT p.id,
               coalesce((SELECT sum(c.paid) FROM denials_remittanceclaim c
                          WHERE c.remittance_id = p.id), 0) AS paid,
               coalesce((SELECT sum(a.amount) FROM denials_provideradjustment a
                          WHERE a.remittance_id = p.id), 0) AS plb
          FROM (SELECT DISTINCT id FROM fresh_payment) p) t
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
         WHERE c.claim_id IN (SELECT claim_id FROM fresh_claim WHERE NOT added)
         GROUP BY c.claim_id) t
 WHERE k.id = t.claim_id AND k.paid IS DISTINCT FROM t.paid
"""

_COUNT_DENIALS = (
    "SELECT count(*), coalesce(sum(amount), 0) FROM fresh_denial WHERE kind = 'denial'"
)
_CENT = Decimal("0.01")


def finish(stored: Stored, parties: Parties) -> Created:
    """Make rounds, reversals and items of the denials that a file brought.

    Returns the denials stored and items created; claims and payments are counted by
    whoever stored them.
    """
    _run("ANALYZE fresh_claim, fresh_denial")
    _run(_TOTALS)
    _run(_PAID)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_DENIALS)
        count, amount = cursor.fetchone()
    rounds.count_rounds()
    reversals.apply_reversals(stored)
    opened = items.open_denials(stored, parties) if count else 0
    denied = Decimal(amount).quantize(_CENT)
    return Created(denials=count, denied_amount=denied, items=opened)


def _run(statement: str, values: Mapping[str, Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def claims_at(segments: Collection[int]) -> dict[int, int]:
    """Return the claim stored from this file for each of these first segments."""
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
