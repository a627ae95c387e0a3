"""What happened to one item: its own chain and every read of it."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from worklists.models import Event, Reason, WorkItem

NEWEST = 200


def events_of(item: WorkItem) -> list[Event]:
    """Return the newest events of an item, newest first, at most ``NEWEST``."""
    rows = Event.objects.select_related("actor").filter(_about(item))
    return list(rows.order_by("-id")[:NEWEST])


def reasons_of(item: WorkItem) -> QuerySet[Reason]:
    """Return people's words on an item; a redacted row holds none."""
    return Reason.objects.filter(item=item)


def _about(item: WorkItem) -> Q:
    own = Q(subject_kind="item", subject_id=item.pk)
    return own | Q(object_kind="item", object_id=item.pk)
