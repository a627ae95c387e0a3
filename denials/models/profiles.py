"""Appeal profiles: how long each level lasts, from when, and who says so."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from denials.enums import DayCount, StartEvent


class AppealProfile(models.Model):
    """The appeal path of a kind of plan; payers point to it by ``slug``."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    plan_type = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class AppealLevel(models.Model):
    """One level of a profile, every figure with its source and who checked it when.

    ``start_event`` ``received`` counts from receipt and, where nobody recorded one,
    from notice + ``presumed_receipt_days``. ``money_floor`` is dollars, for
    ``floor_year``. A row that nobody verified carries no ``verified_on`` and is shown
    with a warning.
    """

    profile = models.ForeignKey(AppealProfile, models.CASCADE, related_name="levels")
    level = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    decided_by = models.CharField(max_length=80, blank=True)
    days = models.PositiveSmallIntegerField()
    count = models.CharField(
        max_length=10, choices=DayCount.choices, default=DayCount.CALENDAR
    )
    start_event = models.CharField(max_length=20, choices=StartEvent.choices)
    presumed_receipt_days = models.PositiveSmallIntegerField(default=0)
    moves_to_business_day = models.BooleanField(
        default=False, help_text="Only where the source says so."
    )
    answer_days = models.PositiveSmallIntegerField(null=True)
    money_floor = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    floor_year = models.PositiveSmallIntegerField(null=True)
    source = models.CharField(max_length=200)
    verified_on = models.DateField(null=True)
    verified_by = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["profile", "level"]
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "level"], name="appeal_level_once"
            ),
            models.CheckConstraint(
                condition=Q(verified_on=None) | ~Q(verified_by=""),
                name="appeal_level_verified_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} level {self.level}"

    @property
    def is_verified(self) -> bool:
        """Return whether somebody checked this row against its source."""
        return self.verified_on is not None
