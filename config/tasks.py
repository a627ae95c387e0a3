"""The one task of the house: a sign of life of beat and worker."""

import time

from celery import shared_task
from django.core.cache import cache

BEAT_KEY = "beat-seen-at"


@shared_task
def note_beat() -> None:
    """Remember that beat sent a task and a worker ran it."""
    cache.set(BEAT_KEY, time.time(), timeout=None)
