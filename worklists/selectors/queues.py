"""Queues a person sees, those they take from, and how the queues stand.

Figures are bounded: they look at the first ``WINDOW`` active items of a queue in the
order of the list, so a queue of a million costs what one of a thousand costs. Where
the window was full a figure reads "at least" (``Figure.more``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet

from worklists.context import now
from worklists.errors import NotVisible
from worklists.models import Queue, User
from worklists.policies import Access, may_work_queue
from worklists.selectors.access import access_of, midnight_of
from worklists.selectors.items import SOON_DAYS, UNTOUCHED_DAYS
from worklists.statements import IsAny, Slot, Statement

WINDOW = 1000
AT_RISK_DAYS = 14


@dataclass(frozen=True, slots=True)
class Figure:
    """A count or a sum that may be more than what was looked at."""

    value: int | Decimal
    more: bool = False

    @property
    def is_some(self) -> bool:
        """Return whether there is any, or may be beyond what was looked at."""
        return bool(self.value) or self.more

    @classmethod
    def sum(cls, those: Iterable[Figure]) -> Figure:
        """Return all together; “at least” where one of them is."""
        found = list(those)
        return cls(sum(one.value for one in found), any(one.more for one in found))

    def __str__(self) -> str:
        """Return it as people read it: ``128``, ``1,000+``, ``41,870.30``."""
        digits = ",.2f" if isinstance(self.value, Decimal) else ","
        return f"{self.value:{digits}}{'+' if self.more else ''}"


@dataclass(frozen=True, slots=True)
class Figures:
    """How a queue stands for one person's facilities.

    ``active`` has not ended, ``open`` waits for somebody, ``due_soon`` within 3 days,
    ``untouched`` for 5 days, ``at_risk`` dollars of active items whose legal deadline
    lies within 14 days, ``unassigned`` how many of these nobody holds, ``arrived`` and
    ``ended`` today in the person's time zone, ``oldest_at`` when the oldest item looked
    at arrived.
    """

    active: Figure
    open: Figure
    overdue: Figure
    due_soon: Figure
    untouched: Figure
    returned: Figure
    in_review: Figure
    at_risk: Figure
    unassigned: Figure
    arrived: Figure
    ended: Figure
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class QueueView:
    """One queue as a person sees it: may they take from it, and how it stands."""

    queue: Queue
    figures: Figures
    works: bool
    why_not: str


_FIGURES = """
SELECT q.id, f.*, d.arrived, d.ended
  FROM unnest(%(queues)s::bigint[]) AS q (id)
 CROSS JOIN LATERAL (
    SELECT count(*),
           count(*) FILTER (WHERE w.state = 'open'),
           count(*) FILTER (WHERE LEAST(w.internal_due_at, w.legal_due_at) < %(at)s),
           count(*) FILTER (WHERE w.internal_due_at BETWEEN %(at)s AND %(soon)s
                               OR w.legal_due_at BETWEEN %(at)s AND %(soon)s),
           count(*) FILTER (WHERE w.touched_at < %(untouched)s),
           count(*) FILTER (WHERE w.state = 'returned'),
           count(*) FILTER (WHERE w.state = 'in_review'),
           COALESCE(sum(w.amount) FILTER (
               WHERE w.legal_due_at BETWEEN %(at)s AND %(risk)s), 0),
           count(*) FILTER (WHERE w.assignee_id IS NULL
                              AND w.legal_due_at BETWEEN %(at)s AND %(risk)s),
           min(w.opened_at)
      FROM (SELECT i.state, i.internal_due_at, i.legal_due_at, i.touched_at,
                   i.amount, i.opened_at, i.assignee_id
              FROM worklists_workitem i
             WHERE i.queue_id = q.id
               AND NOT (i.state IN ('completed', 'cancelled'))
               AND i.facility_id = ANY(%(facilities)s)
             ORDER BY i.priority DESC, i.due_rank, i.id
             LIMIT %(window)s) w
 ) f
 CROSS JOIN LATERAL (
    SELECT (SELECT count(*)
              FROM (SELECT 1 FROM worklists_workitem i
                     WHERE i.queue_id = q.id AND i.opened_at >= %(midnight)s
                       AND i.facility_id = ANY(%(facilities)s)
                     LIMIT %(window)s) a) AS arrived,
           (SELECT count(*)
              FROM (SELECT 1 FROM worklists_workitem i
                     WHERE i.queue_id = q.id AND i.completed_at >= %(midnight)s
                       AND i.facility_id = ANY(%(facilities)s)
                     LIMIT %(window)s) e) AS ended
 ) d
"""


def figures_of(user: User, queue_ids: Collection[int]) -> dict[int, Figures]:
    """Return the figures of queues, for the facilities the person sees: one query."""
    if not queue_ids:
        return {}
    at = now()
    values: dict[str, Any] = {
        "queues": sorted(queue_ids),
        "facilities": sorted(access_of(user).facilities),
        "at": at,
        "soon": at + timedelta(days=SOON_DAYS),
        "untouched": at - timedelta(days=UNTOUCHED_DAYS),
        "risk": at + timedelta(days=AT_RISK_DAYS),
        "midnight": midnight_of(user),
        "window": WINDOW,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, values)
        return {row[0]: _figures(row) for row in cursor.fetchall()}


def _figures(row: Sequence[Any]) -> Figures:
    _, active, *counts, at_risk, unassigned, oldest_at, arrived, ended = row
    full = active >= WINDOW
    open_, overdue, due_soon, untouched, returned, in_review = (
        Figure(count, full) for count in counts
    )
    return Figures(
        active=Figure(active, full),
        open=open_,
        overdue=overdue,
        due_soon=due_soon,
        untouched=untouched,
        returned=returned,
        in_review=in_review,
        at_risk=Figure(Decimal(at_risk), full),
        unassigned=Figure(unassigned, full),
        arrived=Figure(arrived, arrived >= WINDOW),
        ended=Figure(ended, ended >= WINDOW),
        oldest_at=oldest_at,
    )


def _queues(condition: Q) -> QuerySet[Queue]:
    related = ("team__lead", "supervisor", "clearance", "template", "review_policy")
    return Queue.objects.select_related(*related).filter(condition, is_active=True)


_ALL = Statement(lambda: _queues(Q(IsAny(F("pk"), Slot("queues")))))
_NAMED = Statement(
    lambda: _queues(Q(IsAny(F("pk"), Slot("queues")), slug=Slot("slug")))
)


def queues_for(user: User) -> list[QueueView]:
    """Return the active queues a person sees, each with its figures: two queries."""
    access = access_of(user)
    queues = _ALL.rows(queues=sorted(access.visible))
    figures = figures_of(user, [queue.pk for queue in queues])
    return [_view(queue, figures[queue.pk], access) for queue in queues]


def queue_for(user: User, slug: str) -> QueueView:
    """Return one queue a person sees, with its figures, or raise ``NotVisible``."""
    access = access_of(user)
    visible = sorted(access.visible)
    queue = None if "\0" in slug else _NAMED.first(queues=visible, slug=slug)
    if queue is None:
        raise NotVisible("There is no such queue among yours.")
    return _view(queue, figures_of(user, [queue.pk])[queue.pk], access)


def _view(queue: Queue, figures: Figures, access: Access) -> QueueView:
    barred = may_work_queue(access, queue)
    return QueueView(queue, figures, barred is None, barred.why if barred else "")


def queue_names(slugs: Collection[str]) -> dict[str, str]:
    """Return the name of each of these queues, by short name: one query or none."""
    if not slugs:
        return {}
    rows = Queue.objects.filter(slug__in=slugs)
    return dict(rows.values_list("slug", "name"))


def workable_queues(access: Access) -> list[Queue]:
    """Return the active queues a person may take from: granted and cleared."""
    queues = _ACTIVE.rows(queues=sorted(access.work & access.visible))
    return [queue for queue in queues if may_work_queue(access, queue) is None]


_ACTIVE = Statement(
    lambda: Queue.objects.select_related("clearance").filter(
        IsAny(F("pk"), Slot("queues")), is_active=True
    )
)
