"""What a manager has to answer, and who carries how much."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from worklists.enums import IN_HAND, State
from worklists.models import Absence, Escalation, User, WorkItem
from worklists.selectors.access import access_of, visible_q
from worklists.selectors.clock_views import with_running_clocks
from worklists.selectors.people import away_today

MOST = 50


def escalations_for(user: User) -> QuerySet[Escalation]:
    """Return escalations that wait for this person's answer, the oldest first.

    Those of queues they manage, lead or supervise, on items they see.
    """
    ours = Q(item__queue_id__in=access_of(user).manage)
    ours |= Q(item__queue__supervisor=user) | Q(item__queue__team__lead=user)
    rows = Escalation.objects.filter(ours, visible_q(user, "item__"))
    waiting = rows.filter(needs_acknowledgement=True, acknowledged_at=None)
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
        .order_by("fired_at", "id")
    )


@dataclass(frozen=True, slots=True)
class Load:
    """What one person carries: in hand, resting, in review, against a day's capacity."""

    person: User
    in_hand: int
    pending: int
    in_review: int
    away: Absence | None

    @property
    def total(self) -> int:
        """Return everything that waits with the person."""
        return self.in_hand + self.pending


def loads_for(user: User) -> list[Load]:
    """Return who holds items of the queues a person manages, the fullest first."""
    people = _holders(access_of(user).manage)
    away = away_today([person.pk for person in people])
    loads = [_load(person, away.get(person.pk)) for person in people]
    return sorted(loads, key=lambda load: (-load.total, load.person.display_name))


def _holders(queues: Collection[int]) -> list[User]:
    held = Q(items__queue_id__in=queues)
    counts = {
        "n_hand": Count("items", filter=held & Q(items__state__in=IN_HAND)),
        "n_pending": Count("items", filter=held & Q(items__state=State.PENDING)),
        "n_review": Count("items", filter=held & Q(items__state=State.IN_REVIEW)),
    }
    holders = (
        WorkItem.objects.filter(queue_id__in=queues, assignee__isnull=False)
        .filter(state__in=(*IN_HAND, State.PENDING, State.IN_REVIEW))
        .values("assignee_id")
    )
    return list(User.objects.filter(pk__in=holders).annotate(**counts)[:MOST])


def _load(person: User, away: Absence | None) -> Load:
    return Load(
        person,
        person.n_hand,  # type: ignore[attr-defined]
        person.n_pending,  # type: ignore[attr-defined]
        person.n_review,  # type: ignore[attr-defined]
        away,
    )
