"""Drafts: what a person typed and has not saved. Mutable, no event, one each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from worklists import policies
from worklists.context import now
from worklists.errors import BadInput, NotVisible
from worklists.models import Draft, User, WorkItem
from worklists.selectors.access import access_of, visible_to

MAX_DRAFT_BYTES = 200_000


def save_draft(*, item_id: int, actor: User, answers: Mapping[str, Any]) -> Draft:
    """Keep what the person typed into an item they work on.

    Refuses items the person does not see (404) or does not hold (403), and drafts
    over 200 kB.
    """
    item = visible_to(actor).select_related("queue", "assignee").filter(pk=item_id)
    found = item.first()
    if found is None:
        raise NotVisible("There is no such item among the ones you can see.")
    refusal = policies.may_draft(access_of(actor), found)
    if refusal:
        raise refusal.error()
    return _keep(found, actor, answers)


def keep_refused(*, item_id: int, actor: User, answers: Mapping[str, Any]) -> None:
    """After a refused submit nothing is stored but the draft."""
    _keep(WorkItem.objects.get(pk=item_id), actor, answers)


def _keep(item: WorkItem, actor: User, answers: Mapping[str, Any]) -> Draft:
    text = json.dumps(dict(answers))
    if len(text) > MAX_DRAFT_BYTES or "\\u0000" in text:
        raise BadInput("This draft is too long to keep, or holds unreadable signs.")
    draft, _ = Draft.objects.update_or_create(
        item=item,
        user=actor,
        defaults={
            "answers": dict(answers),
            "item_version": item.version,
            "saved_at": now(),
        },
    )
    return draft


def discard(*, item: WorkItem, actor: User) -> None:
    """Drop the person's draft: what it held is saved now."""
    Draft.objects.filter(item=item, user=actor).delete()
