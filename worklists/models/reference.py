"""Facilities, payers and business calendars."""

from __future__ import annotations

from django.db import models


class BusinessCalendar(models.Model):
    """Working hours of a site, in its own time zone.

    ``weekly_hours`` holds for each ISO weekday ("1" Monday … "7" Sunday) a list of
    ``["08:00", "17:00"]`` spans in local time. With ``federal_holidays`` the US
    federal holidays are not worked, besides the rows of ``Holiday``.
    """

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="America/Chicago")
    weekly_hours = models.JSONField(default=dict)
    federal_holidays = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Holiday(models.Model):
    """A day that is not as its weekday: off, or with ``hours`` of its own.

    ``hours`` are spans as in ``BusinessCalendar.weekly_hours``; none is a day off.
    """

    calendar = models.ForeignKey(
        BusinessCalendar, models.CASCADE, related_name="holidays"
    )
    day = models.DateField()
    name = models.CharField(max_length=120)
    hours = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "day"], name="holiday_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class Facility(models.Model):
    """A hospital or a physician group; found in a file by its payee identifiers."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    calendar = models.ForeignKey(BusinessCalendar, models.PROTECT)
    payee_ids = models.JSONField(
        default=list, help_text="NPI and tax ids by which payers name this facility."
    )
    specialty = models.CharField(max_length=80, blank=True)
    is_default = models.BooleanField(
        default=False, help_text="Takes what names no known payee."
    )

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "facilities"
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="facility_one_default",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def time_zone(self) -> str:
        """Return the facility's time zone, which is its calendar's."""
        return self.calendar.time_zone


class Payer(models.Model):
    """Who pays, as named in remittances by an identifier or a name."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=160)
    payer_ids = models.JSONField(
        default=list, help_text="Identifiers and names used in files, upper case."
    )
    plan_type = models.CharField(max_length=40, blank=True)
    profile = models.SlugField(
        blank=True, help_text="Appeal profile whose deadlines apply."
    )
    on_watch = models.BooleanField(
        default=False, help_text="A recurring pattern is being watched."
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
