"""Messages to people: rows first, sending is a sweep of its own."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from worklists.enums import Role


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


class Banner(models.Model):
    """Words above every page of some roles, or of everybody, from a moment to another.

    For what concerns a whole house: an outage tonight, a payer's change, a day on which
    files come late. No patient data: they stand on every screen.
    """

    class Tone(models.TextChoices):
        """How loud it is."""

        INFO = "accent", "For information"
        SOON = "soon", "Take care"
        OVER = "over", "Urgent"

    text = models.CharField(
        max_length=240, help_text="One or two sentences, without patient data."
    )
    tone = models.CharField(max_length=8, choices=Tone.choices, default=Tone.INFO)
    roles = ArrayField(
        models.CharField(max_length=16, choices=Role.choices),
        default=list,
        blank=True,
        help_text="Who sees it. Choose none for everybody.",
    )
    begins_at = models.DateTimeField(help_text="In your time zone.")
    ends_at = models.DateTimeField(help_text="From then on it is gone.")

    class Meta:
        ordering = ["-begins_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at")),
                name="banner_ends_after_it_begins",
                violation_error_message="A banner ends after it begins.",
            ),
        ]

    def __str__(self) -> str:
        return self.text
