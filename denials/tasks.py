"""What Celery runs of denials: thin, safe to run twice."""

from __future__ import annotations

import logging
from typing import Any

from celery import Task, shared_task

from denials.services.following import follow_profiles as move_clocks
from worklists.context import act_context
from worklists.enums import Source

logger = logging.getLogger(__name__)


@shared_task(bind=True, ignore_result=True, soft_time_limit=540, time_limit=600)
def follow_profiles(self: Task[Any, Any]) -> None:
    """Move running clocks by payer profiles that were put in force."""
    with act_context(source=Source.WORKER, request_id=self.request.id or ""):
        logger.info("profiles", extra={"clocks": move_clocks()})
