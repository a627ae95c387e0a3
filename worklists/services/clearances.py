"""Clearances: who holds one, from when, until when. Both acts stand on their chain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from worklists import policies, trail
from worklists.context import now
from worklists.enums import POOL
from worklists.errors import BadInput, Conflict, NotVisible
from worklists.models import Clearance, ClearanceGrant, User
from worklists.selectors.access import access_of
from worklists.selectors.site import site_today
from worklists.selectors.staff import staff_ids
from worklists.services.covering import held_by
from worklists.services.locks import change_clearances
from worklists.services.reassigning import reassign

REVOKED = "The clearance was taken back."


def grant_clearance(
    *, actor: User, user_id: int, clearance_id: int, expires_on: date | None = None
) -> ClearanceGrant:
    """Give a person a clearance, from now until the end of ``expires_on`` at the
    site: not where they are, which they choose themselves.

    Effects: the grant and ``clearance.granted`` on the person's chain; a grant that
    ran out is closed by it. Refuses people who may not grant, oneself, a day that is
    over, and a clearance the person holds already.
    """
    _refuse(actor, user_id)
    with transaction.atomic():
        user = _locked(user_id)
        if expires_on is not None and expires_on < site_today():
            raise BadInput("That day is over. Name a day to come, or none.")
        clearance = Clearance.objects.filter(pk=clearance_id).first()
        if clearance is None:
            raise NotVisible("There is no such clearance.")
        _close_lapsed(user, clearance)
        grant = ClearanceGrant.objects.create(
            user=user,
            clearance=clearance,
            granted_by=actor,
            granted_at=now(),
            expires_on=expires_on,
        )
        _record(grant, "clearance.granted", actor)
    return grant


@dataclass(frozen=True, slots=True)
class Revoked:
    """A grant that ended, and how many items that need it the person held and kept."""

    grant: ClearanceGrant
    moved: int
    kept: int


def revoke_clearance(*, actor: User, grant_id: int) -> Revoked:
    """End a grant at once; what the person holds and may not open any more goes back.

    Effects: the moment on the grant, ``clearance.revoked`` on the person's chain with
    how many such items they held, and as one act on many those that ``actor`` may move
    go to the pool. What they may not move, and an administrator sees no items, the worker
    moves within a minute (``lapsing``). Refuses people who
    may not revoke, one's own, and a grant that has ended.
    """
    held = ClearanceGrant.objects.filter(pk=grant_id).first()
    if held is None:
        raise NotVisible("There is no such grant of a clearance.")
    _refuse(actor, held.user_id)
    with transaction.atomic():
        change_clearances()
        grant = ClearanceGrant.objects.select_for_update().get(pk=grant_id)
        if grant.revoked_at is not None:
            raise Conflict("This clearance was taken back before.")
        grant.revoked_at = now()
        grant.save(update_fields=["revoked_at"])
        ids = _held_under(grant)
        _record(grant, "clearance.revoked", actor, held=len(ids))
        moved = _to_pool(actor, ids)
    return Revoked(grant, moved, len(ids) - moved)


def _held_under(grant: ClearanceGrant) -> list[int]:
    rows = held_by(grant.user).filter(queue__clearance=grant.clearance_id)
    return list(rows.values_list("pk", flat=True))


def _to_pool(actor: User, held: list[int]) -> int:
    if not held:
        return 0
    done = reassign(actor=actor, chosen=held, to=POOL, reason=REVOKED)
    return len(done.plan.placings)


def _refuse(actor: User, user_id: int) -> None:
    barred = policies.may_grant_clearance(access_of(actor), user_id, staff_ids(actor))
    if barred:
        raise barred.error()


def _locked(user_id: int) -> User:
    # Two people granting at once stand one behind the other; what only refers to the
    # person (a notice of the worker, who holds a grant) does not wait.
    rows = User.objects.select_for_update(no_key=True)
    user = rows.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise NotVisible("There is no such active person.")
    return user


def _close_lapsed(user: User, clearance: Clearance) -> None:
    held = user.clearance_grants.filter(clearance=clearance, revoked_at=None).first()
    if held is None:
        return
    if held.expires_on is None or held.expires_on >= site_today():
        raise Conflict(f"{user} holds “{clearance}” already.")
    held.revoked_at = now()
    held.save(update_fields=["revoked_at"])


def _record(grant: ClearanceGrant, action: str, actor: User, **more: Any) -> None:
    facts = {"clearance": grant.clearance.slug, **more}
    if grant.expires_on and action == "clearance.granted":
        facts["expires_on"] = grant.expires_on.isoformat()
    trail.append_event(
        trail.Subject("user", grant.user_id), action=action, actor=actor, facts=facts
    )
