"""Evidence gaps as a measure: what stops submits, and what lies open in hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection

from worklists.context import now
from worklists.evidence.replies import LABEL, is_reply
from worklists.models import EvidenceTemplate, Queue, User
from worklists.policies import measured
from worklists.selectors.access import access_of

WINDOWS = (7, 28, 90)
# The newest tries of a queue and the items in hand that are looked at: a site with more
# is told so, and pays no more.
MOST_TRIES = 2_000
MOST_IN_HAND = 20_000
MOST_FIELDS = 6
HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Missing:
    """One field that stopped submits: how many, and of how many items."""

    name: str
    label: str
    is_step: bool
    submits: int
    items: int


@dataclass(slots=True)
class InHand:
    """Items somebody works on, by how complete they are; fields done and asked."""

    items: int = 0
    complete: int = 0
    part: int = 0
    nothing: int = 0
    done: int = 0
    asked: int = 0


@dataclass(slots=True)
class GapLine:
    """One queue and version of its form.

    ``first`` items were submitted for the first time in the window, ``clean`` of them
    without a gap; ``refused`` submits were stopped, of ``stopped`` items.
    """

    queue: Queue
    template: EvidenceTemplate
    first: int = 0
    clean: int = 0
    refused: int = 0
    stopped: int = 0
    missing: list[Missing] = field(default_factory=list)
    hand: InHand = field(default_factory=InHand)

    @property
    def share(self) -> int | None:
        """Return the percentage of first submits without a gap, None without any."""
        return round(HUNDRED * self.clean / self.first) if self.first else None


@dataclass(frozen=True, slots=True)
class Gaps:
    """The lines, most stopped submits first; ``cut`` names queues with more tries."""

    days: int
    lines: list[GapLine]
    cut: list[Queue]

    @property
    def cut_slugs(self) -> list[str]:
        """Return the short names of the queues that are cut."""
        return [queue.slug for queue in self.cut]


Key = tuple[int, int]

# Queue by queue along its index, the newest tries alone: what it costs follows from the
# number of queues, not from what was ever submitted.
_TRIES = """
SELECT t.* FROM unnest(%(queues)s::bigint[]) q(id) CROSS JOIN LATERAL (
    SELECT s.queue_id, s.template_id, s.item_id, s.fields, s.is_first
      FROM worklists_submittry s
     WHERE s.queue_id = q.id AND s.tried_at >= %(since)s
       AND s.facility_id = ANY(%(facilities)s)
     ORDER BY s.tried_at DESC LIMIT %(most)s) t
"""
_SUBMITS = f"""
WITH tried AS ({_TRIES})
SELECT queue_id, template_id, count(*) AS tries,
       count(*) FILTER (WHERE is_first) AS first,
       count(*) FILTER (WHERE is_first AND fields = '{{}}') AS clean,
       count(*) FILTER (WHERE fields <> '{{}}') AS refused,
       count(DISTINCT item_id) FILTER (WHERE fields <> '{{}}') AS stopped
  FROM tried GROUP BY queue_id, template_id
"""  # noqa: S608 - two constants
_MISSING = f"""
WITH tried AS ({_TRIES})
SELECT queue_id, template_id, f.name, count(*) AS submits,
       count(DISTINCT item_id) AS items
  FROM tried CROSS JOIN LATERAL unnest(fields) f(name)
 GROUP BY queue_id, template_id, f.name
"""  # noqa: S608 - two constants
_IN_HAND = """
SELECT queue_id, template_id, count(*),
       count(*) FILTER (WHERE evidence_done >= evidence_asked),
       count(*) FILTER (WHERE evidence_done < evidence_asked AND evidence_done > 0),
       count(*) FILTER (WHERE evidence_done < evidence_asked AND evidence_done = 0),
       sum(evidence_done), sum(evidence_asked)
  FROM (SELECT queue_id, template_id, evidence_done, evidence_asked
          FROM worklists_workitem
         WHERE state IN ('in_progress', 'returned', 'pending')
           AND queue_id = ANY(%(queues)s) AND facility_id = ANY(%(facilities)s)
         LIMIT %(most_in_hand)s) hand
 GROUP BY queue_id, template_id
"""


def gaps_for(user: User, *, days: int) -> Gaps:
    """Return the measure for the queues a person manages, in their facilities.

    For an auditor for all that they see.

    Five queries, whatever there is: bounded by queues and the newest tries of each.
    """
    access = access_of(user)
    values = {
        "queues": sorted(measured(access)),
        "facilities": sorted(access.facilities),
        "since": now() - timedelta(days=days),
        "most": MOST_TRIES,
        "most_in_hand": MOST_IN_HAND,
    }
    submits, missing = _rows(_SUBMITS, values), _rows(_MISSING, values)
    hand = _rows(_IN_HAND, values)
    keys = {(row[0], row[1]) for rows in (submits, hand) for row in rows}
    lines = _lines(keys)
    for queue_id, form, _, *figures in submits:
        line = lines[queue_id, form]
        line.first, line.clean, line.refused, line.stopped = figures
    for queue_id, form, *figures in hand:
        lines[queue_id, form].hand = InHand(*map(int, figures))
    _name(lines, missing)
    return Gaps(days, _in_order(lines.values()), _cut(lines, submits))


def _rows(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _lines(keys: Iterable[Key]) -> dict[Key, GapLine]:
    keys = set(keys)
    queues = Queue.objects.select_related("team").in_bulk({q for q, _ in keys})
    forms = EvidenceTemplate.objects.in_bulk({form for _, form in keys})
    return {(q, form): GapLine(queues[q], forms[form]) for q, form in keys}


def _name(lines: Mapping[Key, GapLine], rows: Iterable[tuple[Any, ...]]) -> None:
    """Put the most missing fields on each line, by the labels of that version."""
    by_line: dict[Key, list[Missing]] = defaultdict(list)
    for queue_id, form, name, submits, items in rows:
        known = {one["name"]: one for one in lines[queue_id, form].template.fields}
        asked = known.get(name, {})
        unasked = LABEL if is_reply(name) else name
        label, is_step = asked.get("label", unasked), asked.get("type") == "step"
        by_line[queue_id, form].append(Missing(name, label, is_step, submits, items))
    for key, found in by_line.items():
        found.sort(key=lambda one: (-one.submits, one.label))
        lines[key].missing = found[:MOST_FIELDS]


def _in_order(lines: Iterable[GapLine]) -> list[GapLine]:
    def presses(line: GapLine) -> tuple[object, ...]:
        return (
            -line.refused,
            line.queue.name,
            line.template.slug,
            -line.template.version,
        )

    return sorted(lines, key=presses)


def _cut(
    lines: Mapping[Key, GapLine], submits: Iterable[tuple[Any, ...]]
) -> list[Queue]:
    tries: dict[int, int] = defaultdict(int)
    queues = {queue_id: line.queue for (queue_id, _), line in lines.items()}
    for queue_id, _, count, *_rest in submits:
        tries[queue_id] += count
    return [queues[pk] for pk, count in tries.items() if count >= MOST_TRIES]
