"""The decision form of an item: drafts, saving, submitting, fixing.

A refused submit (422) draws the form again with every gap; a stale one (409) keeps
what was typed as a draft and shows it beside what is saved now.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from worklists.enums import Action, State
from worklists.errors import EvidenceMissing, MergeNeeded, Refusal, StaleVersion
from worklists.forms import ActForm, checked
from worklists.models import Draft, WorkItem
from worklists.selectors.evidence import asked_of
from worklists.selectors.item import ItemView, item_for, item_view
from worklists.selectors.upstream import changes_since
from worklists.services import drafts
from worklists.services.perform import perform
from worklists.templatetags.wording import hour_minute
from worklists.views import meanwhile
from worklists.views.access import ACT, page, people_at_work
from worklists.views.acts import after
from worklists.views.answering import go, to_item, to_next
from worklists.views.answers import answers_from
from worklists.views.changes import compared
from worklists.views.item_page import context_of, form_of

Typed = dict[str, Any]


@page(people_at_work, ACT)
def submit(request: HttpRequest, item_id: int) -> HttpResponse:
    """Submit an item and go on with the next one, or stop; gaps and staleness stay here."""
    return _answered(request, item_id, Action.SUBMIT)


@page(people_at_work, ACT)
def save(request: HttpRequest, item_id: int) -> HttpResponse:
    """Save the answers as evidence, for everybody who sees the item."""
    return _answered(request, item_id, Action.SAVE_EVIDENCE)


@page(people_at_work, ACT)
def fix(request: HttpRequest, item_id: int) -> HttpResponse:
    """Approve with changed answers, as the senior."""
    return _answered(request, item_id, Action.FIX_AND_APPROVE)


def _answered(request: HttpRequest, item_id: int, action: Action) -> HttpResponse:
    typed = answers_from(request.POST, asked_of(item_for(request.user, item_id)))
    given = checked(ActForm(request.POST))
    _refuse_unseen(request, item_id, typed)
    try:
        _refuse_unsettled(request, item_id, action, typed, given["version"])
        item = perform(
            item_id=item_id,
            action=action,
            actor=request.user,
            expected_version=given["version"],
            reason=given["reason"],
            evidence=typed,
        )
    except (EvidenceMissing, StaleVersion, MergeNeeded) as refusal:
        if action == Action.FIX_AND_APPROVE:
            raise  # said in the dialog, where the senior's changes still stand
        return _refused(request, item_id, typed, given["version"], refusal)
    return _went_on(request, item, action)


def _refuse_unseen(request: HttpRequest, item_id: int, typed: Typed) -> None:
    """A form that knows its draft drops none that was typed elsewhere since."""
    seen = request.POST.get("draft_seen")
    if seen is not None:
        item = item_for(request.user, item_id)
        drafts.refuse_unseen(item=item, actor=request.user, answers=typed, seen=seen)


def _refuse_unsettled(
    request: HttpRequest, item_id: int, action: Action, typed: Typed, version: int
) -> None:
    """A form that was shown another person's answer chooses before it is saved."""
    if action != Action.FIX_AND_APPROVE:
        drafts.refuse_unsettled(
            item=item_for(request.user, item_id),
            actor=request.user,
            answers=typed,
            read_version=version,
        )


def _went_on(request: HttpRequest, item: WorkItem, action: Action) -> HttpResponse:
    if action == Action.SUBMIT:
        where = "went to senior review" if item.state == State.IN_REVIEW else "is done"
        if "stop" in request.POST:
            said = f"{item} {where}. You took no other."
            return go(request, reverse("worklists:start"), said)
        return to_next(request, f"{item} {where}.")
    if action == Action.FIX_AND_APPROVE:
        return after(request, item, "review", f"{item} is fixed and approved.")
    return to_item(
        request, item, f"Evidence of {item} is saved, version {item.version}."
    )


def _refused(
    request: HttpRequest, item_id: int, typed: Typed, version: int, refusal: Refusal
) -> HttpResponse:
    """Draw the form as it now stands, with what was typed; nothing else was stored."""
    stale = isinstance(refusal, StaleVersion | MergeNeeded)
    if stale:
        drafts.keep_refused(
            item_id=item_id, actor=request.user, answers=typed, read_version=version
        )
    view = item_view(request.user, item_id)
    context = form_of(request.user, view) | {"refusal": refusal}
    if stale and not context["editable"]:
        context["compare"] = compared(view.asked, typed)
    return drawn(request, view, context, refusal.status)


def drawn(
    request: HttpRequest, view: ItemView, context: Typed, status: int = 200
) -> HttpResponse:
    """Draw the form anew: in place for htmx, else with the page around it."""
    template = "worklists/items/_decide.html"
    if not request.htmx:
        template = "worklists/item.html"
        context = context_of(request.user, view) | context
    return render(request, template, context, status=status)


@page(people_at_work, ACT)
def merge(request: HttpRequest, item_id: int) -> HttpResponse:
    """Draw the form on the newest version, with what was typed and what is chosen."""
    typed = answers_from(request.POST, asked_of(item_for(request.user, item_id)))
    version = checked(ActForm(request.POST))["version"]
    _refuse_unseen(request, item_id, typed)
    field, choice = meanwhile.chosen_of(request)
    drafts.settle(
        item_id=item_id,
        actor=request.user,
        answers=typed,
        read_version=version,
        field=field,
        choice=choice,
    )
    view = item_view(request.user, item_id)
    return drawn(request, view, form_of(request.user, view))


@page(people_at_work, ACT)
def draft(request: HttpRequest, item_id: int) -> HttpResponse:
    """Keep a draft and answer with the states of the fields; no event, no version."""
    item = item_for(request.user, item_id)
    given = checked(ActForm(request.POST))
    typed = answers_from(request.POST, asked_of(item))
    _refuse_unseen(request, item_id, typed)
    kept = drafts.save_draft(
        item_id=item_id,
        actor=request.user,
        answers=typed,
        read_version=given["version"],
    )
    if kept.item_version != item.version:
        return _kept_beside(request, item, kept)
    context = form_of(request.user, item_view(request.user, item_id))
    context["was_shown"] = request.POST.getlist("_shown")
    response = render(request, "worklists/items/_draft_saved.html", context)
    response["X-Saved-At"] = hour_minute(kept.saved_at)
    return response


def _kept_beside(request: HttpRequest, item: WorkItem, kept: Draft) -> HttpResponse:
    """Say what changed above a form that is being typed into; its fields stay."""
    since = changes_since(item, kept.item_version)
    response = meanwhile.warning(request, item, since, drafts.stamp(kept))
    response["X-Saved-At"] = hour_minute(kept.saved_at)
    return response
