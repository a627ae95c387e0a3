"""Payer profiles to read: the list, one profile with its calculator, one version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from denials.enums import StartEvent, VersionState
from denials.forms import CalculatorForm, ProposeForm
from denials.models import AppealProfile, ProfileVersion
from denials.policies import may_change_profiles, may_decide_version
from denials.selectors.profile_pages import (
    ProfilePage,
    ProfileRow,
    Row,
    compared,
    profile_page,
    profile_rows,
)
from denials.selectors.profiles import (
    Counted,
    counted_for,
    moving_by,
    profile_numbered,
    profile_of,
    site_calendar,
)
from denials.selectors.recounting import effect_of
from worklists.context import now
from worklists.errors import BadInput, NotVisible
from worklists.selectors.access import access_of
from worklists.services import reading
from worklists.templatetags.wording import counted
from worklists.views.access import anyone, page

TONES = {
    VersionState.DRAFT: ("edit", ""),
    VersionState.PROPOSED: ("hourglass", "soon"),
    VersionState.IN_FORCE: ("circle-check", "done"),
    VersionState.SUPERSEDED: ("history", ""),
    VersionState.WITHDRAWN: ("circle-x", ""),
}
Crumbs = list[tuple[str, str]]


def today() -> date:
    """Return the day it is for the person."""
    return timezone.localtime(now()).date()


def crumbs(*more: tuple[str, str]) -> Crumbs:
    """Return where the person is, below the list of profiles."""
    return [("Payer profiles", reverse("denials:profiles") if more else ""), *more]


@page(anyone)
def index(request: HttpRequest) -> HttpResponse:
    """Show every profile, what holds today, what waits and what warns."""
    rows = profile_rows(today())
    context = {
        "rows": [Shown.of(row) for row in rows],
        "sub": line(rows),
        "crumbs": crumbs(),
        "may_change": may_change_profiles(access_of(request.user)) is None,
    }
    return render(request, "denials/profiles.html", context)


@dataclass(frozen=True, slots=True)
class Shown:
    """A profile as a row of the list."""

    row: ProfileRow
    limits: str
    tag: tuple[str, str, str] | None

    @classmethod
    def of(cls, row: ProfileRow) -> Shown:
        """Word a profile: its limits in one line, and the version that is open."""
        limits = ", ".join(
            f"{'filing' if step.level.is_filing else step.level.level}: {step.limit}"
            for step in row.steps
        )
        return cls(row, limits, state_tag(row.open) if row.open else None)


def state_tag(version: ProfileVersion) -> tuple[str, str, str]:
    """Return how a version stands: words, icon, tone."""
    state = VersionState(version.state)
    return str(state.label), *TONES[state]


def line(rows: Sequence[ProfileRow]) -> str:
    """Return the first line of the list: what to do now."""
    waiting = sum(
        bool(row.open and row.open.state == VersionState.PROPOSED) for row in rows
    )
    relied = sum(bool(row.warned and row.payers) for row in rows)
    said = []
    if waiting:
        verb = "waits" if waiting == 1 else "wait"
        said.append(f"{counted(waiting, 'change')} {verb} for another person’s word.")
    if relied:
        said.append(
            f"{counted(relied, 'profile')} that payers point to should be checked "
            "against the source."
        )
    return " ".join(said) or "Every profile that payers use is verified."


@page(anyone)
def by_number(_request: HttpRequest, number: int) -> HttpResponse:
    """Lead to the profile of a number, as events name it."""
    return redirect("denials:profile", profile_numbered(number).slug)


@page(anyone)
def profile(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one profile: calculator, steps with sources, versions with who decided."""
    shown = profile_page(slug, today())
    _note(request, shown.profile)
    form, result, refused = calculated(shown, request.GET)
    access = access_of(request.user)
    context = {
        "profile": shown.profile,
        "shown": shown,
        "form": form,
        "result": result,
        "refused": refused,
        "start": StartEvent(result.deadline.start_event).label if result else "",
        "history": [(one, state_tag(one)) for one in shown.versions],
        "warned": sum(bool(step.warnings) for step in shown.steps),
        "oldest": oldest_check(shown.steps),
        "may_change": may_change_profiles(access) is None,
        "mine": shown.open is not None and shown.open.proposed_by_id == request.user.pk,
        "moving": moving_by(shown.profile),
        "today": today(),
        "crumbs": crumbs((str(shown.profile), "")),
    }
    return render(request, "denials/profile.html", context)


def _note(request: HttpRequest, read: AppealProfile) -> None:
    reading.record_audit_read(actor=request.user, kind="profile", number=read.pk)


def oldest_check(steps: Sequence[Row]) -> date | None:
    """Return the day on which the row verified longest ago was, floors included."""
    days = [step.level.verified_on for step in steps]
    days += [floor.verified_on for step in steps for floor, _, _ in step.floors]
    return min(filter(None, days), default=None)


@page(anyone)
def moving(request: HttpRequest, slug: str) -> HttpResponse:
    """Say how many running clocks have moved by now; asked again while some do."""
    found = profile_of(slug)
    context = {"profile": found, "moving": moving_by(found), "asked_again": True}
    return render(request, "denials/profiles/_moving.html", context)


def calculated(
    shown: ProfilePage, asked: Mapping[str, Any]
) -> tuple[CalculatorForm | None, Counted | None, str]:
    """Return the calculator, what it found, and why it found nothing.

    There is none without a version that holds, or without a facility's calendar.
    """
    if not shown.steps or not shown.facilities:
        return None, None, ""
    steps = [(step.level.level, step.name) for step in shown.steps]
    form = CalculatorForm(asked if "notice" in asked else None, steps=steps)
    default = next((f for f in shown.facilities if f.is_default), shown.facilities[0])
    form.initial = {"facility": default.slug, "level": 1}
    if not form.is_bound or not form.is_valid():
        return form, None, ""
    data = form.cleaned_data
    try:
        found = counted_for(
            shown.profile.slug,
            data["level"],
            notice_on=data["notice"],
            received_on=data["received"],
            calendar=site_calendar(data["facility"]),
            today=today(),
        )
    except BadInput as refusal:
        return form, None, refusal.detail
    return form, found, ""


@page(anyone)
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show one version: what differs, why, what it does to clocks that run, by whom."""
    shown = profile_page(slug, today())
    found = next((one for one in shown.versions if one.number == number), None)
    if found is None:
        raise NotVisible(f"There is no version {number} of this profile.")
    _note(request, shown.profile)
    before, changes = compared(found, shown.versions, today())
    barred = may_decide_version(access_of(request.user), found)
    waits = found.state == VersionState.PROPOSED
    since = found.effective_from
    context = {
        "profile": shown.profile,
        "version": found,
        "before": before,
        "changes": changes,
        "tag": state_tag(found),
        "words": found.words.select_related("said_by"),
        "waits": waits,
        "why_not": barred.why if barred else "",
        "effect": effect_of(found, since) if waits and since else None,
        "mine": found.proposed_by_id == request.user.pk,
        "crumbs": crumbs(
            (str(shown.profile), reverse("denials:profile", args=[slug])),
            (f"Version {number}", ""),
        ),
    }
    return render(request, "denials/profile_version.html", context)


def edit_context(
    shown: ProfilePage, draft: ProfileVersion, forms: Any
) -> dict[str, Any]:
    """Return what the page of a draft shows."""
    before, changes = compared(draft, shown.versions, today())
    return {
        "profile": shown.profile,
        "version": draft,
        "forms": forms,
        "before": before,
        "changes": changes,
        "propose_form": ProposeForm(),
        "crumbs": crumbs(
            (
                str(shown.profile),
                reverse("denials:profile", args=[shown.profile.slug]),
            ),
            (f"Version {draft.number}, draft", ""),
        ),
    }
