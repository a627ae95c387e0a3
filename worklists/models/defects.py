"""The shared taxonomy of defects and the record of each one seen."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from worklists.enums import RootCause, Stage


class Taxonomy(models.Model):
    """One version of how reason codes are classified. Never changed: superseded."""

    version = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=120)
    note = models.TextField(blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    effective_from = models.DateField()

    class Meta:
        ordering = ["-version"]
        verbose_name_plural = "taxonomies"

    def __str__(self) -> str:
        return f"taxonomy v{self.version}"


class DefectRule(models.Model):
    """One pattern of a taxonomy: CARC, optionally with a RARC, and what it means.

    ``remark`` empty matches any; a rule with a remark wins over one without.
    """

    taxonomy = models.ForeignKey(Taxonomy, models.CASCADE, related_name="rules")
    carc = models.CharField(max_length=8)
    remark = models.CharField(max_length=8, blank=True)
    label = models.CharField(max_length=160)
    defect_class = models.CharField(max_length=40)
    root_cause = models.CharField(
        max_length=24, choices=RootCause.choices, default=RootCause.UNKNOWN
    )
    failed_stage = models.CharField(max_length=20, choices=Stage.choices, blank=True)
    owner = models.CharField(max_length=60, blank=True)
    first_route = models.CharField(max_length=40, blank=True)
    is_denial = models.BooleanField()
    appealable = models.BooleanField(default=True)
    coding_related = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["taxonomy", "carc", "remark"], name="defect_rule_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.carc} {self.remark}".strip()


class Defect(models.Model):
    """One defect seen once: append-only. Edits, denials and findings write it."""

    source_kind = models.CharField(max_length=20)
    source_id = models.BigIntegerField()
    round = models.PositiveSmallIntegerField(default=1)
    defect_class = models.CharField(max_length=40)
    root_cause = models.CharField(max_length=24, choices=RootCause.choices)
    failed_stage = models.CharField(max_length=20, choices=Stage.choices, blank=True)
    taxonomy = models.ForeignKey(Taxonomy, models.PROTECT, null=True)
    item = models.ForeignKey("WorkItem", models.PROTECT, null=True, related_name="+")
    claim = models.ForeignKey("Claim", models.PROTECT, null=True, related_name="+")
    payer = models.ForeignKey(
        "Payer", models.PROTECT, null=True, db_index=False, related_name="+"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source_kind", "source_id", "round"], name="defect_once"
            ),
        ]
        indexes = [
            models.Index(fields=["defect_class", "seen_at"], name="defect_class_seen"),
            models.Index(
                fields=["payer", "defect_class", "seen_at"],
                condition=models.Q(payer__isnull=False),
                name="defect_payer_class_seen",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.defect_class} from {self.source_kind} {self.source_id}"
