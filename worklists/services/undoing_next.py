"""Taking Next back: an item that was handed out by mistake, exactly where it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from worklists import policies, trail
from worklists.context import now
from worklists.enums import POOL, State
from worklists.errors import WrongState
from worklists.models import Draft, Event, User, WorkItem
from worklists.selectors.access import access_of
from worklists.selectors.said_words import OWN_WORDS
from worklists.services.acts import refuse_state, save_item
from worklists.services.perform import check_version, lock_item
from worklists.services.taking_back import UNDO_FOR

HANDED = "item.handed"
_MOMENTS = ("entered_at", "touched_at", "handed_at", "wake_at")
_MINUTES = UNDO_FOR.seconds // 60


def as_it_was(item: WorkItem, actor: User) -> dict[str, Any]:
    """Return what handing an item out changes of it, as a fact of its event.

    Next hands out what is nobody's or the person's own already. The state stands in the
    event itself; priority, flags and clocks are not touched.
    """
    moments = {name: getattr(item, name) for name in _MOMENTS}
    return {
        "assignee": actor.username if item.assignee_id else None,
        **{name: at.isoformat() if at else None for name, at in moments.items()},
    }


def undo_next(*, item_id: int, actor: User, expected_version: int | None) -> WorkItem:
    """Put an item that Next handed to the person back as it stood, and return it.

    State, holder, place in line, clocks and idle time are those of before; the version
    goes on, and ``item.next_undone`` says so in the trail. For half an hour, and only
    while that hand-out is the last thing that happened to the item and the last one to
    the person. It gives nobody a choice: several items cannot be taken to put all but
    one back, and Next hands out the same item again as long as it is first in line.

    Raises ``NotVisible``; ``NotPermitted`` where somebody else holds it, or grant or
    clearance is gone; ``StaleVersion``; ``WrongState`` with the code ``not_next``,
    ``changed``, ``begun``, ``too_late`` or ``not_latest``. A refused act changes nothing.
    """
    with transaction.atomic():
        item = lock_item(item_id, actor)
        if barred := policies.may_do_own_work(access_of(actor), item):
            raise barred.error()
        check_version(item, actor, expected_version)
        event = last_of(item)
        _refuse(item, actor, event)
        _put_back(item, actor, event)
    return item


def undone_until(
    item: WorkItem, user: User, last: Event | None, draft: Draft | None
) -> datetime | None:
    """Return until when the person may take Next back on an item they see, if at all.

    ``last`` is the last event of the item's chain and ``draft`` the person's own, which
    who shows the item has read.
    """
    if last is None or policies.may_do_own_work(access_of(user), item):
        return None
    if _why_not(item, user, last) or _has_begun(item, draft) or not item.handed_at:
        return None
    return item.handed_at + UNDO_FOR


def _is_over(item: WorkItem) -> bool:
    return item.handed_at is None or now() - item.handed_at > UNDO_FOR


def last_of(item: WorkItem) -> Event:
    """Return the last event of the item's chain, the only one that can be undone.

    What a person said of their own time did nothing to the item.
    """
    events = Event.objects.filter(subject_kind="item", subject_id=item.pk)
    return events.exclude(action__in=OWN_WORDS).latest("seq")


def _why_not(item: WorkItem, actor: User, event: Event) -> tuple[str, str] | None:
    """Return why the last event cannot be taken back by the person: code and words."""
    if item.assignee_id != actor.pk:
        return "not_next", "You do not hold this item, so there is nothing to undo."
    if event.action != HANDED or event.actor_id != actor.pk:
        return "changed", (
            "Only what nobody touched since Next goes back as it was. Something "
            "happened to this item; release it instead."
        )
    if "before" not in _facts(event):  # handed out before this could be undone
        return "not_next", "Next did not note how this item stood. Release it instead."
    if _is_over(item):
        return "too_late", (
            f"Next can be undone for {_MINUTES} minutes; they are over. Release the "
            "item instead."
        )
    since = Event.objects.filter(actor_id=actor.pk, pk__gt=event.pk)
    if since.filter(action=HANDED).exists():
        return "not_latest", (
            "Next gave you another item since; only the last one goes back as it was. "
            "Release this one instead."
        )
    return None


def _refuse(item: WorkItem, actor: User, event: Event) -> None:
    found = _why_not(item, actor, event)
    draft = Draft.objects.filter(item=item, user=actor).first()
    if found is None and _has_begun(item, draft):
        found = (
            "begun",
            (
                "You have begun to write on this item; your draft is kept. Release it "
                "instead."
            ),
        )
    if found:
        code, why = found
        refusal = refuse_state(item, why)
        raise WrongState(why, code=code, extra=refusal.extra)


def _has_begun(item: WorkItem, draft: Draft | None) -> bool:
    if draft is None or not draft.answers or item.handed_at is None:
        return False
    return draft.saved_at >= item.handed_at


def _facts(event: Event) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(event.facts)
    return found


def _put_back(item: WorkItem, actor: User, event: Event) -> None:
    was, held_in = _facts(event)["before"], State(item.state)
    for name in _MOMENTS:
        setattr(item, name, was[name] and datetime.fromisoformat(was[name]))
    item.assignee = actor if was["assignee"] else None
    item.state = State(event.from_state or held_in)
    item.version += 1
    trail.append_item_event(
        item,
        action="item.next_undone",
        actor=actor,
        from_state=held_in,
        to_state=item.state,
        facts={"to": was["assignee"] or POOL, "version": item.version},
    )
    save_item(item)
