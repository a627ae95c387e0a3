"""Approved versions of rules whose day has come: each begins alone, or is reported.

The report is an ordinary item of kind ``issue_report`` with the code ``rule_failed``;
it names the rule, the version and what stopped it, once while it is being worked.
"""

from __future__ import annotations

import logging
import traceback

from django.db import InterfaceError, OperationalError, transaction

from worklists import trail
from worklists.enums import RuleKind, RuleState
from worklists.errors import Refusal
from worklists.models import RuleVersion
from worklists.selectors.site import site_today
from worklists.services import rules
from worklists.services.reporting import report_once
from worklists.services.rule_checks import refuse_unfit

logger = logging.getLogger(__name__)

CODE = "rule_failed"
# A lost connection is no version's fault: the run ends.
LOST = (OperationalError, InterfaceError)
Faults = tuple[type[Exception], ...]


def begin_due(*, ending: Faults = ()) -> int:
    """Put in force every approved version whose day has come; return how many.

    The worker calls it. One that cannot begin stays approved, is reported to people
    and does not hold up the others. ``ending`` are errors that end the run, as when its
    time is over.
    """
    due = RuleVersion.objects.filter(
        state=RuleState.APPROVED, effective_from__lte=site_today()
    )
    ids = list(due.order_by("pk").values_list("pk", flat=True))
    return sum([_alone(version_id, (*LOST, *ending)) for version_id in ids])


def _alone(version_id: int, ending: Faults) -> bool:
    try:
        with transaction.atomic():
            return _begin(version_id)
    except ending:
        raise
    except Exception as error:  # noqa: BLE001 - one rule stops no other, whatever it is
        cause = error.code if isinstance(error, Refusal) else type(error).__name__
        # Where it happened, not what it says: an error's text may quote a row.
        where = "".join(traceback.format_tb(error.__traceback__))
        logger.error("rule version %s: %s\n%s", version_id, cause, where)  # noqa: TRY400
        _report(version_id, cause, ending)
        return False


def _begin(version_id: int) -> bool:
    rows = RuleVersion.objects.select_for_update(of=("self",)).select_related("rule")
    version = rows.get(pk=version_id)
    if version.state != RuleState.APPROVED:
        return False
    refuse_unfit(version)
    rules.begin(version, None)
    return True


def _report(version_id: int, cause: str, ending: Faults) -> None:
    """Open an item about a version that cannot begin, unless one is open already.

    A site without a queue for issue reports or a facility keeps the line in the log.
    """
    try:
        with transaction.atomic():
            _report_once(version_id, cause)
    except ending:
        raise
    except Exception as error:  # noqa: BLE001 - the others begin all the same
        kind = type(error).__name__
        logger.error("rule version %s is not reported: %s", version_id, kind)  # noqa: TRY400


def _report_once(version_id: int, cause: str) -> None:
    version = RuleVersion.objects.select_related("rule").get(pk=version_id)
    rule = version.rule
    named = f"{RuleKind(rule.kind).label} {rule.slug}, version {version.number}"
    report_once(
        code=CODE,
        trouble=f"{named} could not begin",
        more=f" ({cause})",
        about=trail.Subject("rule", rule.pk),
    )
