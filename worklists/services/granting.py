"""Where a person works: queues and facilities granted, capacity and tier changed.

Grants are guardian's rows on the person; what a group holds is set up apart. A grant
of a queue never stands in for a clearance: without it the queue stays shut.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import Permission
from django.db import transaction

from worklists import policies, trail
from worklists.enums import POOL, Role, Tier
from worklists.errors import BadInput, Conflict, NotPermitted, NotVisible
from worklists.models import (
    Facility,
    FacilityGroupObjectPermission,
    FacilityUserObjectPermission,
    Queue,
    QueueGroupObjectPermission,
    QueueUserObjectPermission,
    User,
)
from worklists.policies import Access
from worklists.selectors.access import access_of
from worklists.selectors.staff import staff_ids
from worklists.services.bulk_rows import Plan, rows_of
from worklists.services.bulk_writing import Done
from worklists.services.covering import held_by
from worklists.services.locks import hold_plans
from worklists.services.reassigning import preview, reassign

# A reviewer's or manager's grant shows items without the clearance, so it is for
# people who hold that role.
ROLE_FOR = {"work": Role.CODER, "review": Role.REVIEWER, "manage": Role.MANAGER}
MOST_A_DAY = 500
CODES = {
    "proven": "Proven accuracy",
    "misses": "Misses in review",
    "hours": "Other working hours",
    "other_duties": "Other duties",
    "correction": "Correction of an entry",
}
LEFT = "The queue or facility is not theirs any more."

Grant = QueueUserObjectPermission | FacilityUserObjectPermission


def grant_queue(*, actor: User, user_id: int, queue_id: int, verb: str) -> None:
    """Let a person ``work``, ``review`` or ``manage`` a queue.

    Effects: the grant and ``grant.given`` on the person's chain. Refuses whoever is not
    the person's manager or does not manage the queue, oneself, a person without the
    role the verb needs, and a grant that is held already.
    """
    queue = _queue_of(actor, queue_id, verb)
    with transaction.atomic():
        user = _person_of(actor, user_id)
        needed = ROLE_FOR[verb]
        if not access_of(user).has(needed):
            raise NotPermitted(
                f"{user} does not hold the role “{needed.label}”, which is needed to "
                f"{verb} a queue. An administrator gives roles.",
                code="role",
            )
        _give(QueueUserObjectPermission, user, queue, f"{verb}_queue")
        _record(user, "grant.given", actor, {"queue": queue.slug, "verb": verb})


def grant_supervisor(*, actor: User, queue: Queue) -> None:
    """Let the supervisor of a queue that is being opened manage it.

    Who put the queue in force answers for it; the caller holds the transaction.
    Effects: the grant and ``grant.given`` on the supervisor's chain.
    """
    _give(QueueUserObjectPermission, queue.supervisor, queue, "manage_queue")
    facts = {"queue": queue.slug, "verb": "manage"}
    _record(queue.supervisor, "grant.given", actor, facts)


def grant_facility(*, actor: User, user_id: int, facility_id: int) -> None:
    """Let a person see and work items of a facility; refusals as for a queue."""
    facility = _facility_of(actor, facility_id)
    with transaction.atomic():
        user = _person_of(actor, user_id)
        _give(FacilityUserObjectPermission, user, facility, "view_facility")
        _record(user, "grant.given", actor, {"facility": facility.slug})


def preview_revoke(
    *, actor: User, user_id: int, queue_id: int | None, facility_id: int | None
) -> Plan:
    """Return what moving their items of the queue or facility to the pool would do.

    Nothing moves of what the person keeps through a role; the plan says so.
    """
    user = _person_of(actor, user_id, lock=False)
    chosen = _held_under(user, queue_id, facility_id)
    if not _kept_by_role(user, queue_id, facility_id):
        return preview(actor=actor, chosen=chosen, to=POOL) if chosen else Plan()
    plan = Plan()
    for item in rows_of(actor, chosen) if chosen else []:
        plan.leave(item, f"{user} keeps {_thing(queue_id)} by a role; it stays.")
    return plan


def revoke_queue(
    *, actor: User, user_id: int, queue_id: int, verb: str, to_pool: bool = False
) -> Done | None:
    """Take a grant of a queue back at once; with ``to_pool`` what they hold of it goes
    to the pool in the same act.

    Without it their items stay theirs to be given away by a manager: they cannot work
    on them any more. Who keeps the queue through a role keeps the items, too. Effects
    and refusals as for granting; a grant that is not held by the person themselves,
    but through a role, is refused.
    """
    queue = _queue_of(actor, queue_id, verb)
    with transaction.atomic():
        user = _person_of(actor, user_id)
        held = _held_under(user, queue.pk, None) if verb == "work" else []
        _take(QueueUserObjectPermission, user, queue, f"{verb}_queue")
        lost = queue.pk not in _access_now(user).work
        moved = _to_pool(actor, held) if to_pool and lost else None
        facts = {"queue": queue.slug, "verb": verb, "held": len(held)}
        _record(user, "grant.taken", actor, facts)
    return moved


def revoke_facility(
    *, actor: User, user_id: int, facility_id: int, to_pool: bool = False
) -> Done | None:
    """Take a grant of a facility back at once; as ``revoke_queue`` does for a queue."""
    facility = _facility_of(actor, facility_id)
    with transaction.atomic():
        user = _person_of(actor, user_id)
        held = _held_under(user, None, facility.pk)
        _take(FacilityUserObjectPermission, user, facility, "view_facility")
        lost = facility.pk not in _access_now(user).facilities
        moved = _to_pool(actor, held) if to_pool and lost else None
        facts = {"facility": facility.slug, "held": len(held)}
        _record(user, "grant.taken", actor, facts)
    return moved


def change_person(
    *, actor: User, user_id: int, tier: str, daily_capacity: int, code: str
) -> User:
    """Set how far a person's decisions carry and how much a day holds, and say why.

    Effects: the fields and ``person.changed`` with before and after. Refuses whoever
    is not the person's manager, oneself, values that make no sense, and no change.
    """
    _refuse_values(tier, daily_capacity, code)
    with transaction.atomic():
        user = _person_of(actor, user_id)
        wanted = {"tier": tier, "daily_capacity": daily_capacity}
        changed = {
            name: [getattr(user, name), value]
            for name, value in wanted.items()
            if getattr(user, name) != value
        }
        if not changed:
            raise BadInput("Nothing differs from what is set.")
        for name, (_, value) in changed.items():
            setattr(user, name, value)
        user.save(update_fields=list(changed))
        _record(user, "person.changed", actor, {"changed": changed, "code": code})
    return user


def _refuse_values(tier: str, daily_capacity: int, code: str) -> None:
    fields = {}
    if tier not in Tier.values:
        fields["tier"] = [f"Choose one of {', '.join(Tier.values)}."]
    if not 1 <= daily_capacity <= MOST_A_DAY:
        fields["daily_capacity"] = [f"1 to {MOST_A_DAY} items a day."]
    if code not in CODES:
        fields["code"] = [f"Choose one of {', '.join(CODES)}."]
    if fields:
        raise BadInput(next(iter(fields.values()))[0], fields=fields)


def _person_of(actor: User, user_id: int, *, lock: bool = True) -> User:
    """Return one of the actor's own people, held so that grants stand in a line."""
    barred = policies.may_change_person(access_of(actor), user_id, staff_ids(actor))
    if barred:
        raise barred.error()
    if lock:
        hold_plans([user_id])
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise NotVisible("There is no such active person.")
    return user


def _queue_of(actor: User, queue_id: int, verb: str) -> Queue:
    if verb not in ROLE_FOR:
        raise BadInput("Choose work, review or manage.", fields={"verb": ["unknown"]})
    queue = Queue.objects.filter(pk=queue_id, pk__in=access_of(actor).manage).first()
    if queue is None:
        raise NotPermitted("You grant only queues that you manage.")
    return queue


def _facility_of(actor: User, facility_id: int) -> Facility:
    mine = access_of(actor).facilities
    facility = Facility.objects.filter(pk=facility_id, pk__in=mine).first()
    if facility is None:
        raise NotPermitted("You grant only facilities that are yours.")
    return facility


def _give(
    model: type[Grant], user: User, thing: Queue | Facility, codename: str
) -> None:
    _, fresh = model.objects.get_or_create(
        user=user, content_object=thing, permission=_permission(codename)
    )
    if not fresh:
        raise Conflict(f"{user} holds this grant already.", code="held")


def _take(
    model: type[Grant], user: User, thing: Queue | Facility, codename: str
) -> None:
    held = model.objects.filter(
        user=user, content_object=thing, permission=_permission(codename)
    )
    if not held.delete()[0]:
        raise Conflict(
            f"{user} does not hold this grant themselves. What comes with a role ends "
            "with the role.",
            code="not_held",
        )


def _permission(codename: str) -> Permission:
    return Permission.objects.get(
        codename=codename, content_type__app_label="worklists"
    )


def _held_under(user: User, queue_id: int | None, facility_id: int | None) -> list[int]:
    rows = held_by(user)
    if queue_id is not None:
        rows = rows.filter(queue_id=queue_id)
    if facility_id is not None:
        rows = rows.filter(facility_id=facility_id)
    return list(rows.values_list("pk", flat=True))


def _access_now(user: User) -> Access:
    """Return what a person holds after a change in this transaction."""
    return access_of(User.objects.get(pk=user.pk))


def _kept_by_role(user: User, queue_id: int | None, facility_id: int | None) -> bool:
    """Return whether a queue or facility stays theirs when their own grant is gone."""
    groups = user.groups.values("pk")
    if queue_id is not None:
        of_queue = QueueGroupObjectPermission.objects.filter(group__in=groups)
        work = _permission("work_queue")
        return of_queue.filter(content_object=queue_id, permission=work).exists()
    view = _permission("view_facility")
    of_place = FacilityGroupObjectPermission.objects.filter(group__in=groups)
    return of_place.filter(content_object=facility_id, permission=view).exists()


def _thing(queue_id: int | None) -> str:
    return "the facility" if queue_id is None else "the queue"


def _to_pool(actor: User, held: list[int]) -> Done | None:
    return reassign(actor=actor, chosen=held, to=POOL, reason=LEFT) if held else None


def _record(user: User, action: str, actor: User, facts: Mapping[str, Any]) -> None:
    subject = trail.Subject("user", user.pk)
    trail.append_event(subject, action=action, actor=actor, facts=facts)
