"""Reversals: a payer takes an earlier decision back (CLP02 = 22).

A reversal closes denials of the same payer control number and CLP01 on the same line
under the same group and CARC (CONTRACT 2), and only what was decided before it: a
reversal that comes before its original waits in the database and is applied when the
original arrives, and the corrected claim behind it stays as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from denials.services import items
from denials.services.line_marks import MARKED_LINES
from worklists.models import WorkItem
from worklists.selectors.task_classes import table
from worklists.services import bulk, leaving, progress
from worklists.services.batches import Stored
from worklists.services.reading import subject

REASON_CODE = "payer_reversed"
CANCEL = "cancel_reversed"

# Pairs of a denial nobody reversed yet and a reversal that may concern it, one of the
# two new in this file.
_PAIRS = """
SELECT d.id AS denial_id, v.id AS reversal_id
  FROM fresh_denial f
  JOIN denials_denial d ON d.id = f.id
  JOIN denials_remittanceclaim v
    ON v.payer_control_number = d.payer_control_number
   AND v.patient_control_number = d.patient_control_number
   AND v.status = '22'
UNION
SELECT d.id, v.id
  FROM fresh_claim f
  JOIN denials_remittanceclaim v ON v.id = f.id AND v.status = '22'
  JOIN denials_denial d
    ON d.payer_control_number = v.payer_control_number
   AND d.patient_control_number = v.patient_control_number
   AND d.reversed_by_id IS NULL
"""

# Earlier: in the same payment by its order, else by payment date; on the same day what
# was stored first; a payment without a date may be any day.
_EARLIER = """
CASE WHEN c.remittance_id = v.remittance_id THEN c.id < v.id
     WHEN p.paid_on IS NULL OR r.paid_on IS NULL THEN true
     WHEN p.paid_on = r.paid_on THEN c.id < v.id
     ELSE p.paid_on < r.paid_on END
"""

# A denial without any reason code is taken back by a reversal without any.
_SAME_REASON = """
EXISTS (SELECT FROM denials_adjustment a
          LEFT JOIN marked m
            ON m.remittance_claim_id = a.remittance_claim_id
           AND m.number = a.line_number
         WHERE a.remittance_claim_id = v.id
           AND a."group" = d."group" AND a.carc = d.carc
           AND CASE WHEN d.line_id IS NULL THEN a.line_number = 0
                    WHEN m.control <> '' AND d.line_control <> ''
                    THEN m.control = d.line_control
                    ELSE m.mark = d.line_mark END)
OR d.carc = 'unknown' AND NOT EXISTS (
       SELECT FROM denials_adjustment a WHERE a.remittance_claim_id = v.id)
"""

_COVERED = f"""
INSERT INTO fresh_cover
WITH pair AS ({_PAIRS}
), marked AS ({MARKED_LINES} (SELECT reversal_id FROM pair)
)
SELECT DISTINCT ON (d.id) d.id AS denial_id, d.item_id, v.id AS reversal_id
  FROM pair x
  JOIN denials_denial d ON d.id = x.denial_id
  JOIN denials_remittanceclaim c ON c.id = d.remittance_claim_id
  JOIN denials_remittance p ON p.id = c.remittance_id
  JOIN denials_remittanceclaim v ON v.id = x.reversal_id
  JOIN denials_remittance r ON r.id = v.remittance_id
 WHERE (d.payer_control_number <> '' OR c.claim_id = v.claim_id)
   AND {_EARLIER} AND ({_SAME_REASON})
 ORDER BY d.id, r.paid_on, v.id
"""  # noqa: S608 - constants of this module

# Items are locked before their denials, as every act on an item does it.
_LOCK_ITEMS = """
SELECT i.id FROM worklists_workitem i
 WHERE i.id IN (SELECT item_id FROM fresh_cover)
 ORDER BY i.id FOR NO KEY UPDATE
"""

_APPLY = """
UPDATE denials_denial d
   SET reversed_by_id = f.reversal_id, reversed_at = %(at)s,
       status = CASE d.status WHEN 'decided' THEN 'decided' ELSE 'reversed' END
  FROM fresh_cover f
 WHERE d.id = f.denial_id
RETURNING d.id, d.item_id
"""

_ITEMS = """
SELECT i.id, i.state IN ('completed', 'cancelled') AS ended,
       EXISTS (SELECT FROM denials_denial d
                WHERE d.item_id = i.id AND d.status = 'open') AS has_open,
       EXISTS (SELECT FROM denials_denial d
                WHERE d.item_id = i.id AND d.decision = 'appeal') AS appealed
  FROM worklists_workitem i
 WHERE i.id = ANY(%(ids)s)
 ORDER BY i.id
"""


class _Standing(NamedTuple):
    id: int
    ended: bool
    has_open: bool
    appealed: bool


def apply_reversals(stored: Stored) -> int:
    """Apply the file's reversals, and kept ones to the file's denials; count them.

    Effects: open denials become ``reversed``; a decided one keeps its decision and is
    marked. An item with no open denial left is cancelled by the system with reason
    ``payer_reversed``; one whose appeal was submitted, or that has ended, is flagged
    instead; one with open denials goes on for less money. One event an item. Where the
    task-class table leaves cancelling to people, the item stays, is flagged, and a
    second event says so.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COVERED)
        if not cursor.rowcount:
            return 0
        cursor.execute(_LOCK_ITEMS)
        cursor.execute(_APPLY, {"at": stored.at})
        reversed_rows = cursor.fetchall()
    by_item: dict[int, list[int]] = defaultdict(list)
    for denial_id, item_id in sorted(reversed_rows):
        if item_id is not None:
            by_item[item_id].append(denial_id)
    ids = list(by_item)
    for start in range(0, len(ids), items.ITEMS_AT_ONCE):
        some = ids[start : start + items.ITEMS_AT_ONCE]
        _tell_items({item_id: by_item[item_id] for item_id in some}, stored)
    return len(reversed_rows)


def _tell_items(by_item: dict[int, list[int]], stored: Stored) -> None:
    about = subject("batch", stored.batch.pk)
    cancel: list[int] = []
    smaller: list[int] = []
    flagged: list[int] = []
    for item in _standing(list(by_item)):
        if item.ended or (item.appealed and not item.has_open):
            flagged.append(item.id)
        else:
            (smaller if item.has_open else cancel).append(item.id)
    left: list[int] = []
    if not table().is_automatic(CANCEL):
        left, cancel = cancel, []
        flagged += left
    items.flag(flagged, REASON_CODE)
    recounted, changes = items.recount(smaller)
    _ask_less(recounted)
    facts = {
        i: {"reversed": by_item[i], "changes": changes.get(i, {})}
        for i in (*flagged, *smaller)
    }
    bulk.append_events(facts, action="item.changed", about=about)
    bulk.cancel_items(cancel, reason_code=REASON_CODE, about=about)
    if left:
        leaving.leave_items(left, CANCEL, about)


def _ask_less(smaller: Sequence[WorkItem]) -> None:
    """What was reversed is not asked any more, so more of the rest is answered."""
    for item in smaller:
        progress.count(item)
    WorkItem.objects.bulk_update(smaller, ["evidence_done", "evidence_asked"])


def _standing(ids: list[int]) -> list[_Standing]:
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, {"ids": ids})
        return [_Standing(*row) for row in cursor.fetchall()]
