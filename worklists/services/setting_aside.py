"""An item that a sweep cannot bring forward: put an hour off, and reported to people.

The report is an ordinary item of kind ``issue_report`` with the code
``sweep_failed``; it names the item and what failed, once while it is being worked.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from worklists import trail
from worklists.models import ItemClock, WorkItem
from worklists.services.poison import (
    ALL_MOMENTS,
    LADDER,
    REAGE,
    RECOUNT,
    SWITCH,
    WAKE,
    Stuck,
    guard,
)
from worklists.services.reporting import report_once

logger = logging.getLogger(__name__)

CODE = "sweep_failed"
PUT_OFF = timedelta(hours=1)
WORDS = {
    REAGE: "could not be re-aged",
    WAKE: "could not come back by itself",
    LADDER: "could not be escalated",
    SWITCH: "could not follow its new ladder",
    RECOUNT: "could not be counted anew by its payer’s profile",
    ALL_MOMENTS: "could not be brought up to date",
}


def set_aside(item_id: int, stuck: Stuck, at: datetime) -> None:
    """Move what failed an hour on, so that the rest can go on.

    Where even that is refused the item is met again by each sweep, and passed by.
    Logs the number and the kind of error, never its text.
    """
    cause = type(stuck.cause).__name__
    logger.error("item %s %s: %s", item_id, WORDS[stuck.what], cause)
    try:
        with guard(stuck.what):
            _put_off(item_id, stuck.what, at)
    except Stuck as again:
        logger.error("item %s cannot be put off: %s", item_id, again)  # noqa: TRY400


def _put_off(item_id: int, what: str, at: datetime) -> None:
    later = at + PUT_OFF
    items = WorkItem.objects.filter(pk=item_id)
    if what == REAGE:
        items.filter(reage_at__lte=at).update(reage_at=later)
    if what in {WAKE, ALL_MOMENTS}:
        items.filter(wake_at__lte=at).update(wake_at=later)
    if what in {LADDER, ALL_MOMENTS}:
        clocks = ItemClock.objects.filter(item_id=item_id, next_step_at__lte=at)
        clocks.update(next_step_at=later)


def report(item_id: int, stuck: Stuck) -> None:
    """Open an item that says which item failed at what, unless one is open already.

    A site without a queue for issue reports keeps the line in the log.
    """
    try:
        with guard(stuck.what):
            item = WorkItem.objects.get(pk=item_id)
            report_once(
                code=CODE,
                trouble=f"{item.number} {WORDS[stuck.what]}",
                item=item,
                about=trail.Subject("item", item.pk),
            )
    except Stuck as unreported:
        logger.error("item %s is not reported: %s", item_id, unreported)  # noqa: TRY400
