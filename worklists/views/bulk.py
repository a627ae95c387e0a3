"""A few selected items at once: each is an act of its own, refusals are named.

What asks for a reason or can be undone is one act on many (``views.looking``).
"""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from worklists.enums import Action
from worklists.errors import BadInput, Refusal
from worklists.selectors.items import items_for
from worklists.services.perform import perform
from worklists.templatetags.wording import counted
from worklists.views.access import ACT, page, people_at_work
from worklists.views.choosing import back_of, selected_in

DONE = {Action.CLAIM: "taken", Action.RESUME: "resumed"}


@page(people_at_work, ACT)
def bulk(request: HttpRequest) -> HttpResponse:
    """Take or resume the selected items, one act each."""
    action, back = _action(request), back_of(request)
    if "matching" in request.POST:
        raise BadInput(
            f"“{action.label}” is for selected items. Take the mark off “all that "
            "match” and select them."
        )
    chosen = selected_in(request)
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
    return redirect(_as_shown(request, back))


def _as_shown(request: HttpRequest, back: str) -> str:
    """Return the list as it stands in the window, where only a part is drawn anew."""
    here = request.htmx.current_url_abs_path or "" if request.htmx else ""
    return here if here.partition("?")[0] == back else back


def _action(request: HttpRequest) -> Action:
    word = request.POST.get("action", "")
    chosen = next((action for action in DONE if action.value == word), None)
    if chosen is None:
        raise BadInput("This is not done with several items at once.")
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
