"""What the release ships: set up on a new site, proposed like any change on one at work."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.db import transaction

from worklists import shipped
from worklists.enums import RuleKind
from worklists.errors import BadInput, NotVisible
from worklists.models import Queue, RuleVersion, User
from worklists.rule_policies import may_take_shipped
from worklists.selectors import rules as selectors
from worklists.selectors.access import access_of
from worklists.selectors.rules import CONTENT, VERSIONED
from worklists.services import rules
from worklists.services.rule_checks import (
    refuse_day,
    refuse_faults,
    refuse_without,
)
from worklists.services.rule_effects import new_row
from worklists.shipped import Shipped


def propose_shipped(
    *,
    actor: User,
    kind: str,
    slug: str,
    effective_from: date,
    reason: str,
    read: int | None = None,
) -> RuleVersion:
    """Propose what the release ships as it ships; another person puts it in force.

    ``read`` is the number of the version in force whose difference the person saw: what
    the site has is never replaced unseen. Effects: the version waits, ``rule.proposed``
    with the shipped version. Refuses what does not ship, what is here as it ships, a
    difference that was not looked at, and whatever refuses any other proposal.
    """
    one = shipped.find(kind, slug)
    if one is None:
        raise NotVisible("This release ships no such rule.")
    if not selectors.is_taken(kind, slug):
        return _propose_first(one, actor, effective_from, reason)
    if read is None:
        raise BadInput("Look at what differs from the version in force first.")
    return rules.propose(
        actor=actor,
        kind=kind,
        slug=slug,
        content=one.content,
        effective_from=effective_from,
        reason=reason,
        read=read,
        shipped=one.version,
    )


def _propose_first(
    one: Shipped, actor: User, effective_from: date, reason: str
) -> RuleVersion:
    refuse_without(reason, "Say why.")
    barred = may_take_shipped(access_of(actor), one.kind, (), is_here=False)
    if barred:
        raise barred.error()
    refuse_day(effective_from)
    refuse_faults(one.kind, one.content)
    with transaction.atomic():
        return rules.lay_down_first(
            actor=actor,
            kind=one.kind,
            slug=one.slug,
            content=one.content,
            effective_from=effective_from,
            reason=reason,
            shipped=one.version,
        )


def set_up_shipped(since: date) -> Counter[RuleKind]:
    """Add what ships to a site that is not at work yet; return how much of it is here.

    A site with queues takes what is new by two people, under Rules: nothing is added to
    it. Refuses, with ``BadInput``, what cannot work, and a shipped version that was
    changed in place by nobody's version.
    """
    at_work = Queue.objects.exists()
    here = Counter[RuleKind]()
    with transaction.atomic():
        for one in shipped.all_shipped():
            if one.kind in VERSIONED:
                here[one.kind] += _set_up(one, since, add=not at_work)
    return here


def _set_up(one: Shipped, since: date, *, add: bool) -> bool:
    refuse_broken(one)
    model, _ = VERSIONED[one.kind]
    rows = model.objects.filter(slug=one.slug)
    row = rows.filter(version=one.version).first()
    if row is None:
        if add:
            new_row(
                *(one.kind, one.slug),
                number=one.version, content=one.content, since=since,
            )  # fmt: skip
        return add or rows.exists()
    same = selectors.same_content(one.kind, CONTENT[one.kind](row), one.content)
    if not same and not _decided(one):
        raise BadInput(
            f"{_named(one)} differs from the stored one. A version is never changed: "
            "ship it as the next version."
        )
    return True


def refuse_broken(one: Shipped) -> None:
    """Refuse to ship what cannot work, naming it."""
    try:
        refuse_faults(one.kind, one.content)
    except BadInput as refusal:
        raise BadInput(f"{_named(one)} cannot work. {refusal.detail}") from refusal


def _named(one: Shipped) -> str:
    return f"{one.kind.label} {one.slug} v{one.version}"


def _decided(one: Shipped) -> bool:
    """Return whether people put a version of their own in force, whose number this is."""
    rows = RuleVersion.objects.filter(rule__kind=one.kind, rule__slug=one.slug)
    return rows.filter(in_force_at__isnull=False).exists()
