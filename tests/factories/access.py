"""Roles, grants and clearances of made-up people."""

from collections.abc import Iterable, Mapping

from django.contrib.auth.models import Group, Permission
from guardian.shortcuts import assign_perm

from tests.factories.people import UserFactory
from worklists.enums import Role
from worklists.models import (
    ClearanceGrant,
    Facility,
    FacilityUserObjectPermission,
    Queue,
    QueueUserObjectPermission,
    User,
)


def grant(user: User, thing: Queue | Facility, *verbs: str) -> None:
    """Grant ``view``, ``work``, ``review``, ``manage`` on a queue or facility."""
    for verb in verbs or ("view",):
        assign_perm(f"{verb}_{thing._meta.model_name}", user, thing)
    _forget(user)


Grant = tuple[User, Queue | Facility, str]


def grant_all(grants: Iterable[Grant]) -> None:
    """Grant one verb each, many in two statements; all on queues or on facilities."""
    wanted = [(user, thing, f"{verb}_{_name(thing)}") for user, thing, verb in grants]
    model = HELD[type(wanted[0][1])]
    named = Permission.objects.filter(
        content_type__app_label="worklists", codename__in={one[2] for one in wanted}
    )
    ids = dict(named.values_list("codename", "pk"))
    model.objects.bulk_create(
        model(user=user, content_object=thing, permission_id=ids[code])
        for user, thing, code in wanted
    )


HELD = {Queue: QueueUserObjectPermission, Facility: FacilityUserObjectPermission}


def _name(thing: Queue | Facility) -> str:
    return str(thing._meta.model_name)


def join_roles(roles: Mapping[User, Role]) -> None:
    """Put people into the groups of their roles, many in three statements."""
    wanted = {role.value for role in roles.values()}
    Group.objects.bulk_create(
        [Group(name=name) for name in sorted(wanted)], ignore_conflicts=True
    )
    groups = {group.name: group for group in Group.objects.filter(name__in=wanted)}
    member = User.groups.through
    member.objects.bulk_create(
        member(user=user, group=groups[role.value]) for user, role in roles.items()
    )


def clear_for(user: User, clearance, **more) -> ClearanceGrant:
    """Give a clearance, by somebody else."""
    _forget(user)
    by = UserFactory()
    return ClearanceGrant.objects.create(
        user=user, clearance=clearance, granted_by=by, **more
    )


def person(
    *roles: Role,
    works=(),
    reviews=(),
    manages=(),
    views=(),
    facilities=(),
    **fields,
) -> User:
    """Return a person with roles, queue grants and facilities."""
    user = UserFactory(**fields)
    for role in roles:
        user.groups.add(Group.objects.get_or_create(name=role.value)[0])
    for verb, queues in (
        ("work", works),
        ("review", reviews),
        ("manage", manages),
        ("view", views),
    ):
        for queue in queues:
            grant(user, queue, verb)
    for facility in facilities:
        grant(user, facility)
    return user


def _forget(user: User) -> None:
    """What a person holds is kept on the user object; a new grant makes it stale."""
    vars(user).pop("_access", None)
