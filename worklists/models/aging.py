"""How old the work was, day by day: what was counted stays as it was counted."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from worklists.enums import AgeBasis


class AgingDay(models.Model):
    """That a facility's active items were counted on one of its days.

    ``day`` is a day where the facility is. Taken once, soon after the day begins; a
    day without a row is one on which no worker ran, not one without work.
    """

    facility = models.ForeignKey(
        "Facility", models.PROTECT, db_index=False, related_name="aging_days"
    )
    day = models.DateField()
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ["-day", "facility_id"]
        constraints = [
            models.UniqueConstraint(fields=["facility", "day"], name="aging_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.facility_id} {self.day}"


class AgingCount(models.Model):
    """Active items of one queue and age bucket on one ``AgingDay``, if there are any.

    ``bucket`` counts the bands of ``priority.AGE`` from 0; ``UNDATED`` holds what has
    no date of service. ``overdue`` is past the due moment of a running clock,
    ``untouched`` for 5 days; ``amount`` is dollars.
    """

    UNDATED = -1

    aging_day = models.ForeignKey(
        AgingDay, models.PROTECT, db_index=False, related_name="counts"
    )
    queue = models.ForeignKey("Queue", models.PROTECT, related_name="+")
    basis = models.CharField(max_length=8, choices=AgeBasis.choices)
    bucket = models.SmallIntegerField()
    items = models.IntegerField()
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    overdue = models.IntegerField()
    untouched = models.IntegerField()

    class Meta:
        ordering = ["aging_day_id", "basis", "queue_id", "bucket"]
        constraints = [
            models.UniqueConstraint(
                fields=["aging_day", "basis", "queue", "bucket"],
                name="aging_count_once",
            ),
            models.CheckConstraint(
                condition=Q(basis__in=AgeBasis.values), name="aging_basis_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.queue_id} {self.basis} {self.bucket}"
