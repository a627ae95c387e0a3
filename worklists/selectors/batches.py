"""Reads of files that came in."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from worklists.enums import BatchStatus
from worklists.models import Event, ExceptionDetail, IngestBatch, User, WorkItem
from worklists.policies import may_read_file
from worklists.selectors.access import access_of, visible_to

SETTLE = timedelta(seconds=60)
GIVE_UP = timedelta(days=1)


def batches_for(user: User) -> QuerySet[IngestBatch]:
    """Return the batches a person may see: all for those who may upload or audit,
    else none."""
    if may_read_file(access_of(user)):
        return IngestBatch.objects.none()
    return IngestBatch.objects.select_related("uploaded_by")


def unfinished_batches(at: datetime) -> list[int]:
    """Return batches that wait or whose reading may have died, oldest first.

    A fresh batch is left a minute to the task that was sent for it. One that could
    not be finished in a day is left to a person.
    """
    rows = IngestBatch.objects.filter(
        status__in=[BatchStatus.WAITING, BatchStatus.READING],
        created_at__gt=at - GIVE_UP,
    ).filter(
        Q(started_at__isnull=True, created_at__lte=at - SETTLE)
        | Q(started_at__lte=at - SETTLE)
    )
    return list(rows.order_by("id").values_list("pk", flat=True))


def exceptions_of(batch: IngestBatch) -> QuerySet[ExceptionDetail]:
    """Return the exceptions a file left, in the order of the file."""
    rows = ExceptionDetail.objects.filter(batch=batch).select_related("item")
    return rows.order_by("position", "id")


def items_of(batch: IngestBatch, user: User) -> QuerySet[WorkItem]:
    """Return the items a file opened or added to, as far as the person sees them.

    The largest amounts first; exceptions are told by ``exceptions_of``.
    """
    events = Event.objects.filter(
        object_kind="batch",
        object_id=batch.pk,
        subject_kind="item",
        action__in=["item.opened", "item.joined"],
    )
    rows = visible_to(user).filter(pk__in=events.values("subject_id"))
    rows = rows.exclude(kind="ingest_exception").select_related("queue", "claim")
    return rows.order_by("-amount", "id")
