"""Tasks: thin, dated by the worker's door, harmless when run twice."""

from datetime import timedelta

import pytest
from celery import current_app
from django.core import mail
from django.db import connection

from config.celery import SCHEDULE, app
from tests.factories import UserFactory
from tests.worklists.services.timekeeping import DAY, HOUR, held, opened, timed_site
from worklists import tasks
from worklists.context import now
from worklists.models import Escalation, Event, IdempotencyKey, IngestBatch, Notice
from worklists.services import batches

pytestmark = pytest.mark.django_db


def test_every_entry_of_the_schedule_is_a_task() -> None:
    app.loader.import_default_modules()
    assert {task for task, _ in SCHEDULE.values()} <= set(current_app.tasks)


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("sweep", 60), ("cover-absences", 60), ("end-clearances", 60),
        ("send-mail", 30), ("resume-batches", 60),
        ("make-partitions", 86_400), ("take-aging-snapshots", 300),
        ("forget-old-pages", 86_400), ("purge-idempotency-keys", 3_600),
    ],
)  # fmt: skip
def test_how_often_each_runs(name: str, seconds: int) -> None:
    task, every = SCHEDULE[name]
    assert every == seconds
    assert task == f"worklists.tasks.{name.replace('-', '_')}"
    assert app.conf.beat_schedule[name]["options"] == {"expires": seconds}


@pytest.mark.parametrize(
    "task",
    [
        tasks.sweep, tasks.cover_absences, tasks.end_clearances, tasks.take_aging_snapshots,
        tasks.forget_old_pages,
        tasks.send_mail, tasks.make_partitions, tasks.purge_idempotency_keys,
        tasks.process_batch, tasks.resume_batches,
    ],
    ids=lambda task: task.name,
)  # fmt: skip
def test_every_task_forgets_its_result_and_ends(task) -> None:
    assert task.ignore_result
    assert 0 < task.soft_time_limit < task.time_limit
    # A lost worker's task comes back after an hour: none may run that long.
    assert task.time_limit < app.conf.broker_transport_options["visibility_timeout"]


def test_the_sweep_acts_through_the_workers_door() -> None:
    site = timed_site()
    item = held(site, now() - 20 * DAY)
    tasks.sweep.delay()
    tasks.sweep.delay()
    assert Escalation.objects.filter(item=item).count() == 3
    fired = Event.objects.filter(action="item.ladder_fired")
    assert {(e.source, e.actor_id) for e in fired} == {("worker", None)}
    assert all(len(e.request_id) == 36 for e in fired)  # the task's own id


def test_a_lost_task_is_delivered_again() -> None:
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost


def test_mail_is_sent() -> None:
    opened(timed_site(), now() - 20 * DAY)
    tasks.sweep.delay()
    tasks.send_mail.delay()
    tasks.send_mail.delay()
    assert len(mail.outbox) == Notice.objects.filter(by_mail=True).count() == 2


def test_the_coming_quarters_have_their_partitions() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class JOIN pg_inherits ON inhrelid = oid"
            " WHERE inhparent = 'trail_event'::regclass AND relname ~ 'q[1-4]$'"
            " ORDER BY relname DESC LIMIT 1"
        )
        last = cursor.fetchone()[0]
        cursor.execute(f"DROP TABLE {last}")
        tasks.make_partitions.delay()
        tasks.make_partitions.delay()
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [last])
        assert cursor.fetchone() == (True,)


def test_answers_are_forgotten_after_a_day() -> None:
    user = UserFactory()
    for key, age in (("old", 25), ("fresh", 23)):
        kept = IdempotencyKey.objects.create(user=user, key=key, body_hash="x")
        IdempotencyKey.objects.filter(pk=kept.pk).update(
            created_at=now() - timedelta(hours=age)
        )
    tasks.purge_idempotency_keys.delay()
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["fresh"]


def make_batch(**fields) -> IngestBatch:
    return IngestBatch.objects.create(
        file_name="a.835", sha256="0" * 64, size=1, **fields
    )


@pytest.fixture
def processed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    seen: list[int] = []
    monkeypatch.setattr(batches, "process_batch", seen.append)
    return seen


def test_a_batch_is_processed_by_its_number(processed: list[int]) -> None:
    batch = make_batch(created_at=now())
    tasks.process_batch.delay(batch.pk)
    assert processed == [batch.pk]


def test_lost_batches_are_sent_again(processed: list[int]) -> None:
    ago = now() - HOUR
    waiting = make_batch(created_at=ago)
    dead = make_batch(created_at=ago, started_at=ago, status="reading")
    make_batch(created_at=ago, started_at=ago, finished_at=ago, status="accepted")
    make_batch(created_at=now())  # its own task is on its way
    tasks.resume_batches.delay()
    assert processed == [waiting.pk, dead.pk]
