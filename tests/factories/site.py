"""A small site: one queue and everybody around it."""

from dataclasses import dataclass

from tests.factories.access import grant, person
from tests.factories.people import TeamFactory
from tests.factories.queues import QueueFactory
from tests.factories.reference import FacilityFactory
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


def make_site(**queue_fields) -> Site:
    """Return a small site; ``queue_fields`` go to its queue."""
    facility = FacilityFactory()
    manager = person(Role.MANAGER, username="manager", facilities=[facility])
    team = TeamFactory(manager=manager)
    queue = QueueFactory(team=team, **queue_fields)
    here = {"facilities": [facility]}
    site = Site(
        facility=facility,
        queue=queue,
        coder=person(Role.CODER, username="coder", works=[queue], **here),
        other_coder=person(Role.CODER, username="other_coder", works=[queue], **here),
        apprentice=person(
            Role.CODER,
            username="apprentice",
            tier=Tier.APPRENTICE,
            works=[queue],
            **here,
        ),
        reviewer=person(Role.REVIEWER, username="reviewer", reviews=[queue], **here),
        other_reviewer=person(
            Role.REVIEWER, username="other_reviewer", reviews=[queue], **here
        ),
        manager=manager,
        auditor=person(Role.AUDITOR, username="auditor", views=[queue], **here),
        administrator=person(
            Role.ADMINISTRATOR, username="admin", views=[queue], **here
        ),
        outsider=person(Role.CODER, username="outsider", **here),
    )
    grant(manager, queue, "manage")
    return site
