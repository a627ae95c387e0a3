"""Files that came in, and what of them could not be processed."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from worklists.enums import BatchStatus


class IngestBatch(models.Model):
    """One file: its digest, where it stands, and the report of CONTRACT 2."""

    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.BigIntegerField(help_text="Bytes.")
    stored_as = models.CharField(
        max_length=255, blank=True, help_text="Path below the private upload folder."
    )
    status = models.CharField(
        max_length=24, choices=BatchStatus.choices, default=BatchStatus.WAITING
    )
    bytes_read = models.BigIntegerField(default=0)
    report = models.JSONField(default=dict)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="batches"
    )
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "ingest batches"

    def __str__(self) -> str:
        return f"batch {self.pk}"


class ExceptionDetail(models.Model):
    """Why part of a file could not be processed: the detail of an exception item."""

    item = models.OneToOneField(
        "WorkItem", models.PROTECT, related_name="exception_detail"
    )
    batch = models.ForeignKey(IngestBatch, models.PROTECT, related_name="exceptions")
    code = models.CharField(max_length=60)
    message = models.TextField()
    segment = models.BigIntegerField(null=True, help_text="Running number in the file.")
    position = models.BigIntegerField(null=True, help_text="Byte offset in the file.")
    raw = models.TextField(blank=True, help_text="The text of the segments concerned.")

    class Meta:
        indexes = [models.Index(fields=["batch", "code"], name="exception_batch_code")]

    def __str__(self) -> str:
        return self.code
