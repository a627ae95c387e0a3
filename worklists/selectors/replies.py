"""The return an item has to answer, and what is other now than the senior saw."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from worklists.enums import ReviewOutcome
from worklists.evidence.replies import Return, is_reply
from worklists.evidence.shapes import same
from worklists.models import Answer, Attachment, Review
from worklists.statements import Slot, Statement


def return_of(item_id: int) -> Return | None:
    """Return the return that an item's submission answers: one query without one."""
    return waiting_return(_DECIDED.rows(item=item_id))


def waiting_return(reviews: Sequence[Review]) -> Return | None:
    """Return what the newest decided review sent back; None when it did not.

    ``reviews`` are those of one item, the newest round first.
    """
    newest = next((row for row in reviews if row.decided_at is not None), None)
    if newest is None or newest.outcome != ReviewOutcome.RETURNED:
        return None
    return Return(
        newest.round,
        str(newest.reviewer or ""),
        frozenset(newest.points_at),
        changed_since(newest.item_id, newest.decided_at),
    )


_DECIDED = Statement(
    lambda: (
        Review.objects.select_related("reviewer")
        .filter(item_id=Slot("item"), decided_at__isnull=False)
        .order_by("-round")[:1]
    )
)


def changed_since(item_id: int, at: datetime | None) -> frozenset[str]:
    """Return the fields whose answer or files are others than they were: two queries."""
    before, after = before_and_after(item_id, at)
    answers = {
        name
        for name, value in after.items()
        if not is_reply(name) and not same(value, before.get(name))
    }
    files = Attachment.objects.filter(
        Q(added_at__gt=at) | Q(removed_at__gt=at), item_id=item_id
    )
    return frozenset(answers | set(files.values_list("field", flat=True)))


def before_and_after(
    item_id: int, at: datetime | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the answers of an item as they stood at a moment, and as they stand now.

    Without a moment nothing stood before.
    """
    rows = Answer.objects.filter(item_id=item_id).order_by("field", "version")
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name, content, saved_at in rows.values_list("field", "content", "saved_at"):
        after[name] = None if content is None else json.loads(content)
        if at and saved_at <= at:
            before[name] = after[name]
    return before, after
