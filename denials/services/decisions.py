"""What people decided about denials, and the defects that are recorded with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from denials.enums import DenialStatus
from denials.models import Denial
from denials.selectors.denials import work_of
from worklists.context import now
from worklists.models import User, WorkItem

DECISION = "decision"
ROOT_CAUSE = "root_cause"
REJECTED = "rejected"
SOURCE = "denial"

_DECIDE = """
UPDATE denials_denial d
   SET status = 'decided', decision = t.decision, root_cause = t.root_cause,
       decided_by_id = %(by)s, decided_at = %(at)s
  FROM unnest(%(ids)s::bigint[], %(decisions)s::text[], %(causes)s::text[])
       AS t(id, decision, root_cause)
 WHERE d.id = t.id AND d.status = 'open'
"""

# The record is append-only: a decision that is made again after a reopening adds a
# line only where it says something else.
_RECORD = """
INSERT INTO worklists_defect
       (source_kind, source_id, round, defect_class, root_cause, failed_stage,
        taxonomy_id, item_id, claim_id, person_id, amount, seen_at)
SELECT %(source)s, d.id, coalesce(last.round, 0) + 1, d.defect_class,
       coalesce(nullif(d.root_cause, ''), 'unknown'), d.failed_stage, d.taxonomy_id,
       d.item_id, d.claim_id, NULL, d.amount, %(at)s
  FROM denials_denial d
  LEFT JOIN LATERAL (
       SELECT x.round, x.root_cause FROM worklists_defect x
        WHERE x.source_kind = %(source)s AND x.source_id = d.id
        ORDER BY x.round DESC LIMIT 1) last ON true
 WHERE d.id = ANY(%(ids)s) AND d.status = 'decided'
   AND last.root_cause IS DISTINCT FROM coalesce(nullif(d.root_cause, ''), 'unknown')
 ORDER BY d.id
"""


def record_decisions(
    item: WorkItem, answers: Mapping[str, Any], actor: User | None
) -> None:
    """Store what was decided about each denial of a completed item.

    An answer for one denial (``decision.12``) goes before one for the whole item
    (``decision``). Effects: denials become ``decided``, one ``Defect`` record each.
    A rejected proposal is not carried out, so nothing is stored; a denial without an
    answer stays open.
    """
    if item.outcome == REJECTED:
        return
    decided = [
        (denial.pk, decision, _answer(answers, ROOT_CAUSE, denial.pk))
        for denial in work_of(item)
        if (decision := _answer(answers, DECISION, denial.pk))
    ]
    if decided:
        _write(decided, by=item.assignee_id or (actor.pk if actor else None))


def _write(decided: Sequence[tuple[int, str, str]], *, by: int | None) -> None:
    ids, decisions, causes = (list(column) for column in zip(*decided, strict=True))
    values = {
        "ids": ids,
        "decisions": decisions,
        "causes": causes,
        "by": by,
        "at": now(),
        "source": SOURCE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DECIDE, values)
        cursor.execute(_RECORD, values)


def _answer(answers: Mapping[str, Any], name: str, denial_id: int) -> str:
    value = answers.get(f"{name}.{denial_id}") or answers.get(name)
    return value if isinstance(value, str) else ""


def reopen_decisions(item: WorkItem) -> None:
    """Open the decided denials of a reopened item; the last decision stays readable."""
    decided = Denial.objects.filter(item=item, status=DenialStatus.DECIDED)
    decided.update(status=DenialStatus.OPEN)
