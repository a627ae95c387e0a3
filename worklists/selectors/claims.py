"""Claims a person sees, and the items about them."""

from __future__ import annotations

from worklists.errors import NotVisible
from worklists.models import Claim, User, WorkItem
from worklists.selectors.access import claims_for
from worklists.selectors.items import items_for

MOST_ITEMS = 200


def claim_for(user: User, claim_id: int) -> Claim:
    """Return one claim a person sees, or raise ``NotVisible``."""
    rows = claims_for(user).select_related("facility", "payer")
    claim = rows.filter(pk=claim_id).first()
    if claim is None:
        raise NotVisible("There is no such claim among the ones you can see.")
    return claim


def items_of_claim(user: User, claim_id: int) -> list[WorkItem]:
    """Return the items of a claim that the person sees, in order of arrival."""
    rows = items_for(user).filter(claim_id=claim_id)
    return list(rows.order_by("pk")[:MOST_ITEMS])
