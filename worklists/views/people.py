"""A manager's people, and one person's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from worklists import policies
from worklists.enums import Tier
from worklists.models import Absence, User
from worklists.selectors.access import access_of
from worklists.selectors.pages.people import (
    Held,
    PersonView,
    grantable_by,
    history_of,
    people_for,
    person_for,
)
from worklists.selectors.people import clearances_to_give
from worklists.selectors.review_facts import rates_of
from worklists.selectors.staff import staff_ids
from worklists.selectors.time_on_items import DAYS, done_by
from worklists.services import reading
from worklists.services.granting import CODES, ROLE_FOR
from worklists.templatetags.wording import counted, day
from worklists.views.access import may_see_people, page
from worklists.views.sentences import things

MOST = 300
VERB_LABELS = {"work": "Works", "review": "Reviews", "manage": "Manages"}


@page(may_see_people)
def people(request: HttpRequest) -> HttpResponse:
    """Show the people below a manager or lead, with what they carry."""
    found = people_for(request.user)
    context = {"people": found[:MOST], "sub": line(found), "hidden": len(found) - MOST}
    return render(request, "worklists/people.html", context)


def line(found: Sequence[PersonView]) -> str:
    """Return the first line of the page from its numbers."""
    if not found:
        return "Nobody is in your teams yet."
    away = [one for one in found if one.away]
    full = [o for o in found if not o.away and o.carries > o.person.daily_capacity]
    said = [f"{things(len(found), 'person', 'people')} in your teams."]
    if away:
        said.append(f"{things(len(away), 'is', 'are')} away today.")
    if full:
        carry = things(len(full), "carries", "carry")
        said.append(f"{carry} more than a day’s items.")
    return " ".join(f"{text[0].upper()}{text[1:]}" for text in said)


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """One absence as the person's page shows it; ``ends`` names how to end it, ``asks``
    says whose it is and what ending it does."""

    absence: Absence
    words: str
    ends: str = ""
    asks: str = ""


@page(policies.may_read_person)
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show one person: work, absences, clearances, queues and facilities.

    An auditor reads it of anybody and changes nothing; that read is an event.
    """
    view = person_for(request.user, user_id)
    reading.record_audit_read(actor=request.user, kind="person", number=user_id)
    return render(request, "worklists/person.html", context_of(request.user, view))


def context_of(user: User, view: PersonView) -> dict[str, object]:
    """Return what the page of a person reads."""
    barred = policies.may_change_person(
        access_of(user), view.person.pk, staff_ids(user)
    )
    mine = grantable_by(user)
    may = {q.pk for q in mine.queues}
    fitting = [verb for verb, role in ROLE_FOR.items() if role.value in view.roles]
    keeps = policies.may_keep_absence(access_of(user), view.person.pk, staff_ids(user))
    return {
        "view": view,
        "sub": about(view),
        "sees_people": may_see_people(access_of(user)) is None,
        "keeps_absences": keeps is None,
        "may_change": barred is None,
        "why_not": barred.why if barred else "",
        "absences": [row_of(row) for row in history_of(view.person)],
        "grants": [
            (verb, VERB_LABELS[verb], [(one, one.id in may) for one in view.held(verb)])
            for verb in ROLE_FOR
        ],
        "verbs": [(verb, VERB_LABELS[verb]) for verb in fitting],
        "queues": mine.queues,
        "facilities": _missing(mine.facilities, view.facilities),
        "mine": {f.pk for f in mine.facilities},
        "clearances": clearances_to_give(view.person),
        "done": done_by(view.person, user),
        "done_meta": f"last {DAYS} days",
        "rates": rates_of(view.person),
        "tiers": Tier.choices,
        "codes": list(CODES.items()),
    }


def _missing(offered: Sequence[object], held: Sequence[Held]) -> list[object]:
    own = {one.id for one in held if not one.by}
    return [one for one in offered if one.pk not in own]  # type: ignore[attr-defined]


def about(view: PersonView) -> str:
    """Return a person in a sentence: role, load, absence."""
    who = view.person
    said = [
        f"Carries {counted(view.carries, 'item')}; a day holds {who.daily_capacity}."
    ]
    if view.away:
        said.append(
            f"Away until {day(view.away.ends_on)}; {view.away.stands_in} stands in."
        )
    elif view.coming:
        said.append(f"Away from {day(view.coming.starts_on)}.")
    return " ".join(said)


def row_of(absence: Absence) -> AbsenceRow:
    """Return an absence with where it stands."""
    begun, who = absence.handed_over_at is not None, absence.user
    if absence.closed_at is None:
        days = f"{day(absence.starts_on)} to {day(absence.ends_on)}"
        if not begun:
            words = "Nothing has moved yet."
            asks = f"Cancel the absence of {who}, {days}? Nothing has moved, and nothing will."
            return AbsenceRow(absence, words, ends="Cancel it", asks=asks)
        moved = absence.hand_over.done if absence.hand_over else 0
        words = f"{counted(moved, 'item')} handed over."
        asks = (
            f"End the absence of {who}, {days}, now? Of {counted(moved, 'item')} handed "
            f"over, those that nobody touched since come back to {who}; the others stay "
            "where they are."
        )
        return AbsenceRow(absence, words, ends="Back now", asks=asks)
    if not begun:
        return AbsenceRow(absence, "Cancelled before it began.")
    closed = absence.closed_at.astimezone(ZoneInfo(absence.user.time_zone))
    early = closed.date() <= absence.ends_on
    return AbsenceRow(absence, "Ended early." if early else "Over.")
