"""What must be proven, what was answered, and the files that show it."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q


class Committed(models.Model):
    """Words kept outside the trail, bound to it by SHA-256(salt ‖ content).

    Append-only but for one thing: redaction sets ``content`` and ``salt`` to null
    and leaves ``commitment``, so the chain stays verifiable. The database's
    triggers allow exactly that update and no other.
    """

    content = models.TextField(  # noqa: DJ001 - null is redacted, not empty
        null=True, help_text="Canonical JSON: exactly the bytes committed to."
    )
    salt = models.BinaryField(null=True, max_length=32)
    commitment = models.BinaryField(max_length=32)
    redacted_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def value(self) -> Any:
        """Return what was said, or None when it was redacted."""
        return None if self.content is None else json.loads(self.content)


class EvidenceTemplate(models.Model):
    """One version of the contract of evidence of a queue's step.

    ``fields`` is a list of the shape described in ``worklists.evidence``. A version
    is never changed: a new one is added.
    """

    slug = models.SlugField()
    version = models.PositiveIntegerField(default=1)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=32)
    step = models.CharField(max_length=32, default="work")
    fields = models.JSONField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    effective_from = models.DateField()

    class Meta:
        ordering = ["slug", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["slug", "version"], name="evidence_template_version_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slug} v{self.version}"


class Draft(models.Model):
    """What a person has typed into an item and not yet saved: one each, mutable."""

    item = models.ForeignKey(
        "WorkItem", models.CASCADE, db_index=False, related_name="drafts"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    answers = models.JSONField(default=dict)
    item_version = models.PositiveIntegerField()
    unsettled = models.JSONField(
        default=dict,
        help_text="Fields that somebody else saved meanwhile, with the version of the "
        "answer that the person's words were typed on: a choice is still to be made.",
    )
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "user"], name="draft_once"),
        ]

    def __str__(self) -> str:
        return f"draft of {self.user_id} on item {self.item_id}"


class Answer(Committed):
    """One version of one answered field. The newest of a field is the answer."""

    item = models.ForeignKey(
        "WorkItem", models.PROTECT, db_index=False, related_name="answers"
    )
    field = models.CharField(max_length=80)
    version = models.PositiveIntegerField(help_text="Of this field on this item.")
    template = models.ForeignKey(
        EvidenceTemplate, models.PROTECT, db_index=False, related_name="+"
    )
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+"
    )
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "field", "version"], name="answer_version_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} v{self.version}"


class Attachment(models.Model):
    """A file used as evidence: source, date, page, SHA-256 and who added it.

    Stored outside the web root under its digest; served only through a policy.
    """

    item = models.ForeignKey("WorkItem", models.PROTECT, related_name="attachments")
    field = models.CharField(max_length=80)
    file_name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=80)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    source = models.CharField(max_length=80)
    dated_on = models.DateField(null=True)
    page = models.CharField(max_length=20, blank=True)
    page_count = models.PositiveIntegerField(null=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "field", "sha256", "page"],
                condition=Q(removed_at=None),
                name="attachment_once",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name
