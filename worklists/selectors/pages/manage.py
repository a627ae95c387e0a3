"""What a manager has to answer, and who carries how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Case, Q, QuerySet, When

from worklists.models import Absence, Escalation, User
from worklists.selectors.access import access_of, visible_q
from worklists.selectors.clock_views import with_running_clocks
from worklists.selectors.keyset import Key, Ordering, Page, page
from worklists.selectors.people import away_today
from worklists.selectors.queues import Figure

MOST = 50
CALLS = Ordering("calls", (Key("by_ladder"), Key("fired_at", "moment"), Key("id")))


def escalations_for(user: User, *, own: bool | None = None) -> QuerySet[Escalation]:
    """Return escalations without an answer that this person may answer.

    With ``own`` only those that wait for them, or only those of their teams.

    Those of queues they manage, lead or supervise, or for whose lead, supervisor or
    manager they stand in today, on items they see. Their own are those that wait for
    them: told to them, to whom they stand in for, or to nobody who is still here. These
    come first; of each, people who called for help before what a clock's ladder fired,
    the oldest first.
    """
    ours = Q(item__queue_id__in=access_of(user).manage)
    ours |= Q(item__queue__supervisor=user) | Q(item__queue__team__lead=user)
    covers = access_of(user).covers
    for who in ("supervisor", "team__lead", "team__manager"):
        ours |= Q(**{f"item__queue__{who}__in": covers})
    mine = Q(to=user) | Q(to__in=covers) | Q(to=None) | Q(to__is_active=False)
    rows = Escalation.objects.filter(ours, visible_q(user, "item__"))
    waiting = rows.filter(needs_acknowledgement=True, acknowledged_at=None)
    if own is not None:
        waiting = waiting.filter(mine if own else ~mine)
    related = (
        "to",
        "raised_by",
        "clock",
        "item__queue",
        "item__claim",
        "item__assignee",
    )
    return (
        waiting.select_related(*related)
        .prefetch_related(with_running_clocks("item__clocks"))
        .annotate(own=mine, by_ladder=Case(When(raised_by=None, then=1), default=0))
        .order_by("-own", "by_ladder", "fired_at", "id")
    )


@dataclass(frozen=True, slots=True)
class Calls:
    """Escalations that a person may answer: their own, those of their teams.

    Of each the first, and how many wait: of more than ``MOST`` nobody counts the rest.
    """

    own: list[Escalation]
    others: list[Escalation]
    waiting: Figure
    waiting_others: Figure


def calls_for(user: User, first: int) -> Calls:
    """Return the first ``first`` of each part of ``escalations_for``, each counted."""
    own, waiting = _first(escalations_for(user, own=True), first)
    others, waiting_others = _first(escalations_for(user, own=False), first)
    return Calls(own, others, waiting, waiting_others)


def _first(rows: QuerySet[Escalation], first: int) -> tuple[list[Escalation], Figure]:
    found = list(rows[:first])
    count = len(found)
    if count == first:
        bounded = rows.order_by().values("pk")[: MOST + 1]
        count = bounded.count()
    return found, Figure(min(count, MOST), count > MOST)


def calls_page(user: User, *, own: bool, cursor: str = "") -> Page[Escalation]:
    """Return a page of those that wait for a person, or for others of their teams."""
    return page(escalations_for(user, own=own), CALLS, cursor=cursor)


@dataclass(frozen=True, slots=True)
class Load:
    """What one person carries: given or in hand, resting, in review, against a day.

    ``more`` says that they carry more than is counted.
    """

    person: User
    in_hand: int
    pending: int
    in_review: int
    more: bool
    away: Absence | None

    @property
    def total(self) -> int:
        """Return everything that waits with the person."""
        return self.in_hand + self.pending


# So many items of a person are counted: nobody carries a thousand.
COUNTED = 1_000
# From holder to holder along the index, then each one's own few: what it costs follows
# from what people hold, not from what exists.
_LOADS = """
WITH RECURSIVE holder (id) AS (
    SELECT min(assignee_id) FROM worklists_workitem
    UNION ALL
    SELECT (SELECT min(i.assignee_id) FROM worklists_workitem i
             WHERE i.assignee_id > h.id)
      FROM holder h WHERE h.id IS NOT NULL
)
SELECT h.id, c.*
  FROM holder h CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE w.state IN ('open', 'in_progress', 'returned'))
               AS in_hand,
           count(*) FILTER (WHERE w.state = 'pending') AS pending,
           count(*) FILTER (WHERE w.state = 'in_review') AS in_review,
           count(*) AS counted
      FROM (SELECT i.state FROM worklists_workitem i
             WHERE i.assignee_id = h.id AND i.queue_id = ANY(%(queues)s)
               AND i.state IN ('open', 'in_progress', 'returned', 'pending', 'in_review')
             LIMIT %(counted)s) w) c
 WHERE c.counted > 0
"""


def loads_for(user: User) -> list[Load]:
    """Return who holds items of the queues a person manages: the fullest, 50 at most."""
    values: dict[str, Any] = {"counted": COUNTED}
    values["queues"] = sorted(access_of(user).manage)
    with connection.cursor() as cursor:
        cursor.execute(_LOADS, values)
        counts = {row[0]: row[1:] for row in cursor.fetchall()}
    people = User.objects.in_bulk(list(counts))
    away = away_today(list(counts))
    loads = [
        Load(people[pk], in_hand, pending, in_review, counted >= COUNTED, away.get(pk))
        for pk, (in_hand, pending, in_review, counted) in counts.items()
    ]
    return sorted(loads, key=_fullest)[:MOST]


def _fullest(load: Load) -> tuple[int, str, str, str]:
    person = load.person
    return -load.total, person.last_name, person.first_name, person.username
