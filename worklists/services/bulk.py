"""Set-based acts of the system on many items: the same rows and the same events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from worklists import kinds, trail
from worklists.context import now
from worklists.enums import ENDED, ReviewOutcome, State
from worklists.models import Review, User, WorkItem
from worklists.services import clocks, drafts


def append_events(
    facts: Mapping[int, Mapping[str, Any]],
    *,
    action: str,
    actor: User | None = None,
    about: trail.Subject | None = None,
) -> int:
    """Append one event with its facts to each item; states stay as they are.

    Every item's version rises, so a form read before is stale.
    """
    with transaction.atomic():
        items = _locked(sorted(facts))
        rows = [trail.BulkRow(i.pk, i.state, i.state, facts[i.pk]) for i in items]
        return trail.append_item_events(rows, action=action, actor=actor, about=about)


def _locked(ids: Sequence[int]) -> list[WorkItem]:
    rows = WorkItem.objects.select_for_update(of=("self",), no_key=True)
    return list(rows.filter(pk__in=ids).order_by("pk"))


def cancel_items(
    ids: Sequence[int],
    *,
    reason_code: str,
    facts: Mapping[str, Any] | None = None,
    about: trail.Subject | None = None,
) -> int:
    """Cancel items for the system: clocks stop, open reviews are withdrawn, drafts go.

    Items that have ended are left alone. Returns how many were cancelled; each has
    its event with the reason code.
    """
    with transaction.atomic():
        items = [i for i in _locked(sorted(set(ids))) if i.state not in ENDED]
        told = {"code": reason_code, **(facts or {})}
        rows = [_cancelled(item, reason_code, told) for item in items]
        trail.append_item_events(rows, action="item.cancelled", actor=None, about=about)
        _end([item.pk for item in items])
        for item in items:
            kinds.get(item.kind).cancelled(item, reason_code)
    return len(items)


def _cancelled(
    item: WorkItem, reason_code: str, told: Mapping[str, Any]
) -> trail.BulkRow:
    return trail.BulkRow(
        item.pk,
        item.state,
        State.CANCELLED,
        {**told, "version": item.version + 1},
        sets={
            "state": State.CANCELLED,
            "outcome": reason_code[:40],
            "entered_at": now(),
            "pend_reason": "",
            "internal_due_at": None,
            "legal_due_at": None,
            "wake_at": None,
            "reage_at": None,
        },
    )


def _end(keys: Sequence[int]) -> None:
    clocks.stop_all_of(keys)
    Review.objects.filter(item_id__in=keys, decided_at=None).update(
        outcome=ReviewOutcome.WITHDRAWN, decided_at=now()
    )
    drafts.drop_all(keys)
