"""Drafts: what a person typed and has not saved. Mutable, no event, one each."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection, transaction

from worklists import policies
from worklists.context import now
from worklists.errors import BadInput, Conflict, MergeNeeded, NotVisible
from worklists.evidence.shapes import MOST_NAMED, is_empty, is_typed, same
from worklists.models import Draft, User, WorkItem
from worklists.selectors.access import access_of, visible_to
from worklists.selectors.evidence import asked_of
from worklists.selectors.merging import merged
from worklists.selectors.upstream import AnswerChange

MAX_DRAFT_BYTES = 200_000


def save_draft(
    *,
    item_id: int,
    actor: User,
    answers: Mapping[str, Any],
    read_version: int | None = None,
) -> Draft:
    """Keep what the person typed into an item they work on.

    ``read_version`` is the version of the item the words were typed on, the newest
    when it is not said; what others saved since then may clash with them
    (``selectors.merging``). Refuses items the person does not see (404) or does not
    hold (403), and drafts over 200 kB.
    """
    found = _own(item_id, actor)
    version = found.version if read_version is None else read_version
    return _keep(found, actor, answers, version)


def settle(
    *,
    item_id: int,
    actor: User,
    answers: Mapping[str, Any],
    read_version: int,
    field: str = "",
    choice: str = "",
) -> Draft:
    """Keep a draft and settle a field in which it clashes with what somebody saved.

    ``choice`` is ``mine`` (the person's words stand), ``theirs`` (the saved answer
    stands) or ``both`` (the saved words, an empty line, the person's; text only).
    Without a field nothing is settled yet. Refuses what ``save_draft`` refuses, and a
    choice that is none of these or not for this field (400).
    """
    item = _own(item_id, actor)
    with transaction.atomic():
        draft = _keep(item, actor, answers, read_version)
        if not field:
            return draft
        clash = merged(item, draft).clashes.get(field)
        if clash is not None:
            draft.answers = draft.answers | {
                field: _chosen(item, clash, draft.answers[field], choice)
            }
            draft.unsettled.pop(field, None)
            draft.save(update_fields=["answers", "unsettled"])
    return draft


def _chosen(item: WorkItem, clash: AnswerChange, mine: Any, choice: str) -> Any:
    if choice == "mine":
        return mine
    if choice == "theirs":
        return clash.now
    if choice == "both" and _takes_words(item, clash.name):
        return "\n\n".join(filter(None, (clash.now, mine)))
    raise BadInput("Choose yours, theirs, or both where the field takes text.")


def _takes_words(item: WorkItem, name: str) -> bool:
    """Return whether a field takes words, which can stand one after the other."""
    return any(f.type == "text" and f.name == name for f in asked_of(item).expanded)


def base_of(name: str) -> str:
    """Return a field's name without the part it is asked for."""
    return name.partition(".")[0]


def refuse_unsettled(
    *, item: WorkItem, actor: User, answers: Mapping[str, Any], read_version: int
) -> None:
    """Refuse answers with fields in which another person's words would be lost.

    Only what the person was shown can be chosen: an older version is refused as stale
    by the act itself.
    """
    draft = Draft.objects.filter(item=item, user=actor).first()
    if read_version != item.version or draft is None:
        return
    waiting = sorted(_unsettled(item, draft, answers))
    if waiting:
        raise MergeNeeded(
            "Somebody saved another answer meanwhile. Choose first which one stands.",
            fields={name: ["Yours or theirs?"] for name in waiting},
        )


def _unsettled(
    item: WorkItem, old: Draft | None, answers: Mapping[str, Any]
) -> dict[str, int]:
    """Return the clashes of a draft that newer answers of the person still have."""
    return {
        name: clash.known
        for name, clash in merged(item, old).clashes.items()
        if name in answers and not same(answers[name], clash.now)
    }


def _own(item_id: int, actor: User) -> WorkItem:
    item = visible_to(actor).select_related("queue", "assignee").filter(pk=item_id)
    found = item.first()
    if found is None:
        raise NotVisible("There is no such item among the ones you can see.")
    refusal = policies.may_draft(access_of(actor), found)
    if refusal:
        raise refusal.error()
    return found


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
    _keep(item, actor, answers, read_version)


def _keep(
    item: WorkItem, actor: User, answers: Mapping[str, Any], version: int
) -> Draft:
    odd = sorted(name for name, value in answers.items() if not is_typed(value))
    if odd:
        raise BadInput(
            "A draft keeps what a form can hold: texts, numbers, yes or no, choices.",
            fields={name[:80]: ["No form holds this."] for name in odd[:MOST_NAMED]},
        )
    text = json.dumps(dict(answers))
    if len(text) > MAX_DRAFT_BYTES or "\\u0000" in text:
        raise BadInput("This draft is too long to keep, or holds unreadable signs.")
    old = Draft.objects.filter(item=item, user=actor).first()
    if version < item.version and _all_saved(item, answers):
        # A draft that was still on its way when its own words were saved.
        discard(item=item, actor=actor)
        return Draft(
            item=item,
            user=actor,
            answers=dict(answers),
            item_version=version,
            saved_at=now(),
        )
    draft, _ = Draft.objects.update_or_create(
        item=item,
        user=actor,
        defaults={
            "answers": dict(answers),
            "item_version": min(version, item.version),
            "unsettled": _unsettled(item, old, answers),
            "saved_at": now(),
        },
    )
    return draft


def _all_saved(item: WorkItem, answers: Mapping[str, Any]) -> bool:
    saved = asked_of(item).answers
    return all(same(value, saved.get(name)) for name, value in answers.items())


def drop_all(item_ids: Collection[int]) -> None:
    """Drop everybody's drafts on items that have ended: nobody can save them."""
    Draft.objects.filter(item_id__in=item_ids).delete()


_DISCARD = "DELETE FROM worklists_draft WHERE item_id = %s AND user_id = %s"


def discard(*, item: WorkItem, actor: User) -> None:
    """Drop the person's draft: what it held is saved now."""
    with connection.cursor() as cursor:
        cursor.execute(_DISCARD, [item.pk, actor.pk])
