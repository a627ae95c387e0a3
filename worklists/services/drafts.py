"""Drafts: what a person typed and has not saved. Mutable, no event, one each."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection

from worklists import policies
from worklists.context import now
from worklists.errors import BadInput, Conflict, NotVisible
from worklists.evidence.shapes import is_empty
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
    return _keep(found, actor, answers, found.version)


def stamp(draft: Draft | None) -> str:
    """Return which state of a draft a form was drawn from; empty when there was none."""
    return draft.saved_at.isoformat() if draft else ""


def refuse_unseen(
    *, item: WorkItem, actor: User, answers: Mapping[str, Any], seen: str
) -> None:
    """Refuse answers that would drop what the person typed in another window.

    ``seen`` is the ``stamp`` the form was drawn from. Nothing is refused when all
    that the newer draft holds stands in ``answers`` too.
    """
    draft = Draft.objects.filter(item=item, user=actor).first()
    if draft is None or stamp(draft) == seen:
        return
    if any(
        not is_empty(value) and answers.get(name) != value
        for name, value in draft.answers.items()
    ):
        raise Conflict(
            f"You typed into {item} in another window since this page was loaded. "
            "Nothing was saved from here. Load the page to see both.",
            code="newer_draft",
        )


def keep_refused(
    *, item_id: int, actor: User, answers: Mapping[str, Any], read_version: int
) -> None:
    """After a refused submit nothing is stored but the draft.

    It is a draft of the version that was read: where the item went on meanwhile, its
    page shows both until the person goes on.
    """
    item = WorkItem.objects.get(pk=item_id)
    _keep(item, actor, answers, min(read_version, item.version))


def _keep(
    item: WorkItem, actor: User, answers: Mapping[str, Any], version: int
) -> Draft:
    text = json.dumps(dict(answers))
    if len(text) > MAX_DRAFT_BYTES or "\\u0000" in text:
        raise BadInput("This draft is too long to keep, or holds unreadable signs.")
    draft, _ = Draft.objects.update_or_create(
        item=item,
        user=actor,
        defaults={
            "answers": dict(answers),
            "item_version": version,
            "saved_at": now(),
        },
    )
    return draft


def drop_all(item_ids: Collection[int]) -> None:
    """Drop everybody's drafts on items that have ended: nobody can save them."""
    Draft.objects.filter(item_id__in=item_ids).delete()


_DISCARD = "DELETE FROM worklists_draft WHERE item_id = %s AND user_id = %s"


def discard(*, item: WorkItem, actor: User) -> None:
    """Drop the person's draft: what it held is saved now."""
    with connection.cursor() as cursor:
        cursor.execute(_DISCARD, [item.pk, actor.pk])
