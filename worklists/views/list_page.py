"""What stands around a list: figures, views, chips, pager. Every filter is in the URL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from worklists import priority
from worklists.enums import Action, AgeBasis, Role, State
from worklists.flags import REGISTRY
from worklists.models import Queue, User, WorkItem
from worklists.policies import may_take
from worklists.selectors.access import access_of
from worklists.selectors.keyset import Page
from worklists.selectors.leaving import left_count
from worklists.selectors.pages.payers import payers_in_use
from worklists.selectors.queues import AT_RISK_DAYS, QueueView
from worklists.templatetags import wording
from worklists.workflow import TABLE, Transition

ANY = "any"
EVERYTHING = f"assignee={ANY}"
COLUMNS_PARAM, PINS = "columns", "pins"
MINE = "me_or_none"
FEW_STATES = 2
AGE_PARAMS = {
    AgeBasis.ARRIVAL: ("age_from", "age_to"),
    AgeBasis.SERVICE: ("service_age_from", "service_age_to"),
}
ASSIGNED = ((MINE, "me or nobody"), ("me", "me"), ("none", "nobody"), (ANY, "anybody"))


def age_params(basis: str, band: tuple[int, int | None]) -> dict[str, str]:
    """Return the filters of the items in an age band, on one basis."""
    pairs = zip(AGE_PARAMS[AgeBasis(basis)], band, strict=True)
    return {name: str(days) for name, days in pairs if days}


# Choices under one name that are several parameters: what each sets, and its words.
Choice = tuple[dict[str, str], str]
CLOCKS: tuple[Choice, ...] = (
    ({"overdue": "true"}, "overdue"),
    *(({"due_within": str(n)}, f"due in {n} days") for n in (3, 7, 14)),
    *(
        ({"deadline_within": str(n)}, f"payer deadline in {n} days")
        for n in (3, 7, AT_RISK_DAYS)
    ),
)
IDLE: tuple[Choice, ...] = tuple(
    ({"untouched": str(n)}, f"{n} days and longer") for n in (5, 14, 45)
)
AGES: tuple[Choice, ...] = tuple(
    (age_params(basis, band), f"{verb} {wording.days_between(*band)} ago")
    for basis, verb in ((AgeBasis.ARRIVAL, "arrived"), (AgeBasis.SERVICE, "served"))
    for band in priority.age_bands()
)
EVIDENCE = (("complete", "complete"), ("part", "in part"), ("nothing", "nothing yet"))
# Filters that figures of other pages set: named where they hold, not offered by themselves.
MEASURED = {
    "today": "Today",
    "review": "Review",
    "template": "Form",
    "stopped": "Stopped within days",
    "stopped_by": "Stopped by",
    "first_try": "First submit within days",
    "first_clean": "First submit clean within days",
}
AMOUNTS = (
    ("200", "$200 and more"),
    ("1000", "$1,000 and more"),
    ("5000", "$5,000 and more"),
)


# What arrived and what ended today, whoever had it.
ARRIVED = f"assignee={ANY}&state={ANY}&today=arrived"
ENDED_TODAY = f"assignee={ANY}&state={ANY}&today=ended"
FLAGS = tuple((flag.code, flag.label) for flag in REGISTRY.values())


def params_of(request: HttpRequest, view: QueueView) -> QueryDict:
    """Return the filters of a queue page; coders see mine and unassigned at first."""
    params = request.GET.copy()
    access = access_of(request.user)
    if "assignee" not in params and access.has(Role.CODER) and view.works:
        params["assignee"] = MINE
    return params


def known(params: QueryDict) -> QueryDict:
    """Return the parameters that filter and order; “anybody” is no filter."""
    found = params.copy()
    found.pop(COLUMNS_PARAM, None)
    found.pop(PINS, None)
    if found.get("assignee") == ANY:
        found.pop("assignee")
    return found


def query(params: QueryDict, **changes: str | None) -> str:
    """Return the query string with changes; the place in the list is forgotten."""
    kept = {name: texts for name, texts in params.lists() if name != "cursor"}
    for name, value in changes.items():
        kept.pop(name, None)
        if value is not None:
            kept[name] = [value]
    return urlencode(kept, doseq=True)


def listed(params: QueryDict) -> set[tuple[str, str]]:
    """Return what an address says of which items are listed and in which order."""
    look = ("cursor", COLUMNS_PARAM, PINS)
    said = ((name, text) for name, texts in params.lists() for text in texts)
    return {pair for pair in said if pair[0] not in look}


def narrowed_by(params: QueryDict) -> set[tuple[str, str]]:
    """Return what an address says of which items are listed."""
    return {pair for pair in listed(params) if pair[0] != "ordering"}


def address(params: QueryDict, **changes: str | None) -> str:
    """Return the query string of a link, never an empty one.

    A list that is asked for without a word stands as it stood last (``remembering``);
    whoever dropped the last filter wants all of it.
    """
    return query(params, **changes) or EVERYTHING


def figures(view: QueueView) -> list[dict[str, Any]]:
    """Return the strip of counts, each the filter it stands for."""
    f = view.figures
    return [
        _figure(f.active, "not ended", "?assignee=any"),
        _figure(f.open, "open", "?assignee=any&state=open"),
        _figure(f.overdue, "overdue", "?assignee=any&overdue=true", "over"),
        _figure(f.due_soon, "due in 3 days", "?assignee=any&due_within=3", "soon"),
        _figure(f.untouched, "untouched 5 days", "?assignee=any&untouched=5"),
        {
            "value": f"${f.at_risk}",
            "label": f"at risk, deadline in {AT_RISK_DAYS} days",
            "href": f"?assignee=any&deadline_within={AT_RISK_DAYS}",
        },
        _figure(f.returned, "returned", "?assignee=any&state=returned"),
        _figure(f.arrived, "arrived today", f"?{ARRIVED}"),
        _figure(f.ended, "ended today", f"?{ENDED_TODAY}"),
    ]


def left_link(request: HttpRequest, view: QueueView) -> dict[str, Any]:
    """Return the link to what left the queue today, with how many that were."""
    return {
        "label": "Left today",
        "href": reverse("worklists:queue_left", args=[view.queue.slug]),
        "count": left_count(request.user, view.queue),
        "current": False,
    }


def _figure(value: Any, label: str, href: str, tone: str = "") -> dict[str, Any]:
    return {
        "value": str(value),
        "label": label,
        "href": href,
        "tone": tone if value.value else "",
    }


def chips(params: QueryDict, rows: Sequence[WorkItem]) -> list[dict[str, Any]]:
    """Return the filters above the list: name, value now, choices, what to keep."""
    reasons = sorted({row.reason_code.split(" ")[0] for row in rows if row.reason_code})
    payers = payers_in_use()
    return [
        _chip(params, "State", "state", [(s.value, s.label) for s in State]),
        _chip(params, "Assigned", "assignee", ASSIGNED),
        _chip(params, "Payer", "payer", [(p.slug, p.name) for p in payers]),
        _linked_chip(params, "Clock", CLOCKS),
        _linked_chip(params, "Age", AGES),
        _linked_chip(params, "Idle", IDLE),
        _chip(params, "Reason", "reason", [(code, code) for code in reasons]),
        _chip(params, "Dollars", "amount_from", AMOUNTS),
        _chip(params, "Flag", "flag", FLAGS),
        _chip(params, "Evidence", "evidence", EVIDENCE),
        *(
            _chip(params, name, param, [(str(params[param]), str(params[param]))])
            for param, name in MEASURED.items()
            if params.get(param)
        ),
    ]


def _chip(
    params: QueryDict, name: str, param: str, choices: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    now = params.get(param, "")
    label = dict(choices).get(now, now.replace("_", " "))
    return {
        "name": name,
        "param": param,
        "value": label,
        "choices": [(value, text, None) for value, text in choices],
        "keep": query(params, **{param: None}),
        "drop": address(params, **{param: ANY if param == "assignee" else None}),
        "is_all": now == ANY,
    }


def _linked_chip(
    params: QueryDict, name: str, choices: Sequence[Choice]
) -> dict[str, Any]:
    """Return a filter whose choices are several parameters: each carries its own link.

    What an address says beside the choices still shows that the filter holds.
    """
    names = list(dict.fromkeys(param for sets, _ in choices for param in sets))
    nothing = dict.fromkeys(names)
    said = {param: params[param] for param in names if params.get(param)}
    keep = query(params, **nothing)
    return {
        "name": name,
        "param": next(iter(said), names[0]),
        "value": next((text for sets, text in choices if sets == said), "")
        or " · ".join(f"{param.replace('_', ' ')} {v}" for param, v in said.items()),
        "links": [
            (query(params, **{**nothing, **sets}), text) for sets, text in choices
        ],
        "keep": keep,
        "drop": keep or EVERYTHING,
        "is_all": False,
    }


def to_drop(
    request: HttpRequest, filters: Sequence[Mapping[str, Any]]
) -> dict[str, str] | None:
    """Return, for an empty list, how many filters hold and which one to drop.

    What the person chose goes before what the page chose for them.
    """
    active = [chip for chip in filters if chip["value"] and not chip["is_all"]]
    if not active:
        return None
    chosen = [chip for chip in active if chip["param"] in request.GET]
    last = (chosen or active)[-1]
    return {
        "title": f"No item matches {_all(len(active))}",
        "text": f"“{last['name']}: {last['value']}” is the narrowest. Drop it to see more.",
        "href": f"?{last['drop']}",
        "clear": f"{request.path}?{EVERYTHING}" if len(active) > 1 else "",
    }


def _all(count: int) -> str:
    return "this filter" if count == 1 else f"all {count} filters"


def pager(request: HttpRequest, found: Page[WorkItem]) -> dict[str, Any]:
    """Return the addresses of the pages beside this one."""

    def at(cursor: str | None) -> str:
        return f"?{query(request.GET)}&cursor={cursor}" if cursor else ""

    return {"next_url": at(found.next), "previous_url": at(found.previous)}


def bands() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what gives how many points, from the very tables that score."""
    tables = (
        ("Nearest payer deadline", priority.LEGAL),
        ("Dollars at stake", priority.DOLLARS),
        ("Age", priority.AGE),
        ("Internal clock", priority.INTERNAL),
        ("What came back before, from 30 decided items on", priority.RECOVERY),
        (
            "By hand, with a reason in the item’s history, or by the safety net",
            priority.LIFT,
        ),
    )
    return [
        (name, [(band.value, f"{band.points:+d}") for _, band in table if band])
        for name, table in tables
    ]


def fits() -> dict[str, dict[str, str]]:
    """Return for each act of the bar the states it is for, and what to say where none
    of the selected items stands in one."""
    return {
        row.action.value: {
            "states": " ".join(state.value for state in row.sources),
            "why": _why_unfit(row),
        }
        for row in TABLE
    }


def fits_in(queue: Queue, user: User) -> dict[str, dict[str, str]]:
    """Return ``fits`` on the page of a queue: where Next hands out, a person takes what
    is assigned to them and nothing else."""
    barred = may_take(access_of(user), WorkItem(queue=queue))
    if barred is None or barred.code != "next_only":
        return fits()
    why = "none is assigned to you, use Next"
    own = {"states": f"{State.OPEN}:{user.pk}", "why": why}
    return fits() | {Action.CLAIM.value: own}


def _why_unfit(row: Transition) -> str:
    if len(row.sources) > FEW_STATES:
        return "over or in review"
    return f"none is {' or '.join(str(s.label).lower() for s in row.sources)}"
