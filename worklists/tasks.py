"""What Celery runs: thin, safe to run twice, without patient data in arguments."""

from __future__ import annotations

import logging
from typing import Any

from celery import Task, shared_task
from celery.exceptions import SoftTimeLimitExceeded

from worklists.context import act_context, now
from worklists.enums import Source
from worklists.selectors.batches import unfinished_batches
from worklists.services import (
    absences,
    batches,
    due_rules,
    ladders,
    lapsing,
    notices,
    snapshots,
    upkeep,
)
from worklists.services.sweep import sweep as sweep_time

logger = logging.getLogger(__name__)


def _as_worker(task: Task[Any, Any]) -> Any:
    """Open the context in which a task's acts stand in the trail."""
    return act_context(source=Source.WORKER, request_id=task.request.id or "")


@shared_task(bind=True, ignore_result=True, soft_time_limit=540, time_limit=600)
def sweep(self: Task[Any, Any]) -> None:
    """Re-age, bring back, release and escalate what is due."""
    with _as_worker(self):
        logger.info("sweep", extra=sweep_time())


@shared_task(bind=True, ignore_result=True, soft_time_limit=540, time_limit=600)
def begin_rules(self: Task[Any, Any]) -> None:
    """Put approved versions of rules in force whose day has come."""
    with _as_worker(self):
        begun = due_rules.begin_due(ending=(SoftTimeLimitExceeded,))
        logger.info("rules", extra={"begun": begun})


@shared_task(bind=True, ignore_result=True, soft_time_limit=540, time_limit=600)
def follow_ladders(self: Task[Any, Any]) -> None:
    """Bring running clocks under ladders that were put in force."""
    with _as_worker(self):
        logger.info("ladders", extra={"clocks": ladders.follow_ladders()})


@shared_task(bind=True, ignore_result=True, soft_time_limit=540, time_limit=600)
def cover_absences(self: Task[Any, Any]) -> None:
    """Hand over the work of who is away from today, give back to who has returned."""
    with _as_worker(self):
        logger.info("absences", extra=absences.cover())


@shared_task(bind=True, ignore_result=True, soft_time_limit=540, time_limit=600)
def end_clearances(self: Task[Any, Any]) -> None:
    """End the clearances that ran out, and take back what was held under them."""
    with _as_worker(self):
        done = lapsing.end_lapsed() | {"cleared_out": lapsing.clear_out()}
        logger.info("clearances", extra=done)


@shared_task(ignore_result=True, soft_time_limit=540, time_limit=600)
def take_aging_snapshots() -> None:
    """Count the work by age where a day has begun."""
    logger.info("aging", extra={"days": snapshots.take_aging_snapshots()})


@shared_task(ignore_result=True, soft_time_limit=300, time_limit=330)
def send_mail() -> None:
    """Send the mails that are due."""
    logger.info("mail", extra={"sent": notices.send_due_mail()})


@shared_task(ignore_result=True, soft_time_limit=60, time_limit=90)
def make_partitions() -> None:
    """Make the trail's coming partitions."""
    logger.info("partitions", extra={"made": upkeep.make_partitions()})


@shared_task(ignore_result=True, soft_time_limit=300, time_limit=330)
def forget_old_pages() -> None:
    """Delete pictures of pages that nobody drew lately."""
    logger.info("pages", extra={"gone": upkeep.forget_old_pages()})


@shared_task(ignore_result=True, soft_time_limit=300, time_limit=330)
def purge_idempotency_keys() -> None:
    """Forget answers that no repeated request will ask for."""
    logger.info("purge", extra={"keys": upkeep.purge_idempotency_keys()})


@shared_task(bind=True, ignore_result=True, soft_time_limit=3000, time_limit=3300)
def process_batch(self: Task[Any, Any], batch_id: int) -> None:
    """Read one uploaded file."""
    with _as_worker(self):
        batches.process_batch(batch_id)


@shared_task(ignore_result=True, soft_time_limit=30, time_limit=60)
def resume_batches() -> None:
    """Send files again whose worker was lost, or whose task never came."""
    for batch_id in unfinished_batches(now()):
        process_batch.delay(batch_id)
