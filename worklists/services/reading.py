"""Reads, searches, exports and log-ins are events on the reader's own chain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from worklists import trail
from worklists.models import User


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


def record_item_read(*, actor: User, item_id: int, facility_id: int, queue_id: int) -> None:
    """Record that a person opened an item with patient data."""
    record(
        actor=actor,
        action="read.item",
        about=trail.Subject("item", item_id),
        facility_id=facility_id,
        queue_id=queue_id,
    )
