"""Rounds: the same denial again on the corrected claim."""

from __future__ import annotations

from django.db import connection

# One denial is the same as another when payer, claim, line, group and CARC agree. They
# are counted by payment date, so files that come in the wrong order end the same.
_ROUNDS = """
WITH touched AS (
    SELECT DISTINCT d.claim_id
      FROM fresh_denial f JOIN denials_denial d ON d.id = f.id
     WHERE d.kind = 'denial'
), counted AS (
    SELECT d.id, least(row_number() OVER same, 32767) AS round,
           lag(d.id) OVER same AS previous_id
      FROM denials_denial d JOIN touched USING (claim_id)
     WHERE d.kind = 'denial'
    WINDOW same AS (
        PARTITION BY d.claim_id, d.payer_identifier, d."group", d.carc,
                     coalesce(nullif(d.line_control, ''), d.line_mark)
            ORDER BY d.paid_on NULLS FIRST, d.remittance_claim_id, d.id)
)
UPDATE denials_denial d
   SET round = c.round, previous_id = c.previous_id
  FROM counted c
 WHERE d.id = c.id
   AND (d.round, d.previous_id) IS DISTINCT FROM (c.round, c.previous_id)
"""


def count_rounds() -> int:
    """Number the rounds of every denial the file touched; return how many changed."""
    with connection.cursor() as cursor:
        cursor.execute(_ROUNDS)
        return int(cursor.rowcount)
