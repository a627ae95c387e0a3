"""Work items about the trail itself: one at most for each trouble while it is open."""

from __future__ import annotations

import logging

from django.db import connection, transaction

from worklists.context import now
from worklists.enums import ENDED
from worklists.errors import Refusal
from worklists.models import Facility, WorkItem
from worklists.services.opening import NewItem, open_items

logger = logging.getLogger(__name__)

KIND = "issue_report"
BROKEN, BEHIND, NO_KEY, NO_COPY = (
    "trail_broken",
    "seal_lag",
    "seal_key",
    "seal_copy_lag",
)
WORDS = {
    BROKEN: "The trail does not verify",
    BEHIND: "Events wait too long for their seal",
    NO_KEY: "Nothing is sealed: the signing key is missing",
    NO_COPY: "Seals wait too long for their copy",
}


def report(code: str, *, more: str = "") -> int | None:
    """Open an item about a trouble; return its id, None while one is open already.

    ``more`` is a code or a count, never text of an event. A site without a queue for
    issue reports or without a facility keeps the line in the log.
    """
    logger.error("trail: %s %s", WORDS[code], more)
    try:
        with transaction.atomic():
            return _open_once(code, more)
    except Refusal as refused:
        logger.error("trail: not reported: %s", refused.code)  # noqa: TRY400
        return None


def _open_once(code: str, more: str) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [code])
    # What a person opens is about a claim and stands for no alarm.
    same = WorkItem.objects.filter(kind=KIND, reason_code=code, claim=None)
    facility = Facility.objects.order_by("-is_default", "pk").first()
    if same.exclude(state__in=ENDED).exists() or facility is None:
        return None
    new = NewItem(
        kind=KIND,
        facility_id=facility.pk,
        reason_code=code,
        reason_label=f"{WORDS[code]}: {more}" if more else WORDS[code],
        facts={"code": code},
    )
    return open_items([new], at=now())[0]
