"""Reads, searches, exports and log-ins are events on the reader's own chain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.db import transaction

from worklists import trail
from worklists.enums import Role
from worklists.models import Claim, User, WorkItem
from worklists.selectors.access import access_of


def record(
    *,
    actor: User,
    action: str,
    about: trail.Subject | None = None,
    facts: Mapping[str, Any] | None = None,
    facility_id: int | None = None,
    queue_id: int | None = None,
) -> None:
    """Write one event on the person's chain: what was read, searched or exported.

    ``facts`` hold counts and field names, never what was searched for.
    """
    with transaction.atomic():
        trail.append_event(
            trail.Subject("user", actor.pk),
            action=action,
            actor=actor,
            about=about,
            facts=facts,
            facility_id=facility_id,
            queue_id=queue_id,
        )


def record_item_read(
    *, actor: User, item_id: int, facility_id: int, queue_id: int
) -> None:
    """Record that a person opened an item with patient data."""
    record(
        actor=actor,
        action="read.item",
        about=trail.Subject("item", item_id),
        facility_id=facility_id,
        queue_id=queue_id,
    )


def record_name_read(*, actor: User, item: WorkItem) -> None:
    """Record that a person had the patient's name of an item shown in full."""
    record(
        actor=actor,
        action="read.name",
        about=trail.Subject("item", item.pk),
        facility_id=item.facility_id,
        queue_id=item.queue_id,
    )


def subject(kind: str, number: int) -> trail.Subject:
    """Return the subject of an event, for apps that may not import the writer."""
    return trail.Subject(kind, number)


def record_batch_read(*, actor: User, batch_id: int) -> None:
    """Record that a person opened what became of a file."""
    record(actor=actor, action="read.batch", about=trail.Subject("batch", batch_id))


def record_trail_read(*, actor: User, item: WorkItem) -> None:
    """Record that a person read the trail of an item."""
    record(
        actor=actor,
        action="read.trail",
        about=trail.Subject("item", item.pk),
        facility_id=item.facility_id,
        queue_id=item.queue_id,
    )


def record_claim_read(*, actor: User, claim: Claim) -> None:
    """Record that a person opened a claim."""
    record(
        actor=actor,
        action="read.claim",
        about=trail.Subject("claim", claim.pk),
        facility_id=claim.facility_id,
    )


def record_claim_name_read(*, actor: User, claim: Claim) -> None:
    """Record that a person had the patient's name of a claim shown in full."""
    record(
        actor=actor,
        action="read.name",
        about=trail.Subject("claim", claim.pk),
        facility_id=claim.facility_id,
    )


def record_audit_read(*, actor: User, kind: str, number: int) -> None:
    """Record that an auditor read a page of ``kind``: a rule, a person, a payer profile.

    An auditor reads nothing unlogged. Whoever works by these pages looks at them as
    part of that work: no event, since no patient stands there.
    """
    if access_of(actor).has(Role.AUDITOR):
        record(actor=actor, action=f"read.{kind}", about=_ABOUT[kind](number))


_ABOUT: Mapping[str, Callable[[int], trail.Subject]] = {
    "person": partial(trail.Subject, "user"),
    "rule": partial(trail.Subject, "rule"),
    "profile": partial(trail.Subject, "profile"),
}


def record_bulk_act_read(*, actor: User, bulk_act_id: int) -> None:
    """Record that a person read what somebody else's act on many items did."""
    about = trail.Subject("bulk_act", bulk_act_id)
    record(actor=actor, action="read.bulk_act", about=about)


def record_gaps_read(*, actor: User, days: int) -> None:
    """Record that an auditor read how complete the evidence of queues is.

    Who manages them looks at their own figures: that is their work and no event.
    """
    if access_of(actor).has(Role.AUDITOR):
        record(actor=actor, action="read.gaps", facts={"days": days})
