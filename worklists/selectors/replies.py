"""The return an item has to answer, and what is other now than the senior saw."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from worklists.enums import ReviewOutcome
from worklists.evidence.replies import Return
from worklists.models import Answer, Attachment, EvidenceTemplate, Review, WorkItem
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
    before = _answers_at(newest.item_id, newest.decided_at)
    return Return(
        newest.round,
        str(newest.reviewer or ""),
        frozenset(newest.points_at),
        before,
        _files_changed(newest.item_id, newest.decided_at),
        _form_at(newest),
    )


_DECIDED = Statement(
    lambda: (
        Review.objects.select_related("reviewer")
        .filter(item_id=Slot("item"), decided_at__isnull=False)
        .order_by("-round")[:1]
    )
)


def _answers_at(item_id: int, at: datetime | None) -> dict[str, Any]:
    return before_and_after(item_id, at)[0]


def _files_changed(item_id: int, at: datetime | None) -> frozenset[str]:
    """Return the fields that have other files in use than they had at a moment.

    The same file with another page, source or date is another one: what it proves is.
    """
    rows = Attachment.objects.filter(item_id=item_id)
    then: set[tuple[Any, ...]] = set()
    now: set[tuple[Any, ...]] = set()
    says = ("field", "sha256", "page", "source", "dated_on")
    for *what, added_at, removed_at in rows.values_list(
        *says, "added_at", "removed_at"
    ):
        one = tuple(what)
        if at and added_at <= at and (removed_at is None or removed_at > at):
            then.add(one)
        if removed_at is None:
            now.add(one)
    return frozenset(name for name, *_ in then ^ now)


def _form_at(review: Review) -> frozenset[str] | None:
    """Return the names of the form that was returned, where the item has another.

    Returns made before the form was kept with them count as made on the item's.
    """
    items = WorkItem.objects.filter(pk=review.item_id)
    same_form = items.filter(template=review.template_id).exists()
    if review.template_id is None or same_form:
        return None
    form = EvidenceTemplate.objects.only("fields").get(pk=review.template_id)
    return frozenset(str(one["name"]) for one in form.fields)


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
