"""What a payer sent, as it was sent: payments, claims, lines, adjustments, remarks.

Rows are written by ``denials.services.remittances`` in bulk and never changed, but
for the totals of a payment that comes in several files. Amounts are US dollars.

Lines, adjustments and remarks, by far the most rows, carry no foreign key in the
database: they are written beside their claim in one transaction by one service and
never touched again, and a check per row would cost a third of an ingest.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from denials.enums import RemarkSource

REVERSAL = "22"


def _money(**options: Any) -> models.DecimalField:  # type: ignore[type-arg]
    return models.DecimalField(max_digits=18, decimal_places=2, **options)


class Remittance(models.Model):
    """One payment, known by payer id + trace number + date + amount (CONTRACT 2).

    ``payer_identifier`` is the payer's id as the file gives it; ``payer`` is ours, if
    we know it. ``paid_on_text`` holds a date nobody can read. ``paid_total``,
    ``plb_total`` and ``balances`` are of what is stored: a payment whose file was cut
    off does not balance until the rest has come.
    """

    payer = models.ForeignKey(
        "worklists.Payer", models.PROTECT, null=True, related_name="remittances"
    )
    payer_identifier = models.CharField(max_length=80)
    payer_name = models.CharField(max_length=160, blank=True)
    trace = models.CharField(max_length=80, help_text="TRN02: check or transfer.")
    paid_on = models.DateField(null=True, help_text="BPR16.")
    paid_on_text = models.CharField(max_length=35, blank=True)
    amount = _money()
    credit_debit = models.CharField(max_length=4, blank=True)
    method = models.CharField(max_length=8, blank=True, help_text="BPR04.")
    handling = models.CharField(max_length=4, blank=True, help_text="BPR01.")
    facility = models.ForeignKey(
        "worklists.Facility", models.PROTECT, related_name="remittances"
    )
    payee_id = models.CharField(max_length=80, blank=True)
    payee_name = models.CharField(max_length=160, blank=True)
    produced_on = models.DateField(null=True, help_text="DTM 405.")
    control = models.CharField(max_length=20, blank=True, help_text="ST02.")
    version = models.CharField(max_length=20, blank=True, help_text="GS08.")
    batch = models.ForeignKey(
        "worklists.IngestBatch", models.PROTECT, related_name="remittances"
    )
    paid_total = models.DecimalField(max_digits=24, decimal_places=2, default=0)
    plb_total = models.DecimalField(max_digits=24, decimal_places=2, default=0)
    balances = models.BooleanField(default=False)
    raw = models.TextField(help_text="The segments before the first claim.")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    *("payer_identifier", "trace", "paid_on", "paid_on_text", "amount")
                ],
                nulls_distinct=False,
                name="remittance_once",
            ),
        ]
        indexes = [
            models.Index(fields=["facility", "-paid_on"], name="remittance_facility"),
        ]

    def __str__(self) -> str:
        return f"remittance {self.pk}"


class RemittanceClaim(models.Model):
    """One claim of a payment (CLP), with its text and where it stood in the file.

    ``digest`` is SHA-256 over its normalised segments, so it covers CLP01, CLP02 and
    CLP07: together with the payment it is the identity of CONTRACT 2. Names and
    member numbers are patient data. ``unreadable`` lists elements kept as text.
    """

    remittance = models.ForeignKey(
        Remittance, models.PROTECT, db_index=False, related_name="claims"
    )
    claim = models.ForeignKey(
        "worklists.Claim", models.PROTECT, related_name="remittance_claims"
    )
    batch = models.ForeignKey(
        "worklists.IngestBatch", models.PROTECT, db_index=False, related_name="+"
    )
    patient_control_number = models.CharField(max_length=80, help_text="CLP01.")
    status = models.CharField(max_length=20, help_text="CLP02, as in the file.")
    charge = _money()
    paid = _money()
    patient_responsibility = _money()
    filing_indicator = models.CharField(max_length=8, blank=True, help_text="CLP06.")
    payer_control_number = models.CharField(
        max_length=80, blank=True, help_text="CLP07."
    )
    facility_code = models.CharField(max_length=8, blank=True, help_text="CLP08.")
    frequency = models.CharField(max_length=4, blank=True, help_text="CLP09.")
    drg = models.CharField(max_length=8, blank=True, help_text="CLP11.")
    service_from = models.DateField(null=True)
    service_to = models.DateField(null=True)
    received_on = models.DateField(null=True, help_text="DTM 050.")
    patient_name = models.CharField(max_length=200, blank=True)
    member_id = models.CharField(max_length=80, blank=True)
    provider_name = models.CharField(max_length=200, blank=True)
    provider_id = models.CharField(max_length=80, blank=True)
    balanced = models.BooleanField(
        help_text="Charge less paid is the sum of all adjustments."
    )
    unreadable = models.JSONField(default=list, blank=True)
    segment = models.BigIntegerField(help_text="Running number of CLP in the file.")
    position = models.BigIntegerField(help_text="Byte offset of CLP in the file.")
    length = models.IntegerField(help_text="Bytes of the claim in the file.")
    raw = models.TextField(help_text="Its segments.")
    digest = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["remittance", "digest"], name="remittance_claim_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["payer_control_number", "patient_control_number"],
                condition=Q(status=REVERSAL),
                name="remittance_claim_reversal",
            ),
        ]

    def __str__(self) -> str:
        return f"remittance claim {self.pk}"


class RemittanceLine(models.Model):
    """One service line of a claim (SVC). ``number`` counts from 1 within the claim."""

    remittance_claim = models.ForeignKey(
        RemittanceClaim,
        models.PROTECT,
        db_index=False,
        db_constraint=False,
        related_name="lines",
    )
    number = models.PositiveSmallIntegerField()
    segment = models.BigIntegerField(help_text="Running number of SVC in the file.")
    qualifier = models.CharField(max_length=4, blank=True)
    code = models.CharField(max_length=48, blank=True)
    modifiers = ArrayField(models.CharField(max_length=8), default=list)
    revenue_code = models.CharField(max_length=48, blank=True)
    charge = _money()
    paid = _money()
    units = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    allowed = _money(null=True)
    original_code = models.CharField(max_length=48, blank=True, help_text="SVC06.")
    original_units = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    service_from = models.DateField(null=True)
    service_to = models.DateField(null=True)
    control = models.CharField(max_length=80, blank=True, help_text="REF 6R.")
    text = models.CharField(max_length=120, blank=True, help_text="SVC01.")

    class Meta:
        ordering = ["remittance_claim", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["remittance_claim", "number"], name="remittance_line_once"
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.number} of remittance claim {self.remittance_claim_id}"


class Adjustment(models.Model):
    """One CAS triplet: ``line_number`` 0 is the claim itself."""

    pk = models.CompositePrimaryKey("remittance_claim_id", "position")
    remittance_claim = models.ForeignKey(
        RemittanceClaim,
        models.PROTECT,
        db_index=False,
        db_constraint=False,
        related_name="adjustments",
    )
    position = models.IntegerField(help_text="Order within the claim, from 1.")
    line_number = models.PositiveSmallIntegerField()
    group = models.CharField(max_length=8, blank=True)
    carc = models.CharField(max_length=20, blank=True)
    amount = _money()
    quantity = models.DecimalField(max_digits=24, decimal_places=6, null=True)

    class Meta:
        ordering = ["remittance_claim", "position"]

    def __str__(self) -> str:
        return f"{self.group}-{self.carc}"


class Remark(models.Model):
    """One remark code: ``line_number`` 0 is the claim itself."""

    pk = models.CompositePrimaryKey("remittance_claim_id", "position")
    remittance_claim = models.ForeignKey(
        RemittanceClaim,
        models.PROTECT,
        db_index=False,
        db_constraint=False,
        related_name="remarks",
    )
    position = models.IntegerField(help_text="Order within the claim, from 1.")
    line_number = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=16)
    source = models.CharField(max_length=3, choices=RemarkSource.choices)

    class Meta:
        ordering = ["remittance_claim", "position"]

    def __str__(self) -> str:
        return self.code


class ProviderAdjustment(models.Model):
    """Money that moves outside any claim (PLB), one row a pair.

    ``occurrence`` counts equal pairs within one transaction, so that the same file
    again adds none and two equal pairs of one payment stay two.
    """

    remittance = models.ForeignKey(
        Remittance,
        models.PROTECT,
        db_index=False,
        related_name="provider_adjustments",
    )
    provider = models.CharField(max_length=80, blank=True)
    fiscal_on = models.DateField(null=True)
    reason = models.CharField(max_length=8, blank=True)
    reference = models.CharField(max_length=80, blank=True)
    amount = _money()
    occurrence = models.PositiveIntegerField()

    class Meta:
        ordering = ["remittance", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    *("remittance", "provider", "fiscal_on", "reason", "reference"),
                    *("amount", "occurrence"),
                ],
                nulls_distinct=False,
                name="provider_adjustment_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} of remittance {self.remittance_id}"
