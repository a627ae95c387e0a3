"""What keeps the database in order by itself, and changes nothing that people see."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection

from worklists.context import now
from worklists.models import IdempotencyKey
from worklists.services import page_images

KEPT = timedelta(hours=24)


def make_partitions() -> int:
    """Make the trail's partitions of the coming quarters; return how many were new."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT trail_make_partitions()")
        return int(cursor.fetchone()[0])


def forget_old_pages() -> int:
    """Delete pictures of pages that were drawn 30 days ago; return how many."""
    return page_images.forget_old(Path(settings.MEDIA_ROOT), now=now().timestamp())


def purge_idempotency_keys() -> int:
    """Forget answers kept for repeated requests after 24 hours; return how many."""
    old = IdempotencyKey.objects.filter(created_at__lt=now() - KEPT)
    return old.delete()[0]
