"""Celery, and the beat schedule: static, in code, reviewed like code."""

import os

from celery import Celery
from celery.signals import beat_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("codetrail")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# name: (task, seconds between two runs). A run that waits longer than its interval is
# dropped: the next one does the same work.
SCHEDULE: dict[str, tuple[str, float]] = {
    "beat-is-alive": ("config.tasks.note_beat", 60.0),
    "sweep": ("worklists.tasks.sweep", 60.0),
    "begin-rules": ("worklists.tasks.begin_rules", 300.0),
    "follow-ladders": ("worklists.tasks.follow_ladders", 60.0),
    "follow-profiles": ("denials.tasks.follow_profiles", 60.0),
    "cover-absences": ("worklists.tasks.cover_absences", 60.0),
    "end-clearances": ("worklists.tasks.end_clearances", 60.0),
    # Asks where a day has begun, so that a restart never skips it.
    "take-aging-snapshots": ("worklists.tasks.take_aging_snapshots", 300.0),
    "send-mail": ("worklists.tasks.send_mail", 30.0),
    "resume-batches": ("worklists.tasks.resume_batches", 60.0),
    "make-partitions": ("worklists.tasks.make_partitions", 86_400.0),
    "forget-old-pages": ("worklists.tasks.forget_old_pages", 86_400.0),
    "seal": ("audits.tasks.seal", 60.0),
    "copy-seals": ("audits.tasks.copy_seals", 60.0),
    # Asks whether the daily verification is due, so that a restart never skips it.
    "verify": ("audits.tasks.verify", 300.0),
    "purge-idempotency-keys": ("worklists.tasks.purge_idempotency_keys", 3_600.0),
}


def _entry(task: str, every: float) -> dict[str, object]:
    return {"task": task, "schedule": every, "options": {"expires": every}}


app.conf.beat_schedule = {name: _entry(*plan) for name, plan in SCHEDULE.items()}


@beat_init.connect
def _say_so_at_once(**_: object) -> None:
    # Else a fresh site would count as silent for the first minute.
    app.send_task(SCHEDULE["beat-is-alive"][0])
