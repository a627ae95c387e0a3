"""The trail as the ORM reads it. Its table, triggers and functions are SQL."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from worklists.models.evidence import Committed


class Event(models.Model):
    """One act. Append-only in the database; see ``worklists.trail`` for the format.

    Subject is the chain the event stands in (``item``, ``user``, ``claim`` …); object
    is what a read, export or bulk act was about. ``facts`` is JSON text, hashed as it
    is. Never patient data, never free text: those are commitments.
    """

    id = models.BigAutoField(primary_key=True)
    format = models.SmallIntegerField()
    subject_kind = models.CharField(max_length=16)
    subject_id = models.BigIntegerField()
    seq = models.IntegerField()
    prev_hash = models.BinaryField(null=True)
    hash = models.BinaryField()
    action = models.CharField(max_length=48)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_constraint=False,
        related_name="events",
    )
    actor_name = models.CharField(max_length=150)
    actor_role = models.CharField(max_length=120)
    source = models.CharField(max_length=10)
    request_id = models.CharField(max_length=64)
    object_kind = models.CharField(max_length=16, null=True)  # noqa: DJ001 - hashed as null
    object_id = models.BigIntegerField(null=True)
    facility_id = models.BigIntegerField(null=True)
    queue_id = models.BigIntegerField(null=True)
    from_state = models.CharField(max_length=16, null=True)  # noqa: DJ001 - hashed as null
    to_state = models.CharField(max_length=16, null=True)  # noqa: DJ001 - hashed as null
    facts = models.TextField()
    commitments = ArrayField(models.BinaryField())
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "trail_event"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject_id} #{self.seq} {self.action}"


class ChainHead(models.Model):
    """Last sequence number and hash of a chain whose subject is no item."""

    subject_kind = models.CharField(max_length=16)
    subject_id = models.BigIntegerField()
    seq = models.IntegerField()
    hash = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"], name="chain_head_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject_id}"


class Reason(Committed):
    """A person's words for one act, outside the trail and redactable."""

    item = models.ForeignKey(
        "WorkItem", models.PROTECT, db_index=False, related_name="reasons"
    )
    action = models.CharField(max_length=48)
    code = models.CharField(max_length=40, blank=True)
    seq = models.IntegerField(help_text="Sequence number of the event it belongs to.")
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
    )
    said_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["item", "seq"], name="reason_item_seq")]

    def __str__(self) -> str:
        return f"reason for {self.action} on item {self.item_id}"
