"""The denial: what a payer refused, what we suggest, what a person decided."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from denials.enums import SENT_BACK, Decision, DenialKind, DenialStatus
from denials.models.remittances import RemittanceClaim, RemittanceLine
from worklists.enums import RootCause, Stage


class Denial(models.Model):
    """One refusal: a claim or service line × group × CARC, summed (CONTRACT 2).

    What the taxonomy suggests (class, root cause, stage, owner, route) and what a
    person decided are kept apart. ``round`` counts the same denial on the corrected
    claim; ``previous`` is the round before. Denials of one claim in one queue share
    an item. ``amount`` is US dollars.
    """

    claim = models.ForeignKey("worklists.Claim", models.PROTECT, related_name="denials")
    remittance_claim = models.ForeignKey(
        RemittanceClaim, models.PROTECT, db_index=False, related_name="denials"
    )
    line = models.ForeignKey(
        RemittanceLine, models.PROTECT, null=True, related_name="denials"
    )
    item = models.ForeignKey(
        "worklists.WorkItem", models.PROTECT, null=True, related_name="denials"
    )
    kind = models.CharField(max_length=12, choices=DenialKind.choices)
    group = models.CharField(max_length=8, blank=True)
    carc = models.CharField(max_length=20, blank=True)
    remarks = ArrayField(models.CharField(max_length=16), default=list)
    amount = models.DecimalField(max_digits=18, decimal_places=2)

    taxonomy = models.ForeignKey(
        "worklists.Taxonomy", models.PROTECT, db_index=False, related_name="+"
    )
    label = models.CharField(max_length=160)
    defect_class = models.CharField(max_length=40)
    suggested_root_cause = models.CharField(
        max_length=24, choices=RootCause.choices, default=RootCause.UNKNOWN
    )
    failed_stage = models.CharField(max_length=20, choices=Stage.choices, blank=True)
    owner = models.CharField(max_length=60, blank=True)
    route = models.CharField(max_length=40, blank=True)
    appealable = models.BooleanField(default=True)
    coding_related = models.BooleanField(default=False)

    round = models.PositiveSmallIntegerField(default=1)
    previous = models.ForeignKey(
        "self", models.PROTECT, null=True, db_index=False, related_name="later_rounds"
    )
    status = models.CharField(
        max_length=10, choices=DenialStatus.choices, default=DenialStatus.OPEN
    )
    reversed_by = models.ForeignKey(
        RemittanceClaim,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="reversed_denials",
    )
    reversed_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=20, choices=Decision.choices, blank=True)
    root_cause = models.CharField(max_length=24, choices=RootCause.choices, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
    )
    decided_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField()

    # Of the remittance claim, kept here so that a reversal finds its denials by one
    # small index instead of one over every claim ever paid.
    payer_identifier = models.CharField(max_length=80)
    patient_control_number = models.CharField(max_length=80)
    payer_control_number = models.CharField(max_length=80, blank=True)
    paid_on = models.DateField(null=True)
    line_control = models.CharField(max_length=80, blank=True)
    line_mark = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["remittance_claim", "line", "group", "carc"],
                nulls_distinct=False,
                name="denial_once",
            ),
            models.CheckConstraint(
                condition=~Q(status=DenialStatus.DECIDED)
                | (~Q(decision="") & Q(decided_at__isnull=False)),
                name="denial_decided_has_decision",
            ),
            models.CheckConstraint(
                condition=~Q(status=DenialStatus.REVERSED)
                | Q(reversed_by__isnull=False, reversed_at__isnull=False),
                name="denial_reversed_has_reversal",
            ),
        ]
        indexes = [
            models.Index(
                fields=["payer_control_number", "patient_control_number"],
                condition=Q(reversed_by=None),
                name="denial_reversible",
            ),
            models.Index(fields=["status", "-id"], name="denial_status"),
            models.Index(
                fields=["payer_identifier", "carc", "-decided_at", "-id"],
                condition=Q(decision__in=SENT_BACK, decided_at__isnull=False),
                name="denial_sent_back",
            ),
        ]

    def __str__(self) -> str:
        return f"denial {self.pk}"

    @property
    def code(self) -> str:
        """Return group and CARC as people write them: ``CO-97``."""
        return f"{self.group}-{self.carc}" if self.group else "no reason"
