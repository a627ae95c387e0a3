"""What stopped submits: kept beside the items, never part of their history."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q


class SubmitTry(models.Model):
    """One refused submit with the names of the fields that were gaps. Append-only.

    Besides, the first submit of an item that went through at once: ``fields`` is empty.
    ``is_first`` marks the first try of an item, whichever it was. No words, no part of
    an item; queue and form are those of that moment.
    """

    item = models.ForeignKey("WorkItem", models.PROTECT, related_name="+")
    queue = models.ForeignKey("Queue", models.PROTECT, db_index=False, related_name="+")
    facility = models.ForeignKey(
        "Facility", models.PROTECT, db_index=False, related_name="+"
    )
    template = models.ForeignKey(
        "EvidenceTemplate", models.PROTECT, db_index=False, related_name="+"
    )
    tried_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+"
    )
    tried_at = models.DateTimeField()
    fields = ArrayField(models.CharField(max_length=80))
    is_first = models.BooleanField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(is_first=True),
                name="submit_try_first_once",
            ),
        ]
        indexes = [
            models.Index(fields=["queue", "-tried_at"], name="submit_try_queue"),
            BrinIndex(fields=["tried_at"], name="submit_try_at"),
        ]

    def __str__(self) -> str:
        return f"submit of item {self.item_id}, {len(self.fields)} gaps"
