"""An item that a sweep cannot bring forward: put an hour off, and reported to people.

The report is an ordinary item of kind ``issue_report`` with the code
``sweep_failed``; it names the item and what failed, once while it is being worked.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from worklists import trail
from worklists.context import now
from worklists.enums import ENDED
from worklists.models import ItemClock, WorkItem
from worklists.services.opening import NewItem, open_items
from worklists.services.poison import (
    ALL_MOMENTS,
    LADDER,
    REAGE,
    WAKE,
    Stuck,
    guard,
)

logger = logging.getLogger(__name__)

KIND = "issue_report"
CODE = "sweep_failed"
PUT_OFF = timedelta(hours=1)
WORDS = {
    REAGE: "could not be re-aged",
    WAKE: "could not come back by itself",
    LADDER: "could not be escalated",
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
            _report_once(WorkItem.objects.get(pk=item_id), stuck.what)
    except Stuck as unreported:
        logger.error("item %s is not reported: %s", item_id, unreported)  # noqa: TRY400


def _report_once(item: WorkItem, what: str) -> None:
    with connection.cursor() as cursor:  # two sweeps may meet the same item
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext(%s), %s::int)",
            [CODE, item.pk % 2**31],
        )
    label = f"{item.number} {WORDS[what]}"
    same = Q(kind=KIND, reason_code=CODE, reason_label=label, claim_id=item.claim_id)
    open_ones = WorkItem.objects.filter(same).exclude(state__in=ENDED)
    if open_ones.exists():
        return
    new = NewItem(
        kind=KIND,
        facility_id=item.facility_id,
        claim_id=item.claim_id,
        payer_id=item.payer_id,
        reason_code=CODE,
        reason_label=label,
        facts={"code": CODE},
    )
    open_items([new], at=now(), about=trail.Subject("item", item.pk))
