"""Lending the authority to decide reviews, and taking it back.

What it opens and where four eyes hold is in ``policies.authority_for`` and, for the
same rule in the database, in migration 0016.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction

from worklists import policies, trail
from worklists.context import now
from worklists.enums import Role
from worklists.errors import BadInput, Conflict, NotVisible
from worklists.models import ReviewDelegation, User
from worklists.selectors.access import access_of, today_of
from worklists.selectors.delegations import known_classes
from worklists.selectors.staff import staff_ids
from worklists.services import notices
from worklists.services.locks import hold_plans
from worklists.templatetags.wording import day

LONGEST = timedelta(days=92)
FURTHEST = timedelta(days=366)
MOST_DOLLARS = Decimal("9999999999.99")


def lend(
    *,
    actor: User,
    delegator_id: int,
    to: str,
    starts_on: date,
    ends_on: date,
    amount_limit: Decimal,
    risk_classes: Sequence[str] = (),
) -> ReviewDelegation:
    """Lend a reviewer's authority to another one, both days included.

    ``to`` is a username; the days are those where the lender is. It expires by itself.
    Effects: the delegation, ``authority.lent`` on the lender's chain, one notice.
    Refuses whoever may not, people without the role of a senior reviewer, days that
    run backwards, are over or last longer than three months, a limit of no dollars,
    a class no review policy knows, and a second one to the same person on these days.
    """
    with transaction.atomic():
        delegator, delegate = _people(delegator_id, to)
        barred = policies.may_lend(
            access_of(actor), delegator_id, delegate.pk, staff_ids(actor)
        )
        if barred:
            raise barred.error()
        _refuse_people(delegator, delegate)
        _refuse_days(delegator, starts_on, ends_on)
        _refuse_reach(amount_limit, risk_classes)
        delegation = ReviewDelegation(
            delegator=delegator,
            delegate=delegate,
            starts_on=starts_on,
            ends_on=ends_on,
            starts_at=_midnight(starts_on, delegator),
            ends_at=_midnight(ends_on + timedelta(days=1), delegator),
            amount_limit=amount_limit,
            risk_classes=sorted(set(risk_classes)),
            made_by=actor,
            made_at=now(),
        )
        _refuse_twice(delegation)
        delegation.save()
        _record(delegation, "authority.lent", actor)
        _tell(delegation, "authority_lent", actor)
    return delegation


def take_back(*, actor: User, delegation_id: int) -> ReviewDelegation:
    """End a delegation now; what was decided under it stands.

    Effects: ``authority.ended`` on the lender's chain, one notice. Refuses whoever may
    not, and one that is over.
    """
    with transaction.atomic():
        delegation = _own(actor, delegation_id)
        if delegation.ended_at is not None or delegation.ends_at <= now():
            raise Conflict("This authority has ended already.", code="over")
        delegation.ended_at = now()
        delegation.ended_by = actor
        delegation.save(update_fields=["ended_at", "ended_by"])
        _record(delegation, "authority.ended", actor)
        _tell(delegation, "authority_ended", actor)
    return delegation


def _own(actor: User, delegation_id: int) -> ReviewDelegation:
    rows = ReviewDelegation.objects.select_for_update(of=("self",))
    found = rows.select_related("delegator", "delegate").filter(pk=delegation_id)
    delegation = found.first()
    if delegation is None:
        raise NotVisible("There is no such delegation.")
    barred = policies.may_end_authority(
        access_of(actor), delegation.delegator_id, staff_ids(actor)
    )
    if barred:
        raise barred.error()
    return delegation


def _people(delegator_id: int, to: str) -> tuple[User, User]:
    """Return lender and borrower; other delegations of theirs wait."""
    rows = User.objects.filter(is_active=True)
    delegate = rows.filter(username=to).first()
    if delegate is None:
        raise _wrong("to", f"There is no active person “{to[:40]}”.")
    hold_plans([delegator_id, delegate.pk])
    delegator = rows.filter(pk=delegator_id).first()
    if delegator is None:
        raise NotVisible("There is no such active person.")
    return delegator, delegate


def _wrong(name: str, why: str) -> BadInput:
    return BadInput(why, fields={name: [why]})


def _refuse_people(delegator: User, delegate: User) -> None:
    if delegator.pk == delegate.pk:
        raise _wrong("to", "Authority is lent to somebody else.")
    lender = access_of(delegator)
    if not lender.has(Role.REVIEWER) or not lender.review:
        raise _wrong("delegator", f"{delegator} reviews no queue, so lends nothing.")
    if not access_of(delegate).has(Role.REVIEWER):
        raise _wrong(
            "to", f"{delegate} is no senior reviewer. Choose somebody who is one."
        )


def _refuse_days(delegator: User, starts_on: date, ends_on: date) -> None:
    today = today_of(delegator)
    if ends_on < starts_on:
        raise _wrong("ends_on", "The last day is the first day or later.")
    if starts_on < today:
        raise _wrong("starts_on", "Authority is lent from today on, not for the past.")
    if starts_on - today > FURTHEST:
        raise _wrong("starts_on", "Authority is lent a year ahead at most.")
    if ends_on - starts_on >= LONGEST:
        raise _wrong(
            "ends_on",
            f"Authority is lent for {LONGEST.days} days at most. A lasting change is "
            "a grant of the queue.",
        )


def _refuse_reach(amount_limit: Decimal, risk_classes: Collection[str]) -> None:
    if not 0 < amount_limit <= MOST_DOLLARS:
        raise _wrong("amount_limit", "The limit is a sum above 0 dollars.")
    if amount_limit != round(amount_limit, 2):
        raise _wrong("amount_limit", "The limit has two decimals at most.")
    unknown = sorted(set(risk_classes) - set(known_classes()))
    if unknown:
        raise _wrong(
            "risk_classes", f"“{unknown[0][:40]}” is no risk class of a denial."
        )


def _refuse_twice(new: ReviewDelegation) -> None:
    same = ReviewDelegation.objects.filter(
        delegator=new.delegator,
        delegate=new.delegate,
        ended_at=None,
        starts_at__lt=new.ends_at,
        ends_at__gt=new.starts_at,
    ).first()
    if same is not None:
        raise Conflict(
            f"{new.delegator} lends {new.delegate} authority from "
            f"{day(same.starts_on)} to {day(same.ends_on)} already. End that "
            "first.",
            code="lent_already",
        )


def _midnight(day: date, person: User) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(person.time_zone))


def _record(delegation: ReviewDelegation, action: str, actor: User) -> None:
    facts = {
        "delegation": delegation.pk,
        "to": delegation.delegate.username,
        "starts_on": delegation.starts_on.isoformat(),
        "ends_on": delegation.ends_on.isoformat(),
        "amount_limit": str(delegation.amount_limit),
        "risk_classes": delegation.risk_classes,
    }
    subject = trail.Subject("user", delegation.delegator_id)
    trail.append_event(subject, action=action, actor=actor, facts=facts)


def _tell(delegation: ReviewDelegation, code: str, actor: User) -> None:
    facts = {
        "by": str(actor),
        "who": str(delegation.delegator),
        "until": delegation.ends_on.isoformat(),
    }
    notices.tell(
        user_id=delegation.delegate_id,
        code=code,
        facts=facts,
        dedupe=f"delegation:{delegation.pk}:{code}",
    )
