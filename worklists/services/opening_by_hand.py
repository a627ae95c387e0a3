"""Opening an item by hand: about a claim a person sees, for a reason they give."""

from __future__ import annotations

import re
from decimal import Decimal

from django.db import transaction

from worklists import kinds, policies
from worklists.context import now
from worklists.errors import BadInput, Duplicate, NotVisible
from worklists.models import User, WorkItem
from worklists.selectors.access import access_of, claims_for, visible_to
from worklists.services.opening import NewItem, open_items

LONGEST_CODE, LONGEST_LABEL = 80, 160
# Codes of what the product reports itself: one by hand would pass for its report.
_OWN_CODE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")


def open_by_hand(
    *, actor: User, kind: str, claim_id: int, reason_code: str, reason_label: str
) -> WorkItem:
    """Open one item about a claim the person sees; it is routed like any other.

    ``reason_code`` says what failed in codes, ``reason_label`` in short words; at stake is
    what the claim was charged. Writes
    ``item.opened`` with the person. Refuses claims that are not visible (404), people
    who only read (403), kinds that are not opened by hand and empty or too long reasons
    (400), and work that is open already by the rule of its kind (409, naming the item
    when the person sees it).
    """
    refusal = policies.may_open(access_of(actor))
    if refusal:
        raise refusal.error()
    claim = claims_for(actor).filter(pk=claim_id).first()
    if claim is None:
        raise NotVisible("There is no such claim among the ones you can see.")
    code, label = _reason(reason_code, reason_label)
    new = NewItem(
        kind=_kind(kind),
        facility_id=claim.facility_id,
        claim_id=claim.pk,
        payer_id=claim.payer_id,
        specialty=claim.specialty,
        service_on=claim.service_from,
        amount=claim.charge or Decimal(0),
        reason_code=code,
        reason_label=label,
        facts={"code": code},
    )
    try:
        with transaction.atomic():
            [item_id] = open_items([new], at=now(), actor=actor)
    except Duplicate as same:
        raise _seen(same, actor) from None
    return WorkItem.objects.select_related("queue").get(pk=item_id)


def _kind(slug: str) -> str:
    known = {kind.slug for kind in kinds.all_kinds() if kind.by_hand}
    if slug in known:
        return slug
    raise BadInput(
        "Items of this kind are not opened by hand.",
        fields={"kind": [f"Choose one of {', '.join(sorted(known))}."]},
    )


def _reason(code: str, label: str) -> tuple[str, str]:
    words = {
        "reason_code": (code.strip(), LONGEST_CODE),
        "reason_label": (label.strip(), LONGEST_LABEL),
    }
    faults = {
        name: [f"Give 1 to {longest} printable characters."]
        for name, (text, longest) in words.items()
        if not 0 < len(text) <= longest or not text.isprintable()
    }
    if _OWN_CODE.fullmatch(words["reason_code"][0]):
        faults["reason_code"] = ["Codes such as trail_broken are the product's own."]
    if faults:
        raise BadInput("Say what failed, in a code and in words.", fields=faults)
    return words["reason_code"][0], words["reason_label"][0]


def _seen(same: Duplicate, actor: User) -> Duplicate:
    """Name the open item only to who sees it."""
    item_id = int(same.extra.get("item", 0))
    if visible_to(actor).filter(pk=item_id).exists():
        return same
    return Duplicate("The same is open already, in a queue that you do not see.")
