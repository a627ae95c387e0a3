"""People as others see them: oneself, what each carries, and who is away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    DateField,
    Exists,
    Expression,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Concat, Trim

from worklists.context import now
from worklists.enums import IN_HAND, Role, State
from worklists.models import (
    Absence,
    Clearance,
    ClearanceGrant,
    Facility,
    Queue,
    Team,
    User,
    WorkItem,
)
from worklists.selectors.access import access_of, visible_to
from worklists.selectors.site import today_at_site
from worklists.statements import IsAny, Slot, Statement


@dataclass(frozen=True, slots=True)
class Me:
    """A person's own standing: roles, tier, and where they may do what (slugs)."""

    user: User
    roles: list[str]
    teams: list[str]
    clearances: list[str]
    facilities: list[str]
    works: list[str]
    reviews: list[str]
    manages: list[str]


def me(user: User) -> Me:
    """Return what a person holds, by name: five queries."""
    access = access_of(user)
    slugs = dict(Queue.objects.filter(is_active=True).values_list("pk", "slug"))

    def named(ids: frozenset[int]) -> list[str]:
        return sorted(slugs[pk] for pk in ids if pk in slugs)

    return Me(
        user=user,
        roles=sorted(access.roles),
        teams=_slugs(Team.objects.filter(members=user)),
        clearances=_slugs(Clearance.objects.filter(pk__in=access.clearances)),
        facilities=_slugs(Facility.objects.filter(pk__in=access.facilities)),
        works=named(access.work & access.visible),
        reviews=named(access.review),
        manages=named(access.manage),
    )


def _slugs(
    rows: QuerySet[Team] | QuerySet[Clearance] | QuerySet[Facility],
) -> list[str]:
    return sorted(rows.values_list("slug", flat=True))


@dataclass(frozen=True, slots=True)
class Carried:
    """What one person carries: given or in hand, resting, and with a senior."""

    in_hand: int = 0
    pending: int = 0
    in_review: int = 0

    @property
    def total(self) -> int:
        """Return everything that waits with the person; a senior's turn does not."""
        return self.in_hand + self.pending


# What waits with its holder now; what rests waits there as well.
GIVEN = (State.OPEN, *IN_HAND)


def carried_of(ids: Collection[int]) -> dict[int, Carried]:
    """Return what each of these people carries, in whatever queue."""
    asked = (*GIVEN, State.PENDING, State.IN_REVIEW)
    rows = WorkItem.objects.filter(assignee_id__in=ids, state__in=asked)
    counts = rows.order_by().values_list("assignee_id", "state").annotate(Count("pk"))
    found: dict[int, Counter[str]] = {pk: Counter() for pk in ids}
    for person, state, count in counts:
        found[person][state] = count
    return {
        pk: Carried(
            sum(by[state] for state in GIVEN), by[State.PENDING], by[State.IN_REVIEW]
        )
        for pk, by in found.items()
    }


def carried_by(ids: Collection[int]) -> dict[int, int]:
    """Return how many items wait with each person: given, in hand or deferred."""
    return {pk: carried.total for pk, carried in carried_of(ids).items()}


def given_of(
    ids: Collection[int], queue_ids: Collection[int]
) -> Counter[tuple[int, int]]:
    """Return how many items of each queue are given to each person or in their hand.

    It is what a queue's limit is counted against where work is given out in turn: what
    is given and not begun is theirs already. By person and queue.
    """
    rows = WorkItem.objects.filter(
        assignee_id__in=ids, queue_id__in=queue_ids, state__in=GIVEN
    )
    counts = rows.order_by().values_list("assignee_id", "queue_id")
    found = counts.annotate(Count("pk"))
    return Counter({(person, queue): n for person, queue, n in found})


def limited_queues(user: User, chosen: Collection[int]) -> list[Queue]:
    """Return the queues with a limit among these items that a user sees, by name."""
    rows = visible_to(user).filter(IsAny(F("pk"), sorted(chosen))).order_by()
    queues = Queue.objects.filter(pk__in=rows.values("queue_id"), max_in_hand__gt=0)
    return list(queues.order_by("name"))


def today_of_its_person(at: Expression | None = None) -> Func:
    """Return for each row the day that ``access.today_of`` says of its user."""
    return Func(
        at or Value(now()),
        F("user__time_zone"),
        template="(%(expressions)s)::date",
        arg_joiner=" AT TIME ZONE ",
        output_field=DateField(),
    )


def away_today(user_ids: list[int]) -> dict[int, Absence]:
    """Return the absence of each of these people who is away today, where they are."""
    rows = _AWAY.rows(users=list(user_ids), at=now()) if user_ids else []
    return {row.user_id: row for row in rows}


_AWAY = Statement(
    lambda: Absence.objects.select_related("backup").filter(
        on_today(Slot("at")), IsAny(F("user_id"), Slot("users"))
    )
)


def on_today(at: Expression | None = None) -> Q:
    """Return the condition of open absences that hold today, where their person is."""
    today = today_of_its_person(at)
    return Q(closed_at=None, starts_on__lte=today, ends_on__gte=today)


def begun() -> Q:
    """Return the condition of absences whose first day has come and that moved nothing."""
    return Q(closed_at=None, handed_over_at=None, starts_on__lte=today_of_its_person())


def over() -> Q:
    """Return the condition of open absences whose last day has gone by."""
    return Q(closed_at=None, ends_on__lt=today_of_its_person())


def lapsed_grants() -> list[int]:
    """Return the grants of clearances whose last day is over at the site."""
    over = ClearanceGrant.objects.filter(has_lapsed())
    return list(over.order_by("pk").values_list("pk", flat=True))


def has_lapsed() -> Q:
    """Return the condition of grants of clearances that ran out and nobody ended."""
    return Q(revoked_at=None, expires_on__lt=today_at_site())


def held_uncleared() -> QuerySet[WorkItem]:
    """Return items in hand or given, of queues whose clearance their holder lacks today.

    Deferred ones rest: they are looked at when they come back.
    """
    grants = ClearanceGrant.objects.filter(
        held_today(),
        user_id=OuterRef("assignee_id"),
        clearance_id=OuterRef("queue__clearance_id"),
    )
    held = WorkItem.objects.filter(
        assignee__isnull=False,
        state__in=(State.OPEN, *IN_HAND),
        queue__clearance__isnull=False,
    )
    return held.exclude(Exists(grants))


def uncleared_holders() -> list[int]:
    """Return who holds items of ``held_uncleared``."""
    rows = held_uncleared().order_by("assignee_id")
    return [pk for pk in rows.values_list("assignee_id", flat=True).distinct() if pk]


def held_today(at: Expression | None = None) -> Q:
    """Return the condition of grants of clearances in force: to the end of their last
    day at the site, whatever zone their person reads in."""
    lasts = Q(expires_on=None) | Q(expires_on__gte=today_at_site(at))
    return lasts & Q(revoked_at=None)


def clearances_to_give(user: User) -> list[Clearance]:
    """Return the clearances that a person does not hold today."""
    held = access_of(user).clearances
    return list(Clearance.objects.exclude(pk__in=held))


def supervisors(besides: str = "") -> QuerySet[User]:
    """Return who can supervise a queue, by name: active managers, as
    ``policies.may_supervise`` says.

    ``besides`` is the username of who does so today, whatever their role by now.
    """
    can = Q(groups__name=Role.MANAGER) | Q(username=besides)
    rows = User.objects.filter(can, is_active=True).distinct()
    return rows.order_by("last_name", "first_name", "username")


def id_of(username: str) -> int:
    """Return the id of an active person by username, 0 where there is none."""
    rows = User.objects.filter(username=username, is_active=True)
    return rows.values_list("pk", flat=True).first() or 0


def names_of(usernames: Collection[str]) -> dict[str, str]:
    """Return the full name of each of these people, by username: one query or none.

    Who shares it with somebody, here or elsewhere, is told apart by the username.
    """
    if not usernames:
        return {}
    rows = _NAMES.rows(usernames=sorted(usernames))
    return {
        username: _called(username, whole, shared=shared)
        for _, username, whole, shared in rows
    }


def names_by_id(ids: Collection[int]) -> dict[int, str]:
    """Return the same names by id: one query or none."""
    if not ids:
        return {}
    rows = _NAMES_BY_ID.rows(ids=sorted(ids))
    return {
        pk: _called(username, whole, shared=shared)
        for pk, username, whole, shared in rows
    }


def _called(username: str, whole: str, *, shared: bool) -> str:
    return f"{whole} ({username})" if shared else whole or username


def _with_names() -> QuerySet[User, Any]:
    """Return people with their whole name, and whether somebody else has it too.

    Shared names are found once for all rows: one pass over the people, hashed.
    """
    whole = Trim(Concat("first_name", Value(" "), "last_name"))
    named = User.objects.order_by().annotate(same=whole).exclude(same="")
    twice = named.values("same").annotate(people=Count("pk")).filter(people__gt=1)
    shared = Q(whole__in=twice.values("same"))
    return (
        User.objects.annotate(
            whole=whole, shared=ExpressionWrapper(shared, BooleanField())
        )
        .values_list("pk", "username", "whole", "shared")
        .order_by()
    )


_NAMES = Statement(
    lambda: _with_names().filter(IsAny(F("username"), Slot("usernames")))
)
_NAMES_BY_ID = Statement(lambda: _with_names().filter(IsAny(F("pk"), Slot("ids"))))
