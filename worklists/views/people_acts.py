"""What a manager changes about one of their people; each act leads back to the page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from worklists.errors import BadInput, NotVisible
from worklists.forms import (
    ClearanceForm,
    FacilityGrantForm,
    QueueGrantForm,
    WorkForm,
    checked,
    whole,
)
from worklists.models import Facility, Queue
from worklists.selectors.pages.people import PersonView, grantable_by, person_for
from worklists.services import clearances, granting
from worklists.services.bulk_writing import Done
from worklists.templatetags.wording import counted
from worklists.views.access import ACT, may_see_people, page
from worklists.views.answering import go
from worklists.views.looking import grouped
from worklists.views.people import context_of


def to_person(request: HttpRequest, user_id: int, said: str = "") -> HttpResponse:
    """Lead back to the person's page."""
    return go(request, reverse("worklists:person", args=[user_id]), said)


def again(request: HttpRequest, view: PersonView, **typed: Any) -> HttpResponse:
    """Show the person's page with what was typed and what is wrong with it."""
    context = {**context_of(request.user, view), **typed}
    return render(request, "worklists/person.html", context, status=422)


@page(may_see_people, ACT)
def work(request: HttpRequest, user_id: int) -> HttpResponse:
    """Change capacity and tier."""
    person_for(request.user, user_id)
    user = granting.change_person(
        actor=request.user, user_id=user_id, **checked(WorkForm(request.POST))
    )
    return to_person(request, user_id, f"Changed for {user}.")


@page(may_see_people, ACT)
def clear(request: HttpRequest, user_id: int) -> HttpResponse:
    """Grant a clearance."""
    view = person_for(request.user, user_id)
    form = ClearanceForm(request.POST)
    if not form.is_valid():
        typed = {name: request.POST.get(name, "") for name in form.fields}
        wrong = {name: texts[0] for name, texts in form.errors.items()}
        return again(request, view, clearing={**typed, "wrong": wrong})
    given = checked(form)
    grant = clearances.grant_clearance(
        actor=request.user,
        user_id=user_id,
        clearance_id=given["clearance"],
        expires_on=given["expires_on"],
    )
    return to_person(request, user_id, f"{grant.user} holds “{grant.clearance}” now.")


@page(may_see_people, ACT)
def unclear(request: HttpRequest, user_id: int, grant_id: int) -> HttpResponse:
    """Take a clearance of the person back."""
    view = person_for(request.user, user_id)
    if grant_id not in {grant.pk for grant in view.clearances}:
        raise NotVisible("There is no such clearance of this person.")
    done = clearances.revoke_clearance(actor=request.user, grant_id=grant_id)
    said = f"“{done.grant.clearance}” taken back from {view.person}."
    if done.moved:
        said += f" {counted(done.moved, 'item')} went to the pool."
    if done.kept:
        said += f" {counted(done.kept, 'item')} that needs it stays: move it yourself."
    return to_person(request, user_id, said)


@page(may_see_people, ACT)
def queue(request: HttpRequest, user_id: int) -> HttpResponse:
    """Grant a queue."""
    person_for(request.user, user_id)
    given = checked(QueueGrantForm(request.POST))
    granting.grant_queue(
        actor=request.user,
        user_id=user_id,
        queue_id=given["queue"],
        verb=given["verb"],
    )
    return to_person(request, user_id, "Queue granted.")


@page(may_see_people, ACT)
def facility(request: HttpRequest, user_id: int) -> HttpResponse:
    """Grant a facility."""
    person_for(request.user, user_id)
    given = checked(FacilityGrantForm(request.POST))
    granting.grant_facility(
        actor=request.user, user_id=user_id, facility_id=given["facility"]
    )
    return to_person(request, user_id, "Facility granted.")


@page(may_see_people, ACT)
def revoke(request: HttpRequest, user_id: int) -> HttpResponse:
    """Take a queue or facility back: what they hold of it is shown first."""
    view = person_for(request.user, user_id)
    thing, verb = _named(request)
    if "confirm" in request.POST:
        return _revoke(request, user_id, thing, verb)
    names = {"queue_id": None, "facility_id": None}
    if isinstance(thing, Facility) or verb == "work":
        key = "queue_id" if isinstance(thing, Queue) else "facility_id"
        plan = granting.preview_revoke(
            actor=request.user, user_id=user_id, **(names | {key: thing.pk})
        )
    else:
        plan = granting.Plan()
    held = len(plan.placings) + len(plan.left)
    context = {
        "view": view,
        "thing": thing,
        "field": "queue" if isinstance(thing, Queue) else "facility",
        "verb": verb,
        "held": held,
        "sub": f"{view.person} holds {counted(held, 'item')} of “{thing}”.",
        "moves": len(plan.placings),
        "move": f"Take back and move {counted(len(plan.placings), 'item')}",
        "left": grouped(plan.left),
    }
    return render(request, "worklists/revoke.html", context)


def _named(request: HttpRequest) -> tuple[Queue | Facility, str]:
    """Return the queue or facility that is meant, among those the manager grants."""
    mine = grantable_by(request.user)
    things: list[Queue | Facility] = [*mine.facilities]
    pk = whole(request.POST.get("facility", ""))
    if "queue" in request.POST:
        things, pk = [*mine.queues], whole(request.POST["queue"])
    found = next((one for one in things if one.pk == pk), None)
    verb = request.POST.get("verb", "")
    if found is None or (isinstance(found, Queue) and verb not in granting.ROLE_FOR):
        raise BadInput("Name a queue or facility that you grant.")
    return found, verb


def _revoke(
    request: HttpRequest, user_id: int, thing: Queue | Facility, verb: str
) -> HttpResponse:
    to_pool = request.POST.get("confirm") == "pool"
    given = {"actor": request.user, "user_id": user_id, "to_pool": to_pool}
    moved: Done | None
    if isinstance(thing, Queue):
        moved = granting.revoke_queue(queue_id=thing.pk, verb=verb, **given)
    else:
        moved = granting.revoke_facility(facility_id=thing.pk, **given)
    said = f"“{thing}” taken back."
    if moved is not None:
        said += f" {counted(len(moved.plan.placings), 'item')} went to the pool."
        for line in grouped(moved.plan.left):
            messages.warning(request, str(line))
    return to_person(request, user_id, said)
