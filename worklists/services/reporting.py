"""What the product tells people about itself: an issue report, once while it is worked."""

from __future__ import annotations

import logging

from django.db import connection
from django.db.models import Q

from worklists import trail
from worklists.context import now
from worklists.enums import ENDED
from worklists.models import Facility, WorkItem
from worklists.services.opening import NewItem, open_items
from worklists.services.poison import Stuck, guard

logger = logging.getLogger(__name__)
KIND = "issue_report"


def report_once(
    *,
    code: str,
    trouble: str,
    more: str = "",
    item: WorkItem | None = None,
    about: trail.Subject | None = None,
) -> int | None:
    """Open an issue report about a trouble; return its id, or None while one is open.

    ``trouble`` says what is wrong with what, and is how the same one is known again;
    ``more`` follows it on the label: a cause or a count, never text of a person. The
    report stands beside ``item``'s claim and facility where it is about an item, else
    at the site's own facility. What a person opens by hand is another matter, whatever
    its words: it never carries a code of the product's own.

    Refuses, as opening does, where the site has no queue for issue reports; a site
    without a facility gets None. The caller decides what a failure here may stop.
    """
    facility_id = item.facility_id if item else _own_facility()
    _alone(code, trouble)
    claim_id = item.claim_id if item else None
    of_claim = Q(claim=None) if claim_id is None else Q(claim_id=claim_id)
    same = WorkItem.objects.filter(
        of_claim, kind=KIND, reason_code=code, reason_label__startswith=trouble
    )
    if facility_id is None or same.exclude(state__in=ENDED).exists():
        return None
    new = NewItem(
        kind=KIND,
        facility_id=facility_id,
        claim_id=claim_id,
        payer_id=item.payer_id if item else None,
        reason_code=code,
        reason_label=f"{trouble}{more}"[: _longest_label()],
        facts={"code": code},
    )
    return open_items([new], at=now(), about=about)[0]


def report_or_log(*, code: str, trouble: str, cause: str, known_as: str) -> None:
    """Report a trouble of one row that must stop no other, or keep it in the log.

    ``cause`` is the name of an error, ``known_as`` the row in the log: a site without
    a queue for issue reports or a facility keeps that line alone.
    """
    try:
        with guard(code):
            report_once(code=code, trouble=trouble, more=f" ({cause})")
    except Stuck as stuck:
        logger.error("%s is not reported: %s", known_as, stuck)  # noqa: TRY400


def _alone(code: str, trouble: str) -> None:
    # Two workers may meet the same trouble; the lock ends with the transaction.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"{code}:{trouble}"],
        )


def _own_facility() -> int | None:
    site = Facility.objects.order_by("-is_default", "pk")
    return site.values_list("pk", flat=True).first()


def _longest_label() -> int:
    return WorkItem._meta.get_field("reason_label").max_length or 0
