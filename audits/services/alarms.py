"""Work items about the trail itself: one at most for each trouble while it is open."""

from __future__ import annotations

import logging

from django.db import transaction

from worklists.errors import Refusal
from worklists.services.reporting import report_once

logger = logging.getLogger(__name__)

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
            return report_once(
                code=code, trouble=WORDS[code], more=f": {more}" if more else ""
            )
    except Refusal as refused:
        logger.error("trail: not reported: %s", refused.code)  # noqa: TRY400
        return None
