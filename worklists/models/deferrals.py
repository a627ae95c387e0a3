"""Why items rest: a site's own list of what one waits for."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from worklists.enums import WaitsFor

SHORTEST_REST, LONGEST_REST = 1, 366


class PendReason(models.Model):
    """One reason for deferring an item, and what it does to the internal clock.

    A legal clock never pauses, whatever stands here; the database refuses it. The code
    is for good: items and their history name it. A reason that is not used any more is
    retired, never deleted. What is changed here holds for what is deferred from then on;
    the event of each deferral says whether the clock paused.
    """

    code = models.SlugField(
        max_length=40, unique=True, help_text="Stays for good: history names it."
    )
    label = models.CharField(max_length=80, help_text="As people choose it.")
    waits_for = models.CharField(
        max_length=12, choices=WaitsFor.choices, default=WaitsFor.NOBODY
    )
    pauses_internal = models.BooleanField(
        default=True,
        help_text="Whether the internal clock pauses. A payer’s limit never does.",
    )
    longest_days = models.PositiveSmallIntegerField(
        default=90,
        validators=[MinValueValidator(SHORTEST_REST), MaxValueValidator(LONGEST_REST)],
        help_text="For so many days ahead at most.",
    )
    is_active = models.BooleanField(
        default=True, help_text="Without it nobody can choose it; history keeps it."
    )

    class Meta:
        ordering = ["id"]
        verbose_name = "reason for deferring"
        verbose_name_plural = "reasons for deferring"
        constraints = [
            models.CheckConstraint(
                condition=Q(longest_days__range=(SHORTEST_REST, LONGEST_REST)),
                name="pend_reason_days",
            ),
            models.CheckConstraint(
                condition=Q(waits_for__in=WaitsFor.values), name="pend_reason_waits_for"
            ),
        ]

    def __str__(self) -> str:
        return self.label
