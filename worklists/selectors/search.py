"""Finding items by a number people have in front of them. Never by a text in a URL."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from django.db.models import Q

from worklists import kinds
from worklists.errors import BadInput
from worklists.models import Claim, User, WorkItem
from worklists.selectors.access import claims_for
from worklists.selectors.items import items_for

SHORTEST, LONGEST = 2, 80
MOST_FOUND = 50

_NUMBER = re.compile(r"(?P<prefix>[A-Za-z]{2})[-\s]?(?P<id>\d{1,18})", re.ASCII)

_DIGITS = re.compile(r"\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: how it matched, items, claims without items, if cut off.

    ``matched`` is ``number`` (an item's own), ``claim`` (a claim or account number,
    exactly), ``claim_prefix`` (the beginning of one) or ``nothing``.
    """

    matched: str
    items: list[WorkItem] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    more: bool = False

    def facts(self) -> dict[str, object]:
        """Return what the trail keeps: how it matched and how much, never the text."""
        return {"matched": self.matched, "items": len(self.items), "more": self.more}


def search(user: User, text: str) -> Found:
    """Return the items a person sees for a number: item, claim or account.

    An item number (``DN-123``) is matched exactly; else claim and account numbers
    exactly, else an item's digits alone, else claim numbers by their beginning. At most
    50 items. Refuses texts under 2 or over 80 characters. The caller records the search
    (``services.searching`` does).
    """
    wanted = _clean(text)
    item = _by_number(user, wanted)
    if item is not None:
        return Found("number", [item])
    either = {wanted, wanted.upper()}
    exact = _by_claim(user, Q(patient_control_number__in=either))
    if exact:
        return _found("claim", user, exact)
    item = _by_digits(user, wanted)
    if item is not None:
        return Found("number", [item])
    begins = Q()
    for one in either:
        begins |= Q(patient_control_number__startswith=one)
    return _found("claim_prefix", user, _by_claim(user, begins))


def _clean(text: str) -> str:
    wanted = text.strip()
    if not SHORTEST <= len(wanted) <= LONGEST or not wanted.isprintable():
        message = f"Type {SHORTEST} to {LONGEST} characters of a number."
        raise BadInput(message, fields={"text": [message]})
    return wanted


def _by_number(user: User, wanted: str) -> WorkItem | None:
    match = _NUMBER.fullmatch(wanted)
    if match is None:
        return None
    prefix = match["prefix"].upper()
    slugs = [kind.slug for kind in kinds.all_kinds() if kind.prefix == prefix]
    return items_for(user).filter(pk=int(match["id"]), kind__in=slugs).first()


def _by_digits(user: User, wanted: str) -> WorkItem | None:
    """Return the item whose number has these digits, whatever its kind."""
    if not _DIGITS.fullmatch(wanted):
        return None
    return items_for(user).filter(pk=int(wanted)).first()


def _by_claim(user: User, numbers: Q) -> list[Claim]:
    return list(claims_for(user).filter(numbers).order_by("pk")[: MOST_FOUND + 1])


def _found(matched: str, user: User, claims: list[Claim]) -> Found:
    if not claims:
        return Found("nothing")
    shown = claims[:MOST_FOUND]
    rows = items_for(user).filter(claim_id__in=[claim.pk for claim in shown])
    items = list(rows.order_by("-pk")[: MOST_FOUND + 1])
    more = max(len(claims), len(items)) > MOST_FOUND
    used = {item.claim_id for item in items}
    bare = [claim for claim in shown if claim.pk not in used]
    return Found(matched, items[:MOST_FOUND], bare, more)
