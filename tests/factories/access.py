"""Roles, grants and clearances of made-up people."""

from django.contrib.auth.models import Group
from guardian.shortcuts import assign_perm

from tests.factories.people import UserFactory
from worklists.enums import Role
from worklists.models import ClearanceGrant, Facility, Queue, User


def grant(user: User, thing: Queue | Facility, *verbs: str) -> None:
    """Grant ``view``, ``work``, ``review``, ``manage`` on a queue or facility."""
    for verb in verbs or ("view",):
        assign_perm(f"{verb}_{thing._meta.model_name}", user, thing)
    _forget(user)


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
