"""The claim: what most work is about."""

from __future__ import annotations

from django.db import models


class Claim(models.Model):
    """One claim of one payee, known by payee id + patient control number + from-date.

    Amounts are US dollars. Names are patient data: masked in lists, opened by a
    logged click, never in the trail.
    """

    payee_id = models.CharField(max_length=80)
    patient_control_number = models.CharField(max_length=80)
    service_from = models.DateField(null=True)
    service_to = models.DateField(null=True)
    facility = models.ForeignKey(
        "Facility", models.PROTECT, db_index=False, related_name="claims"
    )
    payer = models.ForeignKey(
        "Payer", models.PROTECT, null=True, db_index=False, related_name="claims"
    )
    payer_name = models.CharField(max_length=160, blank=True)
    patient_name = models.CharField(max_length=200, blank=True)
    member_id = models.CharField(max_length=80, blank=True)
    provider_name = models.CharField(max_length=200, blank=True)
    specialty = models.CharField(max_length=80, blank=True)
    charge = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    paid = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["payee_id", "patient_control_number", "service_from"],
                nulls_distinct=False,
                name="claim_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["patient_control_number"],
                opclasses=["varchar_pattern_ops"],  # serves = and prefixes alike
                name="claim_control_number",
            ),
        ]

    def __str__(self) -> str:
        return f"claim {self.pk}"
