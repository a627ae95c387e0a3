"""The start page: what to do now, by the roles a person holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from worklists.context import now
from worklists.enums import Role, State
from worklists.event_words import sentence
from worklists.models import User
from worklists.selectors.absences import ahead_of
from worklists.selectors.access import access_of, today_of
from worklists.selectors.event_names import named
from worklists.selectors.items import item_page, mine
from worklists.selectors.next_up import next_up
from worklists.selectors.pages import start as reads
from worklists.selectors.pages.escalations import calls_for
from worklists.selectors.queues import (
    AT_RISK_DAYS,
    Figure,
    QueueView,
    queues_for,
)
from worklists.selectors.review_facts import Rates, rates_of
from worklists.selectors.reviews import returned_to, review_groups, to_decide
from worklists.templatetags import wording
from worklists.views import sentences
from worklists.views.access import anyone, page
from worklists.views.escalating import called
from worklists.views.manage import FIRST, worst_first
from worklists.views.returns import came_back
from worklists.views.rows import row_of, rows_of

SHOWN = 8
RATES = 5
GREETINGS = ((12, "Good morning"), (17, "Good afternoon"), (24, "Good evening"))


@page(anyone)
def start(request: HttpRequest) -> HttpResponse:
    """Show what waits for this person, first thing first."""
    user, access = request.user, access_of(request.user)
    context: dict[str, Any] = {
        "greeting": greeting(user),
        "roles": access.roles,
        "sections": [],
        "absences": [sentences.absence_line(one, user) for one in ahead_of(user)],
    }
    for role, section in SECTIONS.items():
        if role in access.roles:
            context |= section(user)
            context["sections"].append(f"worklists/start/_{role}.html")
    context["sub"] = sentences.start_line(context)
    return render(request, "worklists/start.html", context)


def greeting(user: User) -> str:
    """Return the greeting of the person's time of day."""
    hour = timezone.localtime(now()).hour
    words = next(words for until, words in GREETINGS if hour < until)
    return f"{words}, {user.first_name or user.username}"


def for_coder(user: User) -> dict[str, Any]:
    """Return the next item and why, what came back, what is theirs, feedback."""
    found = [row_of(item) for item in next_up(user)]
    back = [came_back(one) for one in returned_to(user)]
    held = mine(user).exclude(state=State.RETURNED)
    over, soon = reads.pressing(user)
    rows = rows_of(item_page(user, held, ordering="due", size=SHOWN).rows)
    bites = reads.bites_first(user)
    return {
        "bites": row_of(bites) if bites else None,
        "next": found[0] if found else None,
        "then": found[1:],
        "returned": back,
        "mine": rows,
        "feedback": reads.feedback_on(user),
        "rates": most_proven(rates_of(user)),
        "days": [
            (day_word(day.on, today_of(user)), day) for day in reads.days_of(user)
        ],
        "over": over,
        "soon": soon,
    }


def day_word(on: date, today: date) -> str:
    """Return a day of the last ones as people call it: Today, Yesterday, Friday."""
    if word := {0: "Today", 1: "Yesterday"}.get((today - on).days):
        return word
    return f"{on:%A}" if (today - on).days < WEEK else wording.day(on, today)


WEEK = 7


def most_proven(rates: Rates) -> Rates:
    """Return the rates with the most proof behind them; queues never looked at not."""
    looked_at = [pair for pair in rates if pair[1].per_block]
    return sorted(looked_at, key=lambda pair: -pair[1].looked)[:RATES]


def for_reviewer(user: User) -> dict[str, Any]:
    """Return what waits for a decision, by the reason it came, and for an answer."""
    return {**_escalations(user), **_to_decide(user)}


def _to_decide(user: User) -> dict[str, Any]:
    groups = review_groups(user, shown=5)
    own = to_decide(groups)
    return {
        "groups": groups,
        "to_review": own.count,
        "beyond": own.beyond,
        "over_time": own.over,
    }


def for_manager(user: User) -> dict[str, Any]:
    """Return what must be answered, what is reserved for their decision, and how the
    queues stand, worst first."""
    none = {"calls": [], "team_calls": [], "waiting": Figure(0), "others": Figure(0)}
    views = queues_for(user)
    calls = none | _escalations(user)
    return {
        **calls,
        **_to_decide(user),
        "queues": worst_first(user, views),
        "firsts": first_steps(calls["waiting"], views),
    }


def first_steps(waiting: Figure, views: Sequence[QueueView]) -> list[dict[str, Any]]:
    """Return what a manager looks at first, each a link to just these items."""
    items = reverse("worklists:items")
    overdue = Figure.sum(view.figures.overdue for view in views)
    lying = Figure.sum(view.figures.unassigned for view in views)
    return [
        {
            "value": str(waiting),
            "label": "escalations for you",
            "href": f"{reverse('worklists:escalations')}?of=own",
            "tone": "over" if waiting.value else "",
        },
        {
            "value": str(overdue),
            "label": "overdue",
            "href": f"{items}?assignee=any&overdue=true",
            "tone": "over" if overdue.value else "",
        },
        {
            "value": str(lying),
            "label": f"with nobody, payer deadline in {AT_RISK_DAYS} days",
            "href": f"{items}?assignee=none&deadline_within={AT_RISK_DAYS}",
            "tone": "soon" if lying.value else "",
        },
    ]


def _escalations(user: User) -> dict[str, Any]:
    """Return what waits for the person's answer, as manager, lead or supervisor, and
    what waits for others of their teams."""
    found = calls_for(user, FIRST)
    if not (found.own or found.others):
        return {}
    return {
        "calls": called(user, found.own),
        "team_calls": called(user, found.others),
        "waiting": found.waiting,
        "others": found.waiting_others,
    }


def for_auditor(user: User) -> dict[str, Any]:
    """Return the newest decisions in the person's scope."""
    pairs = reads.recent_decisions(user)
    names = named([event for event, _ in pairs])
    return {
        "decisions": [
            (event, item, said, sentence(event.action, said.facts))
            for (event, item), said in zip(pairs, names, strict=True)
        ]
    }


def for_administrator(_user: User) -> dict[str, Any]:
    """Return what can be set up, as a list of links."""
    return {"setup": [(*words, _admin(model)) for *words, model in SETUP]}


def _admin(place: str) -> str:
    """Return the address of a page, or of a model's list; of all where it has none."""
    try:
        return reverse(place if ":" in place else f"admin:{place}_changelist")
    except NoReverseMatch:
        return reverse("admin:index")


SETUP = (
    ("People and roles", "Users, their roles, tiers and passwords", "worklists_user"),
    ("Teams", "Leads, managers and members", "worklists_team"),
    ("Absences", "Who is away, and who stands in", "worklists_absence"),
    ("Clearances held", "Grant one, take one back", "worklists_clearancegrant"),
    ("Payers", "Names in files, plan type, watch", "worklists_payer"),
    ("Payer profiles", "Appeal levels, limits, sources", "denials:profiles"),
    ("Facilities", "Identifiers by which payers name them", "worklists_facility"),
    ("Calendars", "Working hours and holidays", "worklists_businesscalendar"),
    ("Banners", "Words above every page, by role and date", "worklists_banner"),
    ("Reasons for deferring", "What pauses, for how long", "worklists_pendreason"),
    ("Guidance", "Policies that decisions cite, in versions", "worklists_guidance"),
    ("Queues", "Purpose, owner, policies, clearance; to read", "worklists_queue"),
    ("Routing rules", "Which item goes where; to read", "worklists_routingrule"),
)
SECTIONS = {
    Role.CODER.value: for_coder,
    Role.REVIEWER.value: for_reviewer,
    Role.MANAGER.value: for_manager,
    Role.AUDITOR.value: for_auditor,
    Role.ADMINISTRATOR.value: for_administrator,
}
