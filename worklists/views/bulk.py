"""A few selected items at once: each is an act of its own, refusals are named."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse

from worklists.enums import Action
from worklists.errors import BadInput, Refusal
from worklists.forms import whole
from worklists.selectors.items import items_for
from worklists.services.perform import perform
from worklists.templatetags.wording import counted
from worklists.views.access import ACT, page, people_at_work

MOST = 200
DONE = {Action.CLAIM: "taken", Action.RELEASE: "released", Action.RESUME: "resumed"}
Chosen = tuple[int, int]


@page(people_at_work, ACT)
def bulk(request: HttpRequest) -> HttpResponse:
    """Take, release or resume the selected items, one act each."""
    action, chosen, back = _action(request), chosen_of(request), back_of(request)
    refused: list[tuple[int, str]] = []
    for item_id, version in chosen:
        try:
            perform(
                item_id=item_id,
                action=action,
                actor=request.user,
                expected_version=version,
            )
        except Refusal as refusal:
            refused.append((item_id, refusal.detail))
    _say(request, action, len(chosen) - len(refused), refused)
    return redirect(back)


def back_of(request: HttpRequest) -> str:
    """Return the page of the list it came from; asked before anything is done."""
    slug = request.POST.get("queue", "")
    if not slug:
        return reverse("worklists:mine")
    try:
        return reverse("worklists:queue", args=[slug])
    except NoReverseMatch:
        raise BadInput("This names no queue.") from None


def _action(request: HttpRequest) -> Action:
    word = request.POST.get("action", "")
    chosen = next((action for action in DONE if action.value == word), None)
    if chosen is None:
        raise BadInput("This is not done with several items at once.")
    return chosen


def chosen_of(request: HttpRequest) -> list[Chosen]:
    """Return the selected items with the versions that were read."""
    pairs = [text.partition(":") for text in request.POST.getlist("items")[:MOST]]
    numbers = [(whole(item), whole(version)) for item, _, version in pairs]
    chosen = [
        (item, version)
        for item, version in numbers
        if item is not None and version is not None
    ]
    if not chosen:
        raise BadInput("Select at least one item.")
    return chosen


def _say(
    request: HttpRequest, action: Action, done: int, refused: Sequence[tuple[int, str]]
) -> None:
    """Say what was done, and each refusal by the item's number."""
    if done:
        messages.success(request, f"{counted(done, 'item')} {DONE[action]}.")
    numbers = {
        item.pk: item.number
        for item in items_for(request.user).filter(pk__in=[pk for pk, _ in refused])
    }
    for item_id, why in refused:
        messages.warning(request, f"{numbers.get(item_id, 'An item')}: {why}")
