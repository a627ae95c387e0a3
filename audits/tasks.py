"""What Celery runs of the trail: thin, safe to run twice."""

from __future__ import annotations

import logging
from typing import Any

from celery import Task, shared_task

from audits.services import watching
from worklists.context import act_context
from worklists.enums import Source

logger = logging.getLogger(__name__)


@shared_task(bind=True, ignore_result=True, soft_time_limit=300, time_limit=330)
def seal(self: Task[Any, Any]) -> None:
    """Seal finished events, and report what waits too long."""
    with act_context(source=Source.WORKER, request_id=self.request.id or ""):
        sealed = watching.seal_and_watch()
    logger.info("seal", extra={"events": sealed})
    if sealed:
        copy_seals.delay()


@shared_task(bind=True, ignore_result=True, soft_time_limit=300, time_limit=330)
def copy_seals(self: Task[Any, Any]) -> None:
    """Copy seals to the second place, and report what waits too long."""
    with act_context(source=Source.WORKER, request_id=self.request.id or ""):
        logger.info("copy_seals", extra={"seals": watching.copy_and_watch()})


@shared_task(bind=True, ignore_result=True, soft_time_limit=3000, time_limit=3300)
def verify(self: Task[Any, Any]) -> None:
    """Verify the whole trail if that is due."""
    with act_context(source=Source.WORKER, request_id=self.request.id or ""):
        found = watching.verify_when_due()
        if found is not None:
            logger.info("verify", extra={"faults": found.faults})
