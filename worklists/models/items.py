"""The work item: one piece of work about one subject."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce, Least

from worklists import kinds
from worklists.enums import ENDED, WORKED, Lift, State

NO_DEADLINE = datetime(9999, 12, 31, tzinfo=UTC)


class WorkItem(models.Model):
    """One piece of work, of one kind, in one queue, in one state.

    ``version`` rises with every act; a form that carries an older one is refused.
    ``trail_seq`` and ``trail_hash`` are the last event of the item's own chain, so a
    removed last event is named by the verifier. Three moments drive the workers:
    ``reage_at`` (priority or age bucket changes), ``wake_at`` (a deferred item comes
    back, an idle one is released) and ``ItemClock.next_step_at``.
    """

    kind = models.CharField(max_length=32)
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    # What a unique constraint or an index below begins with has no index of its own,
    # nor has what nobody looks for: every index slows every act.
    queue = models.ForeignKey(
        "Queue", models.PROTECT, db_index=False, related_name="items"
    )
    facility = models.ForeignKey(
        "Facility", models.PROTECT, db_index=False, related_name="items"
    )
    claim = models.ForeignKey("Claim", models.PROTECT, null=True, related_name="items")
    payer = models.ForeignKey("Payer", models.PROTECT, null=True, related_name="items")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="items",
    )
    template = models.ForeignKey(
        "EvidenceTemplate", models.PROTECT, db_index=False, related_name="items"
    )
    version = models.PositiveIntegerField(default=1)

    reason_code = models.CharField(
        max_length=80, blank=True, help_text="What failed, in codes: “CO-97 · M15”."
    )
    reason_label = models.CharField(
        max_length=160, blank=True, help_text="What failed, in our short words."
    )
    risk_class = models.CharField(max_length=40, blank=True)
    amount = models.DecimalField(
        max_digits=18, decimal_places=2, default=0, help_text="Dollars at stake."
    )
    same_key = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="What makes it the same work as another (a digest, by its kind).",
    )
    specialty = models.CharField(max_length=80, blank=True)
    service_on = models.DateField(null=True)
    why_here = models.JSONField(
        default=dict, help_text="Rule, version and words by which it came here."
    )
    flags = models.JSONField(default=list, help_text="Overlay flags, such as watch.")

    priority = models.IntegerField(default=0)
    priority_reasons = models.JSONField(default=list)
    lift = models.SmallIntegerField(
        choices=Lift.choices, default=Lift.NORMAL, db_default=Lift.NORMAL
    )
    age_bucket = models.PositiveSmallIntegerField(default=0)
    evidence_done = models.PositiveSmallIntegerField(default=0)
    evidence_asked = models.PositiveSmallIntegerField(default=0)
    review_because = models.CharField(
        max_length=120, blank=True, help_text="Triggers that would or did fire."
    )

    opened_at = models.DateTimeField(help_text="When the work arrived.")
    entered_at = models.DateTimeField(help_text="Since when it is in its state.")
    touched_at = models.DateTimeField(help_text="When a person last worked on it.")
    handed_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=40, blank=True)
    pend_reason = models.CharField(max_length=40, blank=True)
    internal_due_at = models.DateTimeField(null=True)
    legal_due_at = models.DateTimeField(null=True)
    due_rank = models.GeneratedField(
        expression=Coalesce("legal_due_at", Value(NO_DEADLINE)),
        output_field=models.DateTimeField(),
        db_persist=True,
    )
    nearest_due = models.GeneratedField(
        expression=Coalesce(
            Least("legal_due_at", "internal_due_at"), Value(NO_DEADLINE)
        ),
        output_field=models.DateTimeField(),
        db_persist=True,
    )
    reage_at = models.DateTimeField(null=True)
    wake_at = models.DateTimeField(null=True)

    trail_seq = models.PositiveIntegerField(default=0)
    trail_hash = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="item_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.IN_PROGRESS, State.RETURNED])
                | Q(assignee__isnull=False),
                name="item_in_hand_has_assignee",
            ),
            models.UniqueConstraint(
                fields=["same_key"],
                condition=~Q(same_key="") & ~Q(state__in=ENDED),
                name="item_same_work_open_once",
            ),
            models.CheckConstraint(
                condition=Q(lift__in=Lift.values), name="item_lift_known"
            ),
            models.CheckConstraint(
                condition=Q(state=State.PENDING) | Q(pend_reason=""),
                name="item_pend_reason_only_pending",
            ),
        ]
        indexes = [
            models.Index(
                fields=["queue", "-priority", "due_rank", "id"],
                condition=Q(state=State.OPEN),
                name="item_next",
            ),
            models.Index(
                fields=["queue", "-priority", "due_rank", "id"],
                condition=~Q(state__in=ENDED),
                name="item_active",
            ),
            models.Index(
                fields=["-priority", "due_rank", "id"],
                condition=~Q(state__in=ENDED),
                name="item_active_all",
            ),
            models.Index(
                fields=["assignee", "state", "-priority", "due_rank", "id"],
                condition=Q(assignee__isnull=False),
                name="item_mine",
            ),
            # What is being worked is little beside what waits: by state, any queue.
            models.Index(
                fields=["state", "-priority", "due_rank", "id"],
                condition=Q(state__in=WORKED),
                name="item_worked",
            ),
            # One for each other order in which a queue is read.
            models.Index(
                fields=["queue", "-nearest_due", "id"],
                condition=~Q(state__in=ENDED),
                name="item_due",
            ),
            models.Index(
                fields=["queue", "-amount", "id"],
                condition=~Q(state__in=ENDED),
                name="item_amount",
            ),
            models.Index(
                fields=["queue", "-touched_at", "id"],
                condition=~Q(state__in=ENDED),
                name="item_touched",
            ),
            models.Index(
                fields=["queue", "-id"],
                condition=Q(state__in=ENDED),
                name="item_ended",
            ),
            models.Index(
                fields=["queue", "-completed_at"],
                condition=Q(completed_at__isnull=False),
                name="item_completed",
            ),
            models.Index(fields=["queue", "opened_at", "id"], name="item_arrival"),
            # Few items carry a flag: to find those of one flag in a million, by any
            # order, without a word for the many that carry none.
            GinIndex(
                fields=["flags"],
                opclasses=["jsonb_path_ops"],
                condition=~Q(state__in=ENDED) & ~Q(flags=[]),
                fastupdate=False,
                name="item_flagged",
            ),
            models.Index(
                fields=["reage_at"],
                condition=Q(reage_at__isnull=False),
                name="item_reage",
            ),
            models.Index(
                fields=["wake_at"],
                condition=Q(wake_at__isnull=False),
                name="item_wake",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """Return the name people use, such as ``DN-48213``."""
        return kinds.number(self.kind, self.pk)
