"""Recording an absence: who stands in, look, record; changing and ending one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from worklists.enums import POOL, State
from worklists.errors import NotVisible, Refusal
from worklists.forms import AbsenceForm, LastDayForm, checked
from worklists.models import Absence, User
from worklists.selectors.absences import absences_for
from worklists.selectors.access import today_of
from worklists.selectors.pages.people import backups_for, person_for
from worklists.services import absences
from worklists.services.absences import Foreseen
from worklists.services.covering import HandOver
from worklists.services.placing import by_person
from worklists.templatetags.wording import counted, day
from worklists.views.access import ACT, BOTH, may_see_people, page
from worklists.views.looking import grouped, named
from worklists.views.people_acts import again, to_person

ORDER = (State.IN_PROGRESS, State.RETURNED, State.OPEN, State.PENDING)
STATE_WORDS = {
    State.IN_PROGRESS: "in progress",
    State.RETURNED: "returned to them",
    State.OPEN: "given, not taken yet",
    State.PENDING: "deferred",
}


@page(may_see_people, BOTH)
def record(request: HttpRequest, user_id: int) -> HttpResponse:
    """Ask for days and backup, show the whole effect, record it when told."""
    view = person_for(request.user, user_id)
    given = _given(request, view.person)
    looked = "|".join(str(given.get(k, "")) for k in ("starts_on", "ends_on", "backup"))
    seen, refused, wrong = _seen(request, user_id, given)
    if seen and "confirm" in request.POST and request.POST.get("looked") == looked:
        return _record(request, user_id, given)
    context = {
        "view": view,
        "form": given,
        "wrong": wrong,
        "looked": looked,
        "backups": backups_for(request.user, view.person),
        "seen": seen,
        "refused": refused,
        "held": _held(seen.hand_over) if seen else (),
        "moves": _moves(seen) if seen else (),
        "passed_by": _passed_by(seen.hand_over) if seen else (),
        "left": grouped(seen.hand_over.plan.left) if seen else (),
        "button": _button(seen) if seen else "",
    }
    return render(request, "worklists/absence.html", context)


def _given(request: HttpRequest, person: User) -> dict[str, Any]:
    """Return what the form holds: as posted, or today for a start."""
    if request.method != "POST":
        today = today_of(person)
        return {"starts_on": today, "ends_on": today, "backup": ""}
    return {name: request.POST.get(name, "") for name in AbsenceForm.base_fields}


def _seen(
    request: HttpRequest, user_id: int, given: dict[str, Any]
) -> tuple[Foreseen | None, str, dict[str, str]]:
    """Return what would happen, or why these days or this backup are refused.

    A refusal names its fields; what was typed stays as it is.
    """
    if request.method != "POST":
        return None, "", {}
    try:
        asked = checked(AbsenceForm(given))
        seen = absences.preview_absence(actor=request.user, user_id=user_id, **asked)
    except Refusal as refusal:
        wrong = {name: texts[0] for name, texts in refusal.fields.items() if texts}
        return None, refusal.detail, wrong
    return seen, "", {}


def _held(done: HandOver) -> list[str]:
    return [
        f"{counted(done.held[state], 'item')} {STATE_WORDS[state]}"
        for state in ORDER
        if done.held[state]
    ]


def _moves(seen: Foreseen) -> list[tuple[str, int]]:
    """Return who gets how many, by name."""
    names = (
        {seen.hand_over.backup.username: str(seen.hand_over.backup)}
        if (seen.hand_over.backup)
        else {}
    )
    counts = by_person(seen.hand_over.plan)
    return [
        (names.get(who, "Back to the pool"), count) for who, count in counts.items()
    ]


def _passed_by(done: HandOver) -> list[str]:
    return [named(why, numbers) for why, numbers in done.passed_by.items()]


def _button(seen: Foreseen) -> str:
    count = len(seen.hand_over.plan.placings)
    if seen.now:
        return f"Record and hand over {counted(count, 'item')}"
    return "Record the absence"


def _record(request: HttpRequest, user_id: int, given: dict[str, Any]) -> HttpResponse:
    absence, done = absences.record_absence(
        actor=request.user, user_id=user_id, **checked(AbsenceForm(given))
    )
    if done is None:
        said = f"What {absence.user} holds moves on {day(absence.starts_on)}."
        return to_person(request, user_id, said)
    return to_person(request, user_id, f"Recorded. {_handed(request, done)}")


def _handed(request: HttpRequest, done: HandOver) -> str:
    """Say what went to whom; what stayed stands beside it."""
    went = ", ".join(
        f"{count} to {'the pool' if who == POOL else who}"
        for who, count in by_person(done.plan).items()
    )
    for line in grouped(done.plan.left):
        messages.warning(request, str(line))
    return f"Handed over: {went or 'nothing'}."


@page(may_see_people, ACT)
def hand_over(request: HttpRequest, absence_id: int) -> HttpResponse:
    """Hand over what somebody who is away holds, where that is left to people."""
    absence, done = absences.hand_over(actor=request.user, absence_id=absence_id)
    return to_person(request, absence.user_id, _handed(request, done))


@page(may_see_people, ACT)
def until(request: HttpRequest, absence_id: int) -> HttpResponse:
    """Move the last day of an absence."""
    form = LastDayForm(request.POST)
    if "ends_on" in form.errors:
        return _wrong_day(request, absence_id, form)
    given = checked(form)
    absence = absences.change_absence(
        actor=request.user, absence_id=absence_id, **given
    )
    return _back(request, absence, f"Away until {day(absence.ends_on)} now.")


def _wrong_day(
    request: HttpRequest, absence_id: int, form: LastDayForm
) -> HttpResponse:
    """Show the person's page with the day as it was typed, and why it is none."""
    absence = absences_for(request.user).filter(pk=absence_id).first()
    if absence is None:
        raise NotVisible("There is no such absence.")
    moving = {
        "absence": absence_id,
        "ends_on": request.POST.get("ends_on", ""),
        "wrong": form.errors["ends_on"][0],
    }
    return again(request, person_for(request.user, absence.user_id), moving=moving)


@page(may_see_people, ACT)
def end(request: HttpRequest, absence_id: int) -> HttpResponse:
    """End an absence, or cancel one that has not begun, and say what happened."""
    absence, plan = absences.end_absence(actor=request.user, absence_id=absence_id)
    if plan is None:
        return _back(
            request,
            absence,
            f"The absence of {absence.user} is cancelled. Nothing had moved.",
        )
    for line in grouped(plan.left):
        messages.warning(request, str(line))
    back = counted(len(plan.placings), "item")
    return _back(request, absence, f"{absence.user} is back: {back} came back.")


def _back(request: HttpRequest, absence: Absence, said: str) -> HttpResponse:
    return to_person(request, absence.user_id, said)
