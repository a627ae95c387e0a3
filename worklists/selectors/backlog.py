"""What waits for seniors: by queue, by reviewer, and what is over its time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, QuerySet

from worklists.context import now
from worklists.enums import Role, State
from worklists.models import (
    Absence,
    Queue,
    QueueGroupObjectPermission,
    QueueUserObjectPermission,
    Review,
    User,
)
from worklists.policies import is_reserved
from worklists.selectors.access import access_of
from worklists.selectors.people import away_today
from worklists.selectors.queues import WINDOW
from worklists.statements import IsAny, Slot, Statement

RECENT = timedelta(days=7)


@dataclass(slots=True)
class QueueBacklog:
    """The open reviews of one queue; ``over`` are over the time of their policy."""

    queue: Queue
    waiting: int = 0
    over: int = 0
    oldest_at: datetime | None = None


@dataclass(slots=True)
class ReviewerBacklog:
    """What one senior may decide, and what they decided in 7 days.

    Their own work is left out, and what a policy reserves for a role they lack.
    """

    person: User
    waiting: int = 0
    over: int = 0
    decided: int = 0
    away: Absence | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in some queues; ``more`` when there is more than was looked at.

    ``reserved`` is how many only people with a role approve, by that role.
    """

    queues: list[QueueBacklog] = field(default_factory=list)
    reviewers: list[ReviewerBacklog] = field(default_factory=list)
    more: bool = False
    reserved: dict[str, int] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        """Return how many reviews wait."""
        return sum(one.waiting for one in self.queues)

    @property
    def over(self) -> int:
        """Return how many of them are over their time."""
        return sum(one.over for one in self.queues)

    @property
    def oldest_at(self) -> datetime | None:
        """Return since when the oldest waits."""
        return min((q.oldest_at for q in self.queues if q.oldest_at), default=None)


def backlog_of(user: User, queue_ids: Collection[int]) -> Backlog:
    """Return what waits for seniors in these queues and the person's facilities.

    Looks at the 1,000 oldest. Queues by what is over and waits, reviewers by what
    they can decide; who reviews is who holds role and grant. Eight queries at most.
    """
    at = now()
    rows = _WAITING.rows(
        queues=sorted(queue_ids), facilities=sorted(access_of(user).facilities)
    )
    queues = {
        pk: QueueBacklog(queue)
        for pk, queue in Queue.objects.in_bulk({row[0] for row in rows}).items()
    }
    reviewers, grants = _reviewers(queue_ids)
    reserved = Counter(row[4] for row in rows[:WINDOW] if is_reserved(row[4]))
    holders = _holders(reserved, sorted(reviewers))
    for queue_id, opened_at, due_at, workers, role in rows[:WINDOW]:
        late = bool(due_at and due_at < at)
        found = queues[queue_id]
        found.waiting, found.over = found.waiting + 1, found.over + late
        found.oldest_at = found.oldest_at or opened_at
        able = grants[queue_id] - set(workers)
        for user_id in able & holders[role] if is_reserved(role) else able:
            reviewers[user_id].waiting += 1
            reviewers[user_id].over += late
    return Backlog(
        sorted(queues.values(), key=lambda q: (-q.over, -q.waiting, q.queue.name)),
        sorted(reviewers.values(), key=lambda r: (-r.waiting, str(r.person))),
        len(rows) > WINDOW,
        dict(reserved),
    )


def _holders(roles: Collection[str], people: Sequence[int]) -> dict[str, set[int]]:
    """Return who of these people holds each of the roles: one query or none."""
    found: dict[str, set[int]] = defaultdict(set)
    if roles:
        for role, user_id in _HOLDING.rows(roles=sorted(roles), people=people):
            found[role].add(user_id)
    return found


_WAITING = Statement(
    lambda: (
        Review.objects.filter(
            IsAny(F("item__queue_id"), Slot("queues")),
            IsAny(F("item__facility_id"), Slot("facilities")),
            decided_at=None,
            item__state=State.IN_REVIEW,
        )
        .order_by("opened_at", "pk")
        .values_list(
            "item__queue_id", "opened_at", "due_at", "workers", "approver_role"
        )[: WINDOW + 1]
    )
)


def _reviewers(
    queue_ids: Collection[int],
) -> tuple[dict[int, ReviewerBacklog], dict[int, set[int]]]:
    """Return the seniors of some queues, and who reviews each queue."""
    seniors = {person.pk: person for person in _SENIORS.rows()}
    queues = sorted(queue_ids)
    grants: dict[int, set[int]] = defaultdict(set)
    for granted in (_GRANTED, _GRANTED_TO_GROUPS):
        for user_id, queue_id in granted.rows(queues=queues):
            if user_id in seniors:
                grants[queue_id].add(user_id)
    ids = sorted(set().union(*grants.values()))
    counts = dict(_DECIDED.rows(people=ids, since=now() - RECENT, queues=queues))
    away = away_today(ids)
    found = {
        pk: ReviewerBacklog(seniors[pk], decided=counts.get(pk, 0), away=away.get(pk))
        for pk in ids
    }
    return found, grants


_HOLDING = Statement(
    lambda: User.objects.filter(
        IsAny(F("groups__name"), Slot("roles")), IsAny(F("pk"), Slot("people"))
    ).values_list("groups__name", "pk")
)
_SENIORS = Statement(
    lambda: User.objects.filter(groups__name=Role.REVIEWER, is_active=True)
)


def _granted(
    rows: QuerySet[Any, Any], who: str
) -> QuerySet[Any, tuple[int | None, int]]:
    asked = rows.filter(
        IsAny(F("content_object_id"), Slot("queues")),
        permission__codename="review_queue",
    )
    return asked.values_list(who, "content_object_id")


_GRANTED = Statement(
    lambda: _granted(QueueUserObjectPermission.objects.all(), "user_id")
)
_GRANTED_TO_GROUPS = Statement(
    lambda: _granted(QueueGroupObjectPermission.objects.all(), "group__user")
)
_DECIDED = Statement(
    lambda: (
        Review.objects.filter(
            IsAny(F("reviewer_id"), Slot("people")),
            IsAny(F("item__queue_id"), Slot("queues")),
            decided_at__gte=Slot("since"),
        )
        .values_list("reviewer_id")
        .annotate(Count("pk"))
    )
)
