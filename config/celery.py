"""Celery, and the beat schedule: static, in code, reviewed like code."""

import os

from celery import Celery
from celery.schedules import crontab  # noqa: F401 - for entries at a time of day

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("codetrail")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# name: (task, seconds between two runs or a crontab). A run that waits longer than its
# interval is dropped: the next one does the same work.
SCHEDULE: dict[str, tuple[str, float]] = {
    "beat-is-alive": ("config.tasks.note_beat", 60.0),
}

app.conf.beat_schedule = {
    name: {"task": task, "schedule": every, "options": {"expires": every}}
    for name, (task, every) in SCHEDULE.items()
}
