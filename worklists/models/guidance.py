"""Guidance that decisions rest on: payer policies, playbooks, coding guidelines."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from worklists.enums import GuidanceKind
from worklists.models.queues import Queue


class Guidance(models.Model):
    """One source that people cite, in versions.

    Without a payer it counts for all of them, without a specialty for every one. What is
    about the work of some ``queues`` stands first there and is not shown elsewhere,
    where it may still be cited. A
    retired source stays readable wherever it was cited and is not cited any more.
    """

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=16, choices=GuidanceKind.choices)
    payer = models.ForeignKey(
        "Payer", models.PROTECT, null=True, blank=True, related_name="guidance"
    )
    specialty = models.CharField(max_length=80, blank=True)
    queues: models.ManyToManyField[Queue, Any] = models.ManyToManyField(
        "Queue",
        blank=True,
        related_name="guidance",
        help_text="Whose work it is about. Chosen ones show it first, others not at all; "
        "without any it is shown in every queue.",
    )
    review_on = models.DateField(help_text="When somebody looks at it again.")
    retired_on = models.DateField(null=True)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "guidance"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=GuidanceKind.values), name="guidance_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GuidanceVersion(models.Model):
    """What a source says from a day on, in our own words. Append-only.

    ``effective_to`` is the last day, where the source names one; a later version ends
    it in any case. Of two that begin on the same day the newer number counts.
    """

    guidance = models.ForeignKey(Guidance, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    effective_from = models.DateField(
        "in force from",
        help_text="By the source itself, not the day it is written here.",
    )
    effective_to = models.DateField(
        "in force to",
        null=True,
        blank=True,
        help_text="Its last day, if the source names one. A later version ends it too.",
    )
    source = models.CharField(
        max_length=400, help_text="Where it stands: document, chapter, address."
    )
    body = models.TextField(help_text="What it says, in our own words.")
    checked_on = models.DateField(
        "checked on", help_text="When somebody compared this with the source."
    )
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["guidance", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["guidance", "number"], name="guidance_version_once"
            ),
            models.CheckConstraint(
                condition=Q(effective_to=None)
                | Q(effective_to__gte=F("effective_from")),
                name="guidance_version_days_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.guidance} version {self.number}"
