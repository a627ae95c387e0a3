"""People as others see them: oneself, what each carries, and who is away."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import (
    Count,
    DateField,
    F,
    Func,
    Q,
    QuerySet,
    Value,
)

from worklists.context import now
from worklists.enums import IN_HAND, State
from worklists.models import (
    Absence,
    Clearance,
    Facility,
    Queue,
    Team,
    User,
    WorkItem,
)
from worklists.selectors.access import access_of


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


def carried_by(ids: Collection[int]) -> dict[int, int]:
    """Return how many items wait with each person: given, in hand or deferred."""
    waiting = (State.OPEN, *IN_HAND, State.PENDING)
    rows = WorkItem.objects.filter(assignee_id__in=ids, state__in=waiting)
    counts = rows.order_by().values_list("assignee_id").annotate(Count("pk"))
    return dict.fromkeys(ids, 0) | dict(counts)


def today_of_its_person() -> Func:
    """Return for each row the day that ``access.today_of`` says of its user."""
    return Func(
        Value(now()),
        F("user__time_zone"),
        template="(%(expressions)s)::date",
        arg_joiner=" AT TIME ZONE ",
        output_field=DateField(),
    )


def away_today(user_ids: list[int]) -> dict[int, Absence]:
    """Return the absence of each of these people who is away today, where they are."""
    rows = Absence.objects.filter(on_today(), user_id__in=user_ids)
    return {row.user_id: row for row in rows.select_related("backup")}


def on_today() -> Q:
    """Return the condition of open absences that hold today, where their person is."""
    today = today_of_its_person()
    return Q(closed_at=None, starts_on__lte=today, ends_on__gte=today)


def begun() -> Q:
    """Return the condition of absences whose first day has come and that moved nothing."""
    return Q(closed_at=None, handed_over_at=None, starts_on__lte=today_of_its_person())


def over() -> Q:
    """Return the condition of open absences whose last day has gone by."""
    return Q(closed_at=None, ends_on__lt=today_of_its_person())


def clearances_to_give(user: User) -> list[Clearance]:
    """Return the clearances that a person does not hold today."""
    held = access_of(user).clearances
    return list(Clearance.objects.exclude(pk__in=held))


def id_of(username: str) -> int:
    """Return the id of an active person by username, 0 where there is none."""
    rows = User.objects.filter(username=username, is_active=True)
    return rows.values_list("pk", flat=True).first() or 0


def names_of(usernames: Collection[str]) -> dict[str, str]:
    """Return the full name of each of these people, by username: one query or none."""
    if not usernames:
        return {}
    rows = User.objects.filter(username__in=usernames)
    rows = rows.only("username", "first_name", "last_name")
    return {person.username: str(person) for person in rows}
