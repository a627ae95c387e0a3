"""Every act on an item that needs no answers: one view, one service call."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from worklists.enums import Action
from worklists.errors import BadInput
from worklists.forms import ActForm, checked
from worklists.models import WorkItem
from worklists.selectors.access import visible_to
from worklists.services.perform import perform
from worklists.services.undoing_next import undo_next
from worklists.templatetags.codetrail import day
from worklists.views.access import ACT, page, people_at_work
from worklists.views.answering import go, item_url, to_item, to_next
from worklists.views.escalations import Look

SAID = {
    Action.CLAIM: "{item} is yours.",
    Action.RELEASE: "{item} is back in {queue}, open to everybody cleared.",
    Action.ASSIGN: "{item} is given to {assignee}.",
    Action.PEND: "{item} rests until {wakes} and comes back by itself.",
    Action.RESUME: "{item} goes on.",
    Action.APPROVE: "{item} is approved.",
    Action.RETURN: "{item} went back to {assignee}, first in line.",
    Action.REJECT: "{item} is rejected.",
    Action.ESCALATE: "{item} is escalated and waits for an answer.",
    Action.ACKNOWLEDGE_ESCALATION: "Your answer on {item} is recorded.",
    Action.REROUTE: "{item} is now in {queue}.",
    Action.REOPEN: "{item} is open again.",
    Action.CANCEL: "{item} is cancelled.",
    Action.PRIORITIZE: "{item} has priority {priority} now.",
    Action.FLAG: "{item} is flagged.",
    Action.UNFLAG: "The flag is off {item}.",
}
WITH_ANSWERS = frozenset({Action.SUBMIT, Action.SAVE_EVIDENCE, Action.FIX_AND_APPROVE})


def said_of(action: Action, item: WorkItem) -> str:
    """Return the sentence that says what an act did."""
    holder = item.assignee or "the pool"
    return SAID[action].format(
        item=item,
        queue=f"“{item.queue}”",
        assignee=holder,
        wakes=day(item.wake_at) if item.wake_at else "",
        priority=item.priority,
    )


@page(people_at_work, ACT)
def act(request: HttpRequest, item_id: int, action: str) -> HttpResponse:
    """Do one action to one item and lead on."""
    chosen = known(action)
    form = ActForm(request.POST)
    given = checked(form)
    item = perform(
        item_id=item_id,
        action=chosen,
        actor=request.user,
        expected_version=given["version"],
        reason=given["reason"],
        options=form.options(chosen),
    )
    return after(request, item, given["then"], said_of(chosen, item))


def known(action: str) -> Action:
    """Return the action of an address; those with answers have views of their own."""
    try:
        chosen = Action(action)
    except ValueError:
        raise BadInput(f"There is no action “{action}”.") from None
    if chosen in WITH_ANSWERS:
        raise BadInput(f"“{chosen.label}” is done from the item's own form.")
    return chosen


def after(request: HttpRequest, item: WorkItem, then: str, said: str) -> HttpResponse:
    """Lead on after an act: where the form says, else back to the item."""
    return _AFTER.get(then, _to_item_or_start)(request, item, said)


def _to_item_or_start(request: HttpRequest, item: WorkItem, said: str) -> HttpResponse:
    if visible_to(request.user).filter(pk=item.pk).exists():
        return to_item(request, item, said)
    return go(request, reverse("worklists:start"), said)


def _on(name: str) -> Callable[[HttpRequest, WorkItem, str], HttpResponse]:
    return lambda request, _item, said: go(request, reverse(f"worklists:{name}"), said)


def _to_queue(request: HttpRequest, item: WorkItem, said: str) -> HttpResponse:
    return go(request, reverse("worklists:queue", args=[item.queue.slug]), said)


def _to_escalations(request: HttpRequest, _item: WorkItem, said: str) -> HttpResponse:
    """Lead back to the list as the person looked at it."""
    url, look = reverse("worklists:escalations"), request.POST.get("look", "")
    if look:
        url = f"{url}?{Look.of_query(QueryDict(look)).query()}"
    return go(request, url, said)


_AFTER: dict[str, Callable[[HttpRequest, WorkItem, str], HttpResponse]] = {
    "next": lambda request, _item, said: to_next(request, said),
    "review": _on("review"),
    "start": _on("start"),
    "manage": _on("manage"),
    "escalations": _to_escalations,
    "queue": _to_queue,
}


@page(people_at_work, ACT)
def take_next(request: HttpRequest, slug: str | None = None) -> HttpResponse:
    """Hand out the next item, of one queue when one is named."""
    return to_next(request, queue_slug=slug)


@page(people_at_work, ACT)
def take_next_back(request: HttpRequest, item_id: int) -> HttpResponse:
    """Put an item that Next handed out back as it stood, and lead to the start page."""
    item = undo_next(
        item_id=item_id,
        actor=request.user,
        expected_version=checked(ActForm(request.POST))["version"],
    )
    said = f"Next is undone: {item} is in {item.queue} as it was."
    return go(request, reverse("worklists:start"), said)


__all__ = [
    "act",
    "after",
    "item_url",
    "known",
    "said_of",
    "take_next",
    "take_next_back",
]
