"""What happened to one item: its own chain and every read of it."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from worklists.models import Event, Reason, User, WorkItem
from worklists.selectors.said_words import words_for
from worklists.statements import Slot, Statement

NEWEST = 200


def events_of(item: WorkItem) -> list[Event]:
    """Return the newest events of an item, newest first, at most ``NEWEST``."""
    return _NEWEST.rows(item=item.pk)


def reasons_of(reader: User, item: WorkItem) -> QuerySet[Reason]:
    """Return people's words on an item for a reader; a redacted row holds none."""
    return words_for(reader).filter(item=item)


_NEWEST = Statement(
    lambda: Event.objects.filter(
        Q(subject_kind="item", subject_id=Slot("item"))
        | Q(object_kind="item", object_id=Slot("item"))
    ).order_by("-id")[:NEWEST]
)
