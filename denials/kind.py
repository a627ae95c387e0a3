"""The kind of work ``denial``, and the 835 loader, for the kernel's registries."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import QuerySet

from denials.enums import Decision
from denials.models import VersionWords
from denials.selectors.claim_view import (
    claim_views,
    facts_of,
    failed_of,
    suggested_of,
    suggestion_of,
    table_in_force,
)
from denials.selectors.denials import (
    classes_of,
    parts_of,
    remittances_of,
    work_of,
    worked_elsewhere,
)
from denials.selectors.payer_outcomes import payer_outcomes
from denials.selectors.profile_warnings import warnings_of
from denials.selectors.usual_answers import usual_answer
from denials.services.decisions import (
    READS,
    record_decisions,
    reopen_decisions,
    take_along,
)
from denials.services.pieces import routing_facts
from denials.services.remittances import RemittanceLoader
from worklists import kinds
from worklists.models import WorkItem
from worklists.selectors.clock_views import register_warner
from worklists.selectors.said_words import register_words
from worklists.services import batches
from worklists.workflow import Workflow

DENIAL = "denial"


def _detail(item: WorkItem) -> Mapping[str, Any]:
    denials, claims = list(work_of(item)), list(remittances_of(item))
    elsewhere, table = worked_elsewhere(item, claims), table_in_force()
    return {
        "denials": denials,
        "claims": claim_views(claims, denials, elsewhere, table),
        "failed": failed_of(denials, table),
        "facts": facts_of(denials),
        "suggestion": suggestion_of(denials),
        "suggested": suggested_of(denials),
    }


def register() -> None:
    """Make denials known to the kernel. May be called again."""
    kinds.register(
        kinds.Kind(
            slug=DENIAL,
            label="Denial",
            plural="Denials",
            prefix="DN",
            workflow=_WORKFLOW,
            parts=parts_of,
            completed=record_decisions,
            reopened=reopen_decisions,
            opened_anew=take_along,
            risk_classes=classes_of,
            routing_facts=routing_facts,
            usual_answer=usual_answer,
            payer_outcomes=payer_outcomes,
            reads=READS,
            given_up=f"decision:{Decision.WRITE_OFF}",
            detail_template="denials/_detail.html",
            detail=_detail,
        )
    )
    batches.register("835", RemittanceLoader)
    register_warner(warnings_of)
    register_words("profile", _words_of)


def _words_of(profile_ids: Collection[int]) -> QuerySet[VersionWords]:
    return VersionWords.objects.filter(version__profile_id__in=profile_ids)


_WORKFLOW = Workflow(DENIAL)
