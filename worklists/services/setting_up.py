"""Set-up: people, teams, payers, calendars. Every change is an event.

The pages of set-up (``worklists.admin``) write their rows through here. An event says
which fields were changed and holds codes only, never a name that somebody typed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import models, transaction

from worklists import policies, trail
from worklists.context import now
from worklists.errors import NotPermitted
from worklists.models import BusinessCalendar, SetUpBy, User
from worklists.selectors.access import access_of
from worklists.selectors.setup import may_add_calendar
from worklists.services import sessions, tokens
from worklists.services.locks import hold_first_calendar

OF_ONESELF = frozenset({"groups", "is_active", "tier"})
# What makes an account's giver one person with its holder, for four eyes.
IN_HAND = frozenset({"groups", "tier"})
PARTED_WHEN = frozenset({"groups", "is_active"})


def save_row(*, actor: User, row: models.Model) -> None:
    """Store one row of set-up; ``record_set_up`` follows with what was changed.

    A person who is new must change the password at the first log-in. Refuses whoever
    is no administrator, and every calendar but a site's first: two people begin and
    change the others under Rules.
    """
    _refuse(actor)
    fresh = row._state.adding  # noqa: SLF001 - Django documents it
    if fresh and isinstance(row, User):
        row.must_change_password = True
    with transaction.atomic():
        if isinstance(row, BusinessCalendar):
            _refuse_second_door(fresh=fresh)
        row.save()


def record_set_up(
    *, actor: User, row: models.Model, added: bool, fields: Collection[str]
) -> None:
    """Write what was done to a row on the administrator's chain; no change, no event.

    Whoever made a person's account or gave roles or tier counts as one person with them
    for a while (``SetUpBy``). Whoever is deactivated has no API token any more, also
    not when they come back.
    Refuses whoever is no administrator, a change of one's own roles, tier or activity,
    and roles that one account does not hold together.
    """
    _refuse(actor)
    if not (added or fields):
        return
    if isinstance(row, User):
        _refuse_oneself(actor, row, fields)
        _refuse_parted(row, fields)
    named = [] if added else sorted(fields)
    facts: dict[str, Any] = {"fields": named, **_codes(row)}
    about = trail.Subject(str(row._meta.model_name), row.pk)
    action = "setup.added" if added else "setup.changed"
    with transaction.atomic():
        _append(actor.pk, action, actor=actor, about=about, facts=facts)
        if isinstance(row, User) and not row.is_active:
            gone = tokens.DEACTIVATED
            tokens.end_token(user_id=row.pk, actor=actor, because=gone)
        if isinstance(row, User) and (added or IN_HAND & set(fields)):
            _had_in_hand(actor, row.pk)


def hand_out_password(*, actor: User, user_id: int) -> None:
    """Record that an administrator set a password; its owner must change it first.

    Effects: the duty, ``password.changed`` on the person's chain by the administrator,
    the end of their API token, and that both count as one person for a while
    (``SetUpBy``). Refuses whoever is no administrator, and oneself.
    """
    _refuse(actor)
    if user_id == actor.pk:
        raise NotPermitted("Change your own password on its own page.")
    with transaction.atomic():
        person = User.objects.get(pk=user_id)
        sessions.finish_handed_out_password(person, actor=actor)
        _had_in_hand(actor, user_id)


def _refuse_second_door(*, fresh: bool) -> None:
    hold_first_calendar()
    if not (fresh and may_add_calendar()):
        raise NotPermitted(
            "A site's first calendar is made in set-up; others begin, and all are "
            "changed, under Rules, by two people.",
            code="two_people",
        )


def _append(
    user_id: int,
    action: str,
    *,
    actor: User,
    about: trail.Subject | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    with transaction.atomic():
        subject = trail.Subject("user", user_id)
        trail.append_event(
            subject, action=action, actor=actor, about=about, facts=facts
        )


def _refuse(actor: User) -> None:
    barred = policies.may_set_up(access_of(actor))
    if barred:
        raise barred.error()


def _refuse_oneself(actor: User, row: User, fields: Collection[str]) -> None:
    if row.pk == actor.pk and OF_ONESELF & set(fields):
        raise NotPermitted(
            "Nobody changes their own roles, tier or activity. Ask another "
            "administrator.",
            code="own_roles",
        )


def _refuse_parted(row: User, fields: Collection[str]) -> None:
    if not (PARTED_WHEN & set(fields) and row.is_active):
        return
    barred = policies.may_hold_together([group.name for group in row.groups.all()])
    if barred:
        raise barred.error()


def _had_in_hand(actor: User, user_id: int) -> None:
    """Keep that the actor could act as this person from now on (``SetUpBy``)."""
    SetUpBy.objects.bulk_create(
        [SetUpBy(user_id=user_id, by=actor, at=now())],
        update_conflicts=True,
        unique_fields=["user", "by"],
        update_fields=["at"],
    )


def _codes(row: models.Model) -> dict[str, Any]:
    """Return what may be said in plain: roles and tier."""
    if isinstance(row, User):
        roles = sorted(row.groups.values_list("name", flat=True))
        return {"roles": roles, "tier": row.tier, "is_active": row.is_active}
    return {}
