"""Acts on many items at once, kept so that they can be looked at and taken back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from worklists.enums import BulkKind, Lift, State


class BulkAct(models.Model):
    """One act of a person on many items, or of the worker, who has no name here.

    ``target`` says what was asked for: who got them, until when they rest, which
    priority. Each item's event names this
    act; the reason stands with every item, as for one act.
    """

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
    )
    kind = models.CharField(
        max_length=12, choices=BulkKind.choices, default=BulkKind.REASSIGNED
    )
    made_at = models.DateTimeField()
    target = models.JSONField()
    done = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    undone_at = models.DateTimeField(null=True)
    put_back = models.PositiveIntegerField(
        null=True, help_text="How many items the taking back put back; others stayed."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=BulkKind.values), name="bulk_act_kind"
            ),
        ]
        indexes = [models.Index(fields=["actor", "-id"], name="bulk_act_of")]

    def __str__(self) -> str:
        return f"bulk act {self.pk}"


class BulkActItem(models.Model):
    """One item of a bulk act as it stood before, and its version right after.

    Rows are copied from items in one statement, ten thousand at a time, and neither
    items nor people are ever deleted: asking for both again would cost a tenth of the
    act.
    """

    bulk_act = models.ForeignKey(
        BulkAct, models.PROTECT, db_index=False, related_name="items"
    )
    item = models.ForeignKey(
        "WorkItem",
        models.PROTECT,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State.choices)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )
    entered_at = models.DateTimeField()
    touched_at = models.DateTimeField(
        null=True, help_text="Not kept by acts before this was."
    )
    handed_at = models.DateTimeField(null=True)
    wake_at = models.DateTimeField(null=True)
    lift = models.SmallIntegerField(choices=Lift.choices, db_default=Lift.NORMAL)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bulk_act", "item"], name="bulk_act_item_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="bulk_act_item_state"
            ),
        ]

    def __str__(self) -> str:
        return f"item {self.item_id} of bulk act {self.bulk_act_id}"
