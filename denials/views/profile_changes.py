"""Changing payer profiles: write, propose, decide, verify."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from denials.enums import VersionState
from denials.forms import DraftForms, NewProfileForm, ProposeForm, VerifyForm
from denials.models import ProfileVersion
from denials.policies import may_change_profiles
from denials.selectors.profile_pages import profile_page
from denials.selectors.recounting import Effect
from denials.services import approving, drafting
from denials.services.verifying import verify_again
from denials.views.profiles import crumbs, edit_context, today
from worklists.errors import Refusal
from worklists.forms import checked
from worklists.templatetags.wording import counted
from worklists.views.access import ACT, READ, page

BOTH = (*READ, *ACT)


@page(may_change_profiles, BOTH)
def new(request: HttpRequest) -> HttpResponse:
    """Begin a new profile, and go on with its draft."""
    form = NewProfileForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            draft = drafting.add_profile(actor=request.user, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error("slug", refusal.detail)
        else:
            return redirect("denials:profile_edit", draft.profile.slug)
    context = {"form": form, "crumbs": crumbs(("New profile", ""))}
    return render(request, "denials/profile_new.html", context)


@page(may_change_profiles, ACT)
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin a draft from what is in force, or go on with one’s own."""
    try:
        drafting.begin_draft(actor=request.user, slug=slug)
    except Refusal as refusal:
        return _back(request, slug, refusal)
    return redirect("denials:profile_edit", slug)


@page(may_change_profiles, BOTH)
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the person’s draft as a form beside what differs; save it when told."""
    shown = profile_page(slug, today())
    draft = shown.open
    if draft is None or not _is_mine(request, draft):
        return redirect("denials:profile", slug)
    forms = DraftForms(draft, request.POST or None)
    context = edit_context(shown, draft, forms)
    if request.method == "POST" and forms.is_valid():
        try:
            drafting.save_draft(
                actor=request.user,
                slug=slug,
                note=forms.note.cleaned_data["note"],
                levels=forms.level_rows(),
                floors=forms.floor_rows(),
            )
        except Refusal as refusal:
            context["refused"] = refusal.detail
        else:
            messages.success(request, "Saved. What differs stands on top.")
            return redirect("denials:profile_edit", slug)
    elif request.method == "POST":
        context["refused"] = "Some fields cannot be read. Each says what it takes."
    return render(request, "denials/profile_edit.html", context)


def _is_mine(request: HttpRequest, draft: ProfileVersion) -> bool:
    mine = draft.proposed_by_id == request.user.pk
    return mine and draft.state == VersionState.DRAFT


@page(may_change_profiles, ACT)
def propose(request: HttpRequest, slug: str) -> HttpResponse:
    """Hand the draft to another person."""
    try:
        data = checked(ProposeForm(request.POST))
        version = approving.propose(actor=request.user, slug=slug, **data)
    except Refusal as refusal:
        messages.warning(request, refusal.detail)
        return redirect("denials:profile_edit", slug)
    messages.success(request, "Proposed. Another person decides it.")
    return redirect("denials:profile_version", slug, version.number)


@page(may_change_profiles, ACT)
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a proposal or a draft back for good."""
    try:
        version = approving.withdraw(actor=request.user, slug=slug)
    except Refusal as refusal:
        return _back(request, slug, refusal)
    messages.success(request, f"Version {version.number} is withdrawn.")
    return redirect("denials:profile", slug)


@page(may_change_profiles, ACT)
def approve(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Put a proposed version in force; only what the person looked at is done."""
    try:
        effect = approving.approve(
            actor=request.user,
            slug=slug,
            number=number,
            looked=request.POST.get("looked", ""),
            reason=request.POST.get("reason", ""),
        )
    except Refusal as refusal:
        messages.warning(request, refusal.detail)
        return redirect("denials:profile_version", slug, number)
    messages.success(request, f"Version {number} is in force.{will_move(effect)}")
    return redirect("denials:profile", slug)


def will_move(effect: Effect) -> str:
    """Say how many running clocks move, and by whom."""
    if not effect.clocks:
        return ""
    moves = "moves" if effect.clocks == 1 else "move"
    clocks = counted(effect.clocks, "running clock")
    return f" {clocks} {moves} to another day: the worker does it from the next minute."


@page(may_change_profiles, ACT)
def send_back(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Give a proposal back to its author with the reason."""
    try:
        approving.send_back(
            actor=request.user,
            slug=slug,
            number=number,
            reason=request.POST.get("reason", ""),
        )
    except Refusal as refusal:
        messages.warning(request, refusal.detail)
        return redirect("denials:profile_version", slug, number)
    messages.success(request, f"Version {number} is sent back.")
    return redirect("denials:profile", slug)


@page(may_change_profiles, ACT)
def verify(request: HttpRequest, slug: str) -> HttpResponse:
    """Record that a row was held against its source."""
    try:
        data: dict[str, Any] = checked(VerifyForm(request.POST))
        verify_again(
            actor=request.user,
            slug=slug,
            level_id=data["level"],
            floor_id=data["floor"],
            verified_on=data["verified_on"],
            source=data["source"],
        )
    except Refusal as refusal:
        return _back(request, slug, refusal)
    messages.success(request, "Verified.")
    return redirect("denials:profile", slug)


def _back(request: HttpRequest, slug: str, refusal: Refusal) -> HttpResponse:
    messages.warning(request, refusal.detail)
    return redirect("denials:profile", slug)
