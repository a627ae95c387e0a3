"""Who can be given an item, and who cannot and why: what ``assign`` says, asked first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
)

from worklists.context import now
from worklists.enums import IN_HAND, Role
from worklists.models import (
    ClearanceGrant,
    Facility,
    FacilityGroupObjectPermission,
    FacilityUserObjectPermission,
    Queue,
    QueueGroupObjectPermission,
    QueueUserObjectPermission,
    TeamMember,
    User,
    WorkItem,
)
from worklists.policies import full_hands, may_be_given
from worklists.selectors.access import visible_to
from worklists.selectors.people import held_today
from worklists.selectors.staff import staff_ids
from worklists.statements import IsAny, Slot, Statement

WORK = "work_queue"
VIEW_FACILITY = "view_facility"
MOST_PLACES = 12


@dataclass(frozen=True, slots=True)
class Takers:
    """The people who can be given something, by name, and why others cannot.

    ``full`` are those of ``people`` who hold as many items of a queue as its limit
    allows, with the queue: they may be given one more, and take it up when they have
    finished another.
    """

    people: list[User]
    refused: list[str]
    full: dict[int, Queue]


def takers_of(item: WorkItem, user: User) -> Takers:
    """Return who can be given an item, and whom a manager would look for in vain.

    They work its queue and its facility by grant and hold the queue's clearance; it
    is what ``assign`` accepts. People away today are among them. Looked for in vain
    are the others who work the queue, and coders of its team or of the manager's
    people.
    """
    return _at_all(user, [item])


def takers_of_any(user: User, chosen: Collection[int]) -> Takers:
    """Return who can be given any of these items that a user sees, and who none.

    Asked once for each queue and facility among them, 12 at most.
    """
    rows = visible_to(user).filter(IsAny(F("pk"), sorted(chosen))).order_by()
    places = list(rows.values_list("queue_id", "facility_id").distinct()[:MOST_PLACES])
    queues = Queue.objects.select_related("clearance").in_bulk([q for q, _ in places])
    facilities = Facility.objects.in_bulk([at for _, at in places])
    probes = [WorkItem(queue=queues[q], facility=facilities[at]) for q, at in places]
    return _at_all(user, probes)


def _at_all(user: User, probes: Collection[WorkItem]) -> Takers:
    people: dict[int, User] = {}
    refused: dict[int, str] = {}
    for probe in probes:
        for person in _looked_for(probe, user):
            has = vars(person)
            barred = may_be_given(
                probe,
                person,
                there=has["is_there"],
                works=has["works"],
                cleared=has["is_cleared"],
            )
            if barred:
                refused.setdefault(person.pk, barred.why)
            else:
                people.setdefault(person.pk, person)
    queues = {probe.queue_id: probe.queue for probe in probes}
    return Takers(
        people=list(people.values()),
        refused=[why for pk, why in refused.items() if pk not in people],
        full={pk: queue for queue in queues.values() for pk in _full(queue, people)},
    )


def _full(queue: Queue, among: Collection[int]) -> list[int]:
    """Return who of these holds as many items of a queue as it lets one hold."""
    if not queue.max_in_hand:
        return []
    rows = WorkItem.objects.filter(queue=queue, assignee__in=among, state__in=IN_HAND)
    held = rows.order_by().values_list("assignee_id").annotate(Count("pk"))
    return [pk for pk, count in held if full_hands(queue, count)]


def _looked_for(item: WorkItem, user: User) -> list[User]:
    """Return everybody a manager may look for, and which of the three each holds."""
    near = {"team": item.queue.team_id, "staff": sorted(staff_ids(user))}
    place = {"queue": item.queue_id, "facility": item.facility_id}
    needed = item.queue.clearance_id
    if needed is None:
        return _OPEN.rows(**place, **near)
    return _GUARDED.rows(**place, **near, clearance=needed, at=now())


def _people(cleared: Q) -> QuerySet[User]:
    works = _granted(
        *(QueueUserObjectPermission, QueueGroupObjectPermission),
        *(WORK, Slot("queue")),
    )
    there = _granted(
        *(FacilityUserObjectPermission, FacilityGroupObjectPermission),
        *(VIEW_FACILITY, Slot("facility")),
    )
    roles = User.groups.through.objects.filter(user_id=OuterRef("pk"))
    members = TeamMember.objects.filter(user_id=OuterRef("pk"), team_id=Slot("team"))
    near = Q(Exists(members)) | Q(IsAny(F("pk"), Slot("staff")))
    coders = near & Q(Exists(roles.filter(group__name=Role.CODER)))
    people = User.objects.filter(works | coders, is_active=True)
    return people.annotate(
        works=_said(works), is_there=_said(there), is_cleared=_said(cleared)
    ).order_by("last_name", "first_name", "username")


def _said(condition: Q) -> ExpressionWrapper[Q]:
    return ExpressionWrapper(condition, output_field=BooleanField())


def _granted(to_user: type, to_group: type, codename: str, object_id: Slot) -> Q:
    """A grant of one object to the person, or to a group they are in."""
    this = {"permission__codename": codename, "content_object_id": object_id}
    own = to_user.objects.filter(user_id=OuterRef("pk"), **this)  # type: ignore[attr-defined]
    shared = to_group.objects.filter(group__user=OuterRef("pk"), **this)  # type: ignore[attr-defined]
    return Q(Exists(own)) | Q(Exists(shared))


def _holds() -> Q:
    """A clearance in force."""
    grants = ClearanceGrant.objects.filter(
        held_today(Slot("at")), user_id=OuterRef("pk"), clearance_id=Slot("clearance")
    )
    return Q(Exists(grants))


_OPEN = Statement(lambda: _people(Q(pk__isnull=False)))
_GUARDED = Statement(lambda: _people(_holds()))
