"""Messages to people: rows first, sending is a sweep of its own."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Notice(models.Model):
    """One message to one person, in the inbox and, when ``by_mail``, by e-mail.

    Carries a code and facts, no patient data; wording is made when it is shown.
    ``dedupe`` makes a second telling of the same thing impossible.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="notices"
    )
    code = models.CharField(max_length=40)
    item = models.ForeignKey("WorkItem", models.PROTECT, null=True, related_name="+")
    facts = models.JSONField(default=dict)
    dedupe = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    by_mail = models.BooleanField(default=False)
    mailed_at = models.DateTimeField(null=True)
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mail_after = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "dedupe"], name="notice_once"),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="notice_inbox"),
            models.Index(
                fields=["user"], condition=Q(read_at=None), name="notice_unread"
            ),
            models.Index(
                fields=["mail_after"],
                condition=Q(by_mail=True, mailed_at=None),
                name="notice_to_mail",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} to {self.user_id}"
