"""What people decided about denials, and the defects that are recorded with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Max

from denials.enums import Decision, DenialStatus
from denials.models import Denial
from denials.selectors.denials import parts_of
from worklists.context import now
from worklists.enums import RootCause
from worklists.errors import BadInput
from worklists.evidence import Reads
from worklists.models import Answer, User, WorkItem

DECISION = "decision"
ROOT_CAUSE = "root_cause"
REJECTED = "rejected"
SOURCE = "denial"
# What a form of denials always asks, and which answers are understood.
READS = (
    Reads(DECISION, Denial.decision.field.max_length or 0, tuple(Decision.values)),
    Reads(ROOT_CAUSE, Denial.root_cause.field.max_length or 0, tuple(RootCause.values)),
)
# A denial's id, its decision, its root cause, and who decided.
Decided = tuple[int, str, str, int | None]

_DECIDE = """
UPDATE denials_denial d
   SET status = 'decided', decision = t.decision, root_cause = t.root_cause,
       decided_by_id = t.by_id, decided_at = %(at)s
  FROM unnest(%(ids)s::bigint[], %(decisions)s::text[], %(causes)s::text[],
              %(by)s::bigint[])
       AS t(id, decision, root_cause, by_id)
 WHERE d.id = t.id AND d.status = 'open'
"""

# The record is append-only: a decision that is made again after a reopening adds a
# line only where it says something else. A defect's person is who made it, which no
# remittance says; whoever worked the denial did not, so the place stays empty.
_RECORD = """
INSERT INTO worklists_defect
       (source_kind, source_id, round, defect_class, root_cause, failed_stage,
        taxonomy_id, item_id, claim_id, payer_id, person_id, amount, seen_at)
SELECT %(source)s, d.id, coalesce(last.round, 0) + 1, d.defect_class,
       coalesce(nullif(d.root_cause, ''), 'unknown'), d.failed_stage, d.taxonomy_id,
       d.item_id, d.claim_id, i.payer_id, NULL, d.amount, %(at)s
  FROM denials_denial d
  LEFT JOIN worklists_workitem i ON i.id = d.item_id
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
    (``decision``). Effects: denials become ``decided`` by whoever gave the answer that
    stands (the coder, or the senior who changed it), one ``Defect`` record each. A
    rejected proposal is not carried out, so nothing is stored; a denial without an
    answer stays open. Refuses, with ``BadInput``, an answer that denials do not know: a
    form of before these were held against it may still offer one.
    """
    if item.outcome == REJECTED:
        return
    fixed = _fixed(item, actor)
    decided: list[Decided] = []
    for denial_id in (int(part.key) for part in parts_of(item)):
        name = _asked_as(answers, DECISION, denial_id)
        decision = _text(answers, name)
        if decision:
            cause = _text(answers, _asked_as(answers, ROOT_CAUSE, denial_id))
            by = actor.pk if actor and name in fixed else item.assignee_id
            decided.append((denial_id, decision, cause, by))
    if decided:
        _refuse_unknown(decided)
        _write(decided)


def _refuse_unknown(decided: Sequence[Decided]) -> None:
    for place, reads in enumerate(READS, 1):
        given = {str(row[place]) for row in decided}
        if strange := sorted(given - {"", *reads.codes}):
            why = (
                f"“{strange[0]}” cannot be kept as an answer to “{reads.field}”. Choose "
                "another one, and tell whoever changes the rules to mend the form."
            )
            raise BadInput(why, fields={reads.field: [why]})


def _fixed(item: WorkItem, actor: User | None) -> frozenset[str]:
    """Return the fields a senior answered: a reviewer never saved one before."""
    if actor is None or actor.pk == item.assignee_id:
        return frozenset()
    rows = Answer.objects.filter(item=item, saved_by=actor)
    return frozenset(rows.values_list("field", flat=True))


def _write(decided: Sequence[Decided]) -> None:
    ids, decisions, causes, by = (list(column) for column in zip(*decided, strict=True))
    values: dict[str, Any] = {
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


def _asked_as(answers: Mapping[str, Any], name: str, denial_id: int) -> str:
    own = f"{name}.{denial_id}"
    return own if answers.get(own) else name


def _text(answers: Mapping[str, Any], name: str) -> str:
    value = answers.get(name)
    return value if isinstance(value, str) else ""


def reopen_decisions(item: WorkItem) -> None:
    """Open the decided denials of a reopened item; the last decision stays readable."""
    decided = Denial.objects.filter(item=item, status=DenialStatus.DECIDED)
    decided.update(status=DenialStatus.OPEN)


def take_along(old: WorkItem, item_id: int) -> None:
    """Open in a new item the denials with which the payer's last reversal ended this one.

    That the payer reversed them stays with each; nothing reverses them a second time.
    """
    mine = Denial.objects.filter(item=old, status=DenialStatus.REVERSED)
    last = mine.aggregate(at=Max("reversed_at"))["at"]
    mine.filter(reversed_at=last).update(status=DenialStatus.OPEN, item_id=item_id)
