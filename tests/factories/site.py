"""A small site: one queue and everybody around it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group

from tests.factories.access import grant_all, join_roles
from tests.factories.people import TeamFactory, UserFactory
from tests.factories.queues import QueueFactory
from tests.factories.reference import FacilityFactory
from tests.kept import kept
from worklists.enums import Role, Tier
from worklists.models import Facility, Queue, User


@dataclass
class Site:
    """One facility, one queue, and a person of each role there.

    ``coder`` and ``other_coder`` work the queue, ``apprentice`` too; ``reviewer`` and
    ``other_reviewer`` review it, ``manager`` manages it, ``auditor`` views it.
    ``outsider`` is a coder of nothing here; ``administrator`` holds no item.
    """

    facility: Facility
    queue: Queue
    coder: User
    other_coder: User
    apprentice: User
    reviewer: User
    other_reviewer: User
    manager: User
    auditor: User
    administrator: User
    outsider: User


# Who is there: their role, what they do in the queue, and how they log in.
PEOPLE: dict[str, tuple[Role, str, str]] = {
    "coder": (Role.CODER, "work", "coder"),
    "other_coder": (Role.CODER, "work", "other_coder"),
    "apprentice": (Role.CODER, "work", "apprentice"),
    "reviewer": (Role.REVIEWER, "review", "reviewer"),
    "other_reviewer": (Role.REVIEWER, "review", "other_reviewer"),
    "manager": (Role.MANAGER, "manage", "manager"),
    "auditor": (Role.AUDITOR, "view", "auditor"),
    "administrator": (Role.ADMINISTRATOR, "view", "admin"),
    "outsider": (Role.CODER, "", "outsider"),
}


def make_site(**queue_fields) -> Site:
    """Return a small site; ``queue_fields`` go to its queue.

    Nearly every test stands on one. Where nothing differs its rows are kept, unless
    groups are there already: theirs then have other ids.
    """
    if queue_fields or Group.objects.exists():
        return _write_site(queue_fields)
    return _plain_site()


@kept
def _plain_site() -> Site:
    return _write_site({})


def _write_site(queue_fields: Mapping[str, Any]) -> Site:
    users = User.objects.bulk_create(
        UserFactory.build(
            username=username,
            tier=Tier.APPRENTICE if name == "apprentice" else Tier.INDEPENDENT,
        )
        for name, (_, _, username) in PEOPLE.items()
    )
    people = dict(zip(PEOPLE, users, strict=True))
    facility = FacilityFactory()
    queue = QueueFactory(team=TeamFactory(manager=people["manager"]), **queue_fields)
    join_roles({people[name]: role for name, (role, _, _) in PEOPLE.items()})
    grant_all((people[name], facility, "view") for name in PEOPLE)
    grant_all(
        (people[name], queue, verb) for name, (_, verb, _) in PEOPLE.items() if verb
    )
    return Site(facility=facility, queue=queue, **people)
