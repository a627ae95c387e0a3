"""Clocks that run on items, the ladders beside them, and what they set off."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from worklists.enums import ClockKind


class SlaPolicy(models.Model):
    """One version of how long work may take: business hours on a calendar."""

    slug = models.SlugField()
    version = models.PositiveIntegerField(default=1)
    name = models.CharField(max_length=120)
    business_hours = models.PositiveIntegerField(
        help_text="From arrival to the internal due moment."
    )
    effective_from = models.DateField()

    class Meta:
        ordering = ["slug", "-version"]
        verbose_name_plural = "SLA policies"
        constraints = [
            models.UniqueConstraint(
                fields=["slug", "version"], name="sla_policy_version_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slug} v{self.version}"


class LadderStep(models.Model):
    """One rung: at a distance from a clock's due moment, tell somebody.

    ``offset_hours`` is negative before the due moment. For internal clocks it counts
    business hours, for legal ones calendar hours. ``tell`` is ``assignee``, ``lead``,
    ``manager`` or ``supervisor``. A step that ``needs_acknowledgement`` stays open
    until a person says what was done.
    """

    class Tell(models.TextChoices):
        """Whom a step tells."""

        ASSIGNEE = "assignee", "Assignee"
        LEAD = "lead", "Team lead"
        MANAGER = "manager", "Team manager"
        SUPERVISOR = "supervisor", "Queue supervisor"

    policy = models.ForeignKey(SlaPolicy, models.PROTECT, related_name="steps")
    clock_kind = models.CharField(max_length=10, choices=ClockKind.choices)
    position = models.PositiveSmallIntegerField()
    offset_hours = models.IntegerField()
    tell = models.CharField(max_length=12, choices=Tell.choices)
    needs_acknowledgement = models.BooleanField(default=False)

    class Meta:
        ordering = ["policy", "clock_kind", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "clock_kind", "position"], name="ladder_step_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clock_kind} step {self.position}"


# The margin of a safety net, in days before a legal limit.
MARGIN_DAYS = (1, 180)

# A clock runs until it is met or, with its item, stopped.
RUNNING = Q(met_at=None, stopped_at=None)
# An escalation waits until a person says what was done about it, or a later call of
# the same clock to the same person stands for it too.
WAITING = Q(needs_acknowledgement=True, acknowledged_at=None, joined_to=None)


class ItemClock(models.Model):
    """One clock on one item, with its own source.

    ``due_at`` moves when an internal clock resumes; a legal clock cannot be paused
    (the database refuses it). ``next_step_at`` is when the next rung must fire.
    """

    item = models.ForeignKey("WorkItem", models.CASCADE, related_name="clocks")
    name = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=ClockKind.choices)
    label = models.CharField(max_length=80)
    source = models.CharField(
        max_length=160, help_text="Policy or payer row with its version."
    )
    policy = models.ForeignKey(
        SlaPolicy, models.PROTECT, db_index=False, related_name="+"
    )
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    next_step = models.PositiveSmallIntegerField(default=0)
    next_step_at = models.DateTimeField(null=True)
    margin_days = models.PositiveSmallIntegerField(
        null=True,
        help_text="Days before the limit at which the safety net catches the item; "
        "none: as the service level says.",
    )

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "name"],
                condition=RUNNING,
                name="item_clock_one_running",
            ),
            models.CheckConstraint(
                condition=Q(margin_days=None)
                | Q(kind=ClockKind.LEGAL, margin_days__range=MARGIN_DAYS),
                name="item_clock_margin",
            ),
            models.CheckConstraint(
                condition=~Q(kind=ClockKind.LEGAL) | Q(paused_at=None),
                name="item_clock_legal_never_pauses",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_step_at"],
                condition=Q(next_step_at__isnull=False),
                name="item_clock_next_step",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of item {self.item_id}"


class Escalation(models.Model):
    """One rung that fired, or one that a person called: once, with its outcome."""

    item = models.ForeignKey("WorkItem", models.PROTECT, related_name="escalations")
    clock = models.ForeignKey(
        ItemClock, models.PROTECT, null=True, related_name="escalations"
    )
    step = models.PositiveSmallIntegerField(null=True)
    tell = models.CharField(max_length=12, choices=LadderStep.Tell.choices)
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="escalations"
    )
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    due_at = models.DateTimeField(help_text="When the rung was due, or now by hand.")
    clock_due_at = models.DateTimeField(
        null=True, help_text="When its clock ran out then; it may have moved since."
    )
    fired_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(
        null=True, help_text="When its clock moved out of its net, which may fire anew."
    )
    needs_acknowledgement = models.BooleanField(default=False)
    joined_to = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="joined",
        help_text="The later call of its clock to the same person, whose answer is its.",
    )
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clock", "step"],
                condition=Q(taken_back_at=None),
                name="escalation_step_once",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, outcome="")
                | (Q(acknowledged_at__isnull=False) & ~Q(outcome="")),
                name="escalation_acknowledged_has_outcome",
            ),
        ]
        indexes = [
            models.Index(
                fields=["to", "fired_at"],
                condition=WAITING,
                name="escalation_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"escalation {self.pk} of item {self.item_id}"

    @property
    def waits(self) -> bool:
        """Return whether it waits for an answer: ``WAITING`` of a row that was read."""
        answered = self.acknowledged_at is not None or self.joined_to_id is not None
        return self.needs_acknowledgement and not answered


class ClockSwitch(models.Model):
    """Something in force that running clocks follow, and how far they do by now.

    ``seen_at`` is when the worker met it, by the database's own clock: a transaction
    that began before may still open items under what was. ``past_item`` is how far the
    pass under way has come, ``clocks`` how many have moved.
    """

    seen_at = models.DateTimeField(null=True)
    past_item = models.BigIntegerField(default=0)
    clocks = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
