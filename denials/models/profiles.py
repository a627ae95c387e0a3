"""Payer profiles: how long each step lasts, from when, who says so, since which day.

A profile has versions. A version is written as a draft, proposed by one person and
approved by another; its rows never change after that (the database refuses it). It
holds for decisions dated on or after ``effective_from``, until a later version does.
"""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from denials.enums import (
    ContractStatus,
    DayCount,
    StartEvent,
    VersionAct,
    VersionState,
)
from worklists.models.clocks import MARGIN_DAYS, ClockSwitch
from worklists.models.evidence import Committed

# Where a first version has no day of its own, it holds for every decision there is.
BEGINNING = date(1900, 1, 1)
FILING = 0
OPEN_STATES = (VersionState.DRAFT, VersionState.PROPOSED)
APPROVED_STATES = (VersionState.IN_FORCE, VersionState.SUPERSEDED)


class AppealProfile(models.Model):
    """The appeal path of a kind of plan; payers point to it by ``slug``."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    plan_type = models.CharField(max_length=40, blank=True)
    contract = models.CharField(
        max_length=16, choices=ContractStatus.choices, default=ContractStatus.ANY
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ProfileVersion(models.Model):
    """One version of a profile, from draft to superseded.

    ``edition`` is the shipped edition that it came with, 0 for a site's own. Nobody
    decides their own proposal: the service refuses it, and so does the database.
    A shipped version has no proposer; one that a fresh installation begins with has
    no second person either.
    """

    profile = models.ForeignKey(AppealProfile, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(
        max_length=12, choices=VersionState.choices, default=VersionState.DRAFT
    )
    effective_from = models.DateField(
        null=True, help_text="Holds for decisions dated on or after this day."
    )
    note = models.TextField(blank=True)
    edition = models.PositiveSmallIntegerField(default=0)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
    )
    proposed_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["profile", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "number"], name="profile_version_once"
            ),
            models.UniqueConstraint(
                fields=["profile"],
                condition=Q(state__in=OPEN_STATES),
                name="profile_version_one_open",
            ),
            models.CheckConstraint(
                condition=Q(proposed_by=None)
                | Q(decided_by=None)
                | ~Q(proposed_by=models.F("decided_by")),
                name="profile_version_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=APPROVED_STATES)
                | Q(effective_from__isnull=False),
                name="profile_version_in_force_from_a_day",
            ),
            # What a person proposed comes into force by another person alone.
            models.CheckConstraint(
                condition=~Q(state__in=APPROVED_STATES)
                | Q(proposed_by=None)
                | Q(decided_by__isnull=False),
                name="profile_version_approved_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile} v{self.number}"

    @property
    def from_the_beginning(self) -> bool:
        """Return whether it holds for decisions of any day."""
        return self.effective_from == BEGINNING


class ProfileSwitch(ClockSwitch):
    """A version that was put in force, and how far running clocks have moved by it.

    ``expected`` is how many would move when it was approved.
    """

    version = models.OneToOneField(
        ProfileVersion, models.PROTECT, related_name="clock_switch"
    )
    expected = models.PositiveIntegerField()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(done_at=None),
                name="profile_switch_under_way",
            ),
        ]

    def __str__(self) -> str:
        return f"clocks to {self.version}"


class AppealLevel(models.Model):
    """One step of a version, every figure with its source and who checked it when.

    ``level`` 0 is the filing of the claim itself, counted from the last day of
    service; 1 and up are levels of appeal. A limit is ``days`` (calendar or business)
    or whole ``months``, as its source says. ``start_event`` ``received`` counts from
    receipt and, where nobody recorded one, from notice + ``presumed_receipt_days``.
    A row that nobody verified carries no ``verified_on`` and is shown with a warning.
    """

    version = models.ForeignKey(ProfileVersion, models.PROTECT, related_name="levels")
    level = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    decided_by = models.CharField(max_length=80, blank=True)
    days = models.PositiveSmallIntegerField(null=True)
    months = models.PositiveSmallIntegerField(null=True)
    count = models.CharField(
        max_length=10, choices=DayCount.choices, default=DayCount.CALENDAR
    )
    start_event = models.CharField(max_length=20, choices=StartEvent.choices)
    presumed_receipt_days = models.PositiveSmallIntegerField(default=0)
    moves_to_business_day = models.BooleanField(
        default=False, help_text="Only where the source says so."
    )
    answer_days = models.PositiveSmallIntegerField(null=True)
    margin_days = models.PositiveSmallIntegerField(
        null=True,
        help_text="Days before the limit at which the safety net catches an item that "
        "is not decided; none: as the service level says.",
    )
    source = models.CharField(max_length=200)
    verified_on = models.DateField(null=True)
    verified_by = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["version", "level"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "level"], name="appeal_level_once"
            ),
            models.CheckConstraint(
                condition=Q(verified_on=None) | ~Q(verified_by=""),
                name="appeal_level_verified_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(margin_days=None) | Q(margin_days__range=MARGIN_DAYS),
                name="appeal_level_margin",
            ),
            models.CheckConstraint(
                condition=Q(days__isnull=False, months=None)
                | Q(months__gt=0, days=None, count=DayCount.CALENDAR),
                name="appeal_level_days_or_months",
            ),
            models.CheckConstraint(
                condition=Q(level=FILING, start_event=StartEvent.SERVICE_THROUGH)
                | (Q(level__gt=FILING) & ~Q(start_event=StartEvent.SERVICE_THROUGH)),
                name="appeal_level_filing_from_service",
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.version_id} level {self.level}"

    @property
    def is_verified(self) -> bool:
        """Return whether somebody checked this row against its source."""
        return self.verified_on is not None

    @property
    def is_filing(self) -> bool:
        """Return whether this is the limit for filing the claim, no appeal."""
        return self.level == FILING


class MoneyFloor(models.Model):
    """The least amount in dispute that a level takes in one calendar year, in dollars."""

    level = models.ForeignKey(AppealLevel, models.PROTECT, related_name="floors")
    year = models.PositiveSmallIntegerField()
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    source = models.CharField(max_length=200)
    verified_on = models.DateField(null=True)
    verified_by = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["level", "year"]
        constraints = [
            models.UniqueConstraint(
                fields=["level", "year"], name="money_floor_once_a_year"
            ),
            models.CheckConstraint(
                condition=Q(verified_on=None) | ~Q(verified_by=""),
                name="money_floor_verified_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} in {self.year}"


class SourceCheck(models.Model):
    """Somebody held a row against its source: one act, never changed."""

    level = models.ForeignKey(AppealLevel, models.PROTECT, related_name="verifications")
    floor = models.ForeignKey(
        MoneyFloor, models.PROTECT, null=True, related_name="verifications"
    )
    verified_on = models.DateField()
    source = models.CharField(max_length=200)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+"
    )
    said_at = models.DateTimeField()

    class Meta:
        db_table = "denials_verification"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"check {self.pk}"


class VersionWords(Committed):
    """Why a version was proposed, approved, sent back or withdrawn, in words."""

    version = models.ForeignKey(ProfileVersion, models.PROTECT, related_name="words")
    act = models.CharField(max_length=12, choices=VersionAct.choices)
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
    )
    said_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.act} {self.version_id}"
