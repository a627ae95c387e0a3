"""A manager's people: roles, clearances, grants, what they carry, who is away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from worklists.enums import Role, Tier
from worklists.errors import NotVisible
from worklists.models import (
    Absence,
    ClearanceGrant,
    Event,
    Facility,
    FacilityGroupObjectPermission,
    FacilityUserObjectPermission,
    Queue,
    QueueGroupObjectPermission,
    QueueUserObjectPermission,
    Team,
    User,
)
from worklists.policies import cleared_by
from worklists.role_words import role_words
from worklists.selectors.absences import absences_of, away_now
from worklists.selectors.access import access_of
from worklists.selectors.people import carried_by, held_today
from worklists.selectors.staff import staff_ids, staff_of

VERBS = ("work", "review", "manage")


@dataclass(frozen=True, slots=True)
class Held:
    """One grant of a queue or facility: to the person, or through the role ``by``.

    ``lacks`` names the clearance without which they do not work the queue all the same.
    """

    id: int
    slug: str
    name: str
    by: str
    lacks: str = ""


@dataclass(slots=True)
class PersonView:
    """One person as a manager sees them."""

    person: User
    roles: list[str]
    teams: list[Team]
    clearances: list[ClearanceGrant]
    queues: dict[str, list[Held]] = field(default_factory=dict)
    facilities: list[Held] = field(default_factory=list)
    carries: int = 0
    away: Absence | None = None
    coming: Absence | None = None
    last_active_at: datetime | None = None

    @property
    def role_labels(self) -> str:
        """Return the roles by their labels."""
        return role_words(self.roles)

    @property
    def role_words(self) -> str:
        """Return the roles in words, with the tier of the work as a coder."""
        return role_words(self.roles, self.person.tier)

    @property
    def tier(self) -> Tier:
        """Return the tier with its label."""
        return Tier(self.person.tier)

    def held(self, verb: str) -> list[Held]:
        """Return the queues the person may work, review or manage by grant."""
        return self.queues.get(verb, [])

    @property
    def works(self) -> list[Held]:
        """Return the queues the person works: granted, and cleared for."""
        return [one for one in self.held("work") if not one.lacks]


def people_for(user: User) -> list[PersonView]:
    """Return a manager's or lead's own people by name: eleven queries for any number."""
    return _views(staff_of(user))


def person_for(user: User, user_id: int) -> PersonView:
    """Return one of a manager's people, an auditor anybody, or raise ``NotVisible``."""
    if access_of(user).has(Role.AUDITOR):
        found = _views(User.objects.filter(pk=user_id))
        if found:
            return found[0]
    elif user_id in staff_ids(user):
        found = _views(staff_of(user).filter(pk=user_id))
        if found:
            return found[0]
    raise NotVisible("There is no such person among yours.")


def _views(rows: QuerySet[User]) -> list[PersonView]:
    acts = Event.objects.filter(
        subject_kind="user", subject_id=OuterRef("pk"), actor_id=OuterRef("pk")
    )
    newest = Subquery(acts.order_by("-seq").values("occurred_at")[:1])
    people = list(rows.annotate(active_at=newest).prefetch_related("groups", "teams"))
    ids = [person.pk for person in people]
    clearances = _clearances(people)
    queues, facilities = _queues(people), _facilities(people)
    _say_uncleared(queues, clearances)
    carries = carried_by(ids)
    away = {row.user_id: row for row in away_now(ids)}
    coming = _coming(ids)
    return [
        PersonView(
            person=person,
            roles=sorted(group.name for group in person.groups.all()),
            teams=list(person.teams.all()),
            clearances=clearances[person.pk],
            queues=queues[person.pk],
            facilities=facilities[person.pk],
            carries=carries[person.pk],
            away=away.get(person.pk),
            coming=coming.get(person.pk) if person.pk not in away else None,
            last_active_at=person.active_at,
        )
        for person in people
    ]


def _clearances(people: Iterable[User]) -> dict[int, list[ClearanceGrant]]:
    """Return the clearances in force, by person."""
    found: dict[int, list[ClearanceGrant]] = {person.pk: [] for person in people}
    rows = ClearanceGrant.objects.filter(held_today(), user_id__in=found)
    for grant in rows.select_related("clearance").order_by("clearance__name"):
        found[grant.user_id].append(grant)
    return found


def _coming(ids: Collection[int]) -> dict[int, Absence]:
    """Return each person's next absence that has not begun."""
    rows = Absence.objects.filter(
        user_id__in=ids, closed_at=None, handed_over_at=None
    ).select_related("backup")
    return {row.user_id: row for row in rows.order_by("-starts_on")}


def _queues(people: Iterable[User]) -> dict[int, dict[str, list[Held]]]:
    names = [f"{verb}_queue" for verb in VERBS]
    models = (QueueUserObjectPermission, QueueGroupObjectPermission)
    found: dict[int, dict[str, list[Held]]] = {}
    for person, codename, held in _grants(people, models, names):
        verbs = found.setdefault(person, {verb: [] for verb in VERBS})
        if codename:
            verbs[codename.removesuffix("_queue")].append(held)
    return found


def _say_uncleared(
    queues: Mapping[int, dict[str, list[Held]]],
    clearances: Mapping[int, list[ClearanceGrant]],
) -> None:
    """Mark the queues that somebody is granted and not cleared to work: one query."""
    worked = {one.id for verbs in queues.values() for one in verbs["work"]}
    rows = Queue.objects.filter(pk__in=worked, clearance__isnull=False)
    asked = {queue.pk: queue for queue in rows.select_related("clearance")}
    for person_id, verbs in queues.items():
        holds = {grant.clearance_id for grant in clearances[person_id]}
        verbs["work"] = [
            one
            if one.id not in asked or cleared_by(holds, asked[one.id])
            else replace(one, lacks=str(asked[one.id].clearance))
            for one in verbs["work"]
        ]


def _facilities(people: Iterable[User]) -> dict[int, list[Held]]:
    models = (FacilityUserObjectPermission, FacilityGroupObjectPermission)
    found: dict[int, list[Held]] = {}
    for person, codename, held in _grants(people, models, ["view_facility"]):
        rows = found.setdefault(person, [])
        if codename:
            rows.append(held)
    return found


_NONE = Held(0, "", "", "")


def _grants(
    people: Iterable[User], models: tuple[Any, Any], codenames: list[str]
) -> Iterable[tuple[int, str, Held]]:
    """Yield every grant of each person, their own first; once empty for everybody."""
    to_user, to_group = models
    people = list(people)
    asked = Q(permission__codename__in=codenames)
    what = ("permission__codename", "content_object_id", "content_object__slug")
    columns = (*what, "content_object__name")
    own, shared = defaultdict(list), defaultdict(list)
    mine = to_user.objects.filter(asked, user__in=people)
    for user_id, *row in mine.values_list("user_id", *columns):
        own[user_id].append(row)
    groups = {group.pk for person in people for group in person.groups.all()}
    theirs = to_group.objects.filter(asked, group_id__in=groups)
    for group_id, *row in theirs.values_list("group_id", *columns):
        shared[group_id].append(row)
    for person in people:
        yield person.pk, "", _NONE
        rows = [(row, "") for row in own[person.pk]]
        for group in person.groups.all():
            rows += [(row, group.name) for row in shared[group.pk]]
        for (codename, pk, slug, name), by in sorted(
            rows, key=lambda r: (r[0][3], r[1])
        ):
            yield person.pk, codename, Held(pk, slug, name, by)


@dataclass(frozen=True, slots=True)
class Grantable:
    """What a manager may grant to somebody: queues and facilities of their own."""

    queues: list[Queue]
    facilities: list[Facility]


def grantable_by(user: User) -> Grantable:
    """Return what a manager may grant at all."""
    access = access_of(user)
    queues = Queue.objects.filter(pk__in=access.manage, is_active=True)
    return Grantable(
        list(queues.select_related("clearance").order_by("name")),
        list(Facility.objects.filter(pk__in=access.facilities).order_by("name")),
    )


@dataclass(frozen=True, slots=True)
class MaybeBackup:
    """Somebody who could stand in, with what they carry already."""

    person: User
    carries: int
    away: Absence | None


def backups_for(user: User, person: User) -> list[MaybeBackup]:
    """Return who could stand in for a person: team-mates and the manager's people."""
    mates = Q(teams__in=person.teams.all()) | Q(pk__in=staff_ids(user))
    rows = User.objects.filter(mates, is_active=True).exclude(pk=person.pk).distinct()
    people = list(rows.order_by("last_name", "first_name", "username"))
    ids = [one.pk for one in people]
    carries, away = carried_by(ids), {row.user_id: row for row in away_now(ids)}
    return [MaybeBackup(one, carries[one.pk], away.get(one.pk)) for one in people]


def history_of(person: User, most: int = 20) -> list[Absence]:
    """Return a person's newest absences."""
    return list(absences_of(person)[:most])
