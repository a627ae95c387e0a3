"""What this database is for, and answers kept for repeated requests."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from worklists.enums import Purpose


class Installation(models.Model):
    """The single row that says what this database is for.

    Only a ``demo`` or ``test`` database accepts an injected clock or demo data.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    purpose = models.CharField(
        max_length=12, choices=Purpose.choices, default=Purpose.PRODUCTION
    )
    name = models.CharField(max_length=120, default="Codetrail")
    marked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="installation_single_row"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.purpose})"


class IdempotencyKey(models.Model):
    """The stored answer to one write request, per person, for 24 hours."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    key = models.CharField(max_length=200)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key"], name="idempotency_key_once"
            ),
        ]

    def __str__(self) -> str:
        return self.key
