"""What the page of one item is drawn from, put together once for page and fragments."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from django.urls import reverse

from worklists import kinds, policies
from worklists.enums import ACTIVE, IN_HAND, Action, ReviewOutcome, State
from worklists.flags import clearable, flags_of, settable
from worklists.forms import (
    cancel_reasons,
    levels,
    outcomes,
    pend_reasons,
    return_reasons,
    tell_choices,
)
from worklists.models import Escalation, User, WorkItem
from worklists.selectors.access import access_of, today_of
from worklists.selectors.deferrals import (
    active_pend_reasons,
    usual_of,
    why_not_usual,
)
from worklists.selectors.item import ItemView
from worklists.selectors.pages.item import detail_of, other_queues, with_draft
from worklists.selectors.reviews import Returned
from worklists.selectors.task_classes import table
from worklists.services import drafts
from worklists.services.undoing_next import undone_until
from worklists.templatetags.codetrail import day, moment
from worklists.templatetags.wording import counted
from worklists.views import meanwhile
from worklists.views.answers import (
    FILES,
    now_asked,
    short_gaps,
    shown_fields,
)
from worklists.views.escalating import Called, called
from worklists.views.history import history_of
from worklists.views.item_crumbs import crumbs_of
from worklists.views.leaving import times_of
from worklists.views.notes import notes_context
from worklists.views.opening import opening_context
from worklists.views.pasts import with_pasts
from worklists.views.resting import resting_words
from worklists.views.rows import long_why
from worklists.views.sources import rules_of, with_offers
from worklists.views.takers import taker_choices
from worklists.views.time_on_items import time_context

SOURCES = (
    ("Health record", "Health record"),
    ("Laboratory", "Laboratory"),
    ("Payer", "Payer"),
    ("Payer portal", "Payer portal"),
    ("Provider", "Provider"),
    ("Billing system", "Billing system"),
    ("Other", "Other"),
)
_RESTS: Mapping[str, str] = {
    State.IN_REVIEW: "A senior reviewer decides now; nothing can be changed here.",
    State.CANCELLED: "This item was cancelled.",
}
_ENDED = frozenset(
    {ReviewOutcome.APPROVED, ReviewOutcome.FIXED, ReviewOutcome.REJECTED}
)


def context_of(user: User, view: ItemView) -> dict[str, Any]:
    """Return everything the page of an item shows."""
    template, detail = detail_of(view.item)
    allowed = {offer.name for offer in view.offers if offer.allowed}
    history = history_of(user, view.item)
    return {
        **head_of(user, view),
        **form_of(user, view),
        "allowed": allowed,
        "undo_until": undone_until(view.item, user, history.last, view.draft),
        "detail_template": template,
        "detail": detail,
        "opens_file": policies.may_read_file(access_of(user)) is None,
        "history": history,
        "times": times_of(view.item),
        "rules": rules_of(view.guidance(), view.item.service_on),
        **notes_context(user, view.item),
        **time_context(user, view.item, view.own_time),
        **opening_context(user, view.item),
        "sources": SOURCES,
        **dialogs_of(user, view, allowed),
    }


def head_of(user: User, view: ItemView) -> dict[str, Any]:
    """Return who holds the item, what presses, and what the person may do with it."""
    item = view.item
    return {
        "view": view,
        "kind": kinds.get(item.kind),
        "offer": {offer.name: offer for offer in view.offers},
        "held": held_words(user, item),
        "held_until": held_until(user, item),
        "hidden": [("version", item.version)],
        "watch": f"{item.payer} watch" if item.payer and item.payer.on_watch else "",
        "flags": flags_of(item.flags),
        "crumbs": crumbs_of(item),
        "clocks": view.clocks,
        "resting": resting_words(item, view.clocks),
        "why": long_why(item),
        "returned": returned_words(view.returned),
        "escalations": waiting(user, view.escalations),
    }


def held_words(user: User, item: WorkItem) -> tuple[str, str]:
    """Return who holds the item, in words, and the icon; empty when nobody does."""
    if item.assignee is None or item.state not in ACTIVE:
        return "", ""
    if item.state == State.OPEN:
        yours = item.assignee_id == user.pk
        return f"Assigned to {'you' if yours else item.assignee}", "user"
    if item.state == State.IN_REVIEW:
        return (
            f"Worked by {'you' if item.assignee_id == user.pk else item.assignee}",
            "user",
        )
    when = moment(item.handed_at).removeprefix("Today\N{NO-BREAK SPACE}")
    since = f" since {when}" if item.handed_at else ""
    if item.assignee_id == user.pk:
        return f"Locked to you{since}", "lock"
    return f"In use by {item.assignee}{since}", "user"


def held_until(user: User, item: WorkItem) -> str:
    """Return until when an item is locked to the person who looks, empty if it is not.

    Its queue says after how many business hours without work it is released, where the
    task classes let the system do so; what was returned waits for its coder.
    """
    if item.assignee_id != user.pk or item.state not in IN_HAND:
        return ""
    hours = item.queue.release_after_hours
    stays = item.state == State.RETURNED or not hours
    if stays or not table().is_automatic("release_idle"):
        return "Yours until you submit it or give it back"
    return f"Released by itself after {counted(hours, 'business hour')} without work"


def returned_words(came: Returned | None) -> tuple[Returned, str] | None:
    """Return the reviewer's words on an item that came back, and the reason's label."""
    return (came, dict(return_reasons()).get(came.code, "")) if came else None


SUBMIT_UNREAD = (
    "You have changed nothing on this item since you took it. Submit it as it stands?"
)


def _untouched(user: User, view: ItemView) -> bool:
    """Return whether a form is complete by what others answered before: one key would
    submit what its holder never looked at."""
    if view.draft is not None or view.asked.gaps() or view.item.handed_at is None:
        return False
    since = view.item.handed_at
    return not any(
        field.saved_by == user.username and field.saved_at and field.saved_at >= since
        for field in view.fields
    )


def waiting(user: User, escalations: Collection[Escalation]) -> list[Called]:
    """Return the escalations that wait for an answer, in words, oldest first."""
    rows = [escalation for escalation in escalations if escalation.waits]
    return called(user, sorted(rows, key=lambda e: e.fired_at))


def form_of(user: User, view: ItemView) -> dict[str, Any]:
    """Return what the decision form is drawn from, for the page and its fragments."""
    item, drafted = view.item, with_draft(view.item, view.asked, view.draft)
    done, asked = drafted.asked.progress()
    refused = why_not_edit(user, view)
    goes, why = goes_to(view)
    fields = shown_fields(drafted.asked, view.attachments)
    asked_files = [f for f in now_asked(drafted.asked) if f.type in FILES]
    taking = [f for f in drafted.asked.expanded if f.type in FILES]
    with_pasts(item, fields, view.fields)
    with_offers(fields, view.citable or (), item)
    return {
        "item": item,
        "view": view,
        "fields": fields,
        "draft_seen": drafts.stamp(view.draft),
        "points_at": [field for field in fields if field.again],
        "reply": next((f for f in reversed(fields) if f.is_reply), None),
        # A document is added when it is at hand, also before a decision asks for it.
        "file_fields": asked_files or taking,
        "files_asked": bool(asked_files),
        "attach_url": f"{reverse('worklists:attach', args=[item.pk])}?version={item.version}",
        "gaps": short_gaps(drafted.asked),
        "gap_count": len(drafted.asked.gaps()),
        "done": done,
        "asked": asked,
        "editable": not refused,
        "asks_first": SUBMIT_UNREAD if not refused and _untouched(user, view) else "",
        "why_not": refused,
        "goes": goes,
        "goes_why": why,
        **({} if refused else meanwhile.context_of(drafted.saved, drafted.merged)),
    }


def why_not_edit(user: User, view: ItemView) -> str:
    """Return why answers stand as words and not as a form, empty when they do not."""
    item = view.item
    said = {
        State.OPEN.value: _untaken,
        State.PENDING.value: _deferred,
        State.COMPLETED.value: _closed,
    }
    if item.state in said:
        return said[item.state](user, view)
    if item.state in _RESTS:
        return _RESTS[item.state]
    access = access_of(user)
    if item.queue_id not in access.work:
        return "You read this item. Its answers stand as they are saved."
    barred = policies.may_do_own_work(access, item)
    return barred.why if barred else ""


def _untaken(user: User, view: ItemView) -> str:
    item = view.item
    if item.assignee is not None:
        who = "you" if item.assignee_id == user.pk else item.assignee
        return f"Assigned to {who}, and not taken yet."
    if view.offer(Action.CLAIM.value).allowed:
        return "Nobody has taken this item. Take it to work on it."
    if view.offer(Action.ASSIGN.value).allowed:
        return "Nobody has taken this item. Assign it to somebody who works the queue."
    return "Nobody has taken this item."


def _deferred(user: User, view: ItemView) -> str:
    until = f" until {day(view.item.wake_at)}" if view.item.wake_at else ""
    said = f"This item rests{until}."
    if view.item.assignee_id == user.pk:
        return f"{said} Resume it to work on it now."
    return said


def _closed(_user: User, view: ItemView) -> str:
    row, by = view.newest_review, ""
    if row is not None and row.reviewer is not None and row.outcome in _ENDED:
        outcome = row.get_outcome_display().lower()
        by = f", {outcome} by {row.reviewer} {moment(row.decided_at)}"
        if row.outcome == ReviewOutcome.REJECTED:
            return f"This item is completed{by}. What it proposed is not carried out."
    return f"This item is completed{by}. These are the answers it closed with."


def goes_to(view: ItemView) -> tuple[str, str]:
    """Return where a submit leads and why, as far as it can be foreseen.

    The random share is secret until it fires, so nobody is told about it here.
    """
    if not view.ahead:
        return "", ""
    words = " ".join(trigger.words for trigger in view.ahead).rstrip(".")
    return "senior review", f"{words} ({view.item.queue.review_policy})"


def _usual(view: ItemView) -> dict[str, Any]:
    """Return how long the payer usually takes, and why that is no day to rest until."""
    usual = usual_of(view.item, view.clocks)
    if usual is None:
        return {}
    reasons = active_pend_reasons()
    return {"usual": usual, "too_late": why_not_usual(view.item, usual, reasons)}


def dialogs_of(user: User, view: ItemView, allowed: Collection[str]) -> dict[str, Any]:
    """Return the choices of the dialogs; lists of people only where they are needed."""
    item = view.item
    return {
        "pend_reasons": pend_reasons() if Action.PEND in allowed else [],
        "pend_from": today_of(user) + timedelta(days=1),
        **(_usual(view) if Action.PEND in allowed else {}),
        "cancel_reasons": cancel_reasons(),
        "levels": levels(),
        "outcomes": outcomes(),
        "tell_choices": tell_choices(item, user),
        **(taker_choices(user, item) if Action.ASSIGN in allowed else {}),
        "flags_to_set": settable(item.flags),
        "flags_to_clear": clearable(item.flags),
        "queues": other_queues(user, item) if Action.REROUTE in allowed else [],
    }
