"""What a manager has to answer, and who carries how much."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from worklists.enums import IN_HAND, State
from worklists.models import Absence, Escalation, User
from worklists.selectors.access import access_of, visible_q
from worklists.selectors.clock_views import with_running_clocks
from worklists.selectors.people import away_today

MOST = 50


def escalations_for(user: User) -> QuerySet[Escalation]:
    """Return escalations that wait for this person's answer.

    Those of queues they manage, lead or supervise, or for whose lead, supervisor or
    manager they stand in today, on items they see. First people
    who called for help, then what a clock's ladder fired; of each the oldest first.
    """
    ours = Q(item__queue_id__in=access_of(user).manage)
    ours |= Q(item__queue__supervisor=user) | Q(item__queue__team__lead=user)
    covers = access_of(user).covers
    for who in ("supervisor", "team__lead", "team__manager"):
        ours |= Q(**{f"item__queue__{who}__in": covers})
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
        .alias(by_ladder=Q(raised_by=None))
        .order_by("by_ladder", "fired_at", "id")
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
    """Return who holds items of the queues a person manages: the fullest, 50 at most."""
    people = _holders(access_of(user).manage)
    away = away_today([person.pk for person in people])
    return [_load(person, away.get(person.pk)) for person in people]


def _holders(queues: Collection[int]) -> list[User]:
    states = (*IN_HAND, State.PENDING, State.IN_REVIEW)
    counts = {
        "n_hand": Count("items", filter=Q(items__state__in=IN_HAND)),
        "n_pending": Count("items", filter=Q(items__state=State.PENDING)),
        "n_review": Count("items", filter=Q(items__state=State.IN_REVIEW)),
    }
    # Counted are the items of this filter, not all that a person ever ended.
    held = User.objects.filter(items__queue_id__in=queues, items__state__in=states)
    fullest = held.annotate(**counts).alias(load=F("n_hand") + F("n_pending"))
    names = ("last_name", "first_name", "username")
    return list(fullest.order_by("-load", *names)[:MOST])


def _load(person: User, away: Absence | None) -> Load:
    return Load(
        person,
        person.n_hand,  # type: ignore[attr-defined]
        person.n_pending,  # type: ignore[attr-defined]
        person.n_review,  # type: ignore[attr-defined]
        away,
    )
