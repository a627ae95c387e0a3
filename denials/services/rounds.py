"""Rounds: the same denial again on the corrected claim."""

from __future__ import annotations

from django.db import connection

# One denial is the same as another when payer, claim, line, group and CARC agree. They
# are counted by payment date, so files that come in the wrong order end the same.
_CHANGED = """
INSERT INTO fresh_round
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
SELECT d.id, d.item_id, c.round, c.previous_id
  FROM counted c JOIN denials_denial d ON d.id = c.id
 WHERE (d.round, d.previous_id) IS DISTINCT FROM (c.round, c.previous_id)
"""

# Items are locked before their denials, as every act on an item does it.
_LOCK_ITEMS = """
SELECT i.id FROM worklists_workitem i
 WHERE i.id IN (SELECT item_id FROM fresh_round)
 ORDER BY i.id FOR NO KEY UPDATE
"""

_NUMBER = """
UPDATE denials_denial d
   SET round = f.round, previous_id = f.previous_id
  FROM fresh_round f
 WHERE d.id = f.denial_id
"""


def count_rounds() -> int:
    """Number the rounds of every denial the file touched; return how many changed."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED)
        if not cursor.rowcount:
            return 0
        cursor.execute(_LOCK_ITEMS)
        cursor.execute(_NUMBER)
        return int(cursor.rowcount)
