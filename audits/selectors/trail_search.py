"""Searching the trail: what is asked for, how far a page looks, what can be narrowed.

Made for ten million events. A page reads along one index and looks at ``LOOK`` events
at most before it says so; nothing is counted beyond ``MOST`` events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Concat

from audits.selectors.trail import events_for, events_of
from worklists.models import Event, Facility, Queue, User
from worklists.role_words import ROLES
from worklists.selectors import keyset
from worklists.selectors.access import access_of
from worklists.selectors.event_names import WORKER
from worklists.selectors.keyset import Key, Ordering, Page
from worklists.selectors.people import names_of
from worklists.trail_words import (
    ACTIONS,
    FAMILIES,
    NATURES,
    SOURCES,
    actions_in,
    family_of,
    nature_of,
)

LOOK = 200_000
MOST = 1_000
MOST_CHOICES = 12
KINDS = {
    "item": "Items",
    "claim": "Claims",
    "user": "People",
    "batch": "Files",
    "profile": "Payer profiles",
    "rule": "Rules",
    "site": "The site",
}
RECORDED = Ordering("newest", (Key("id", "int", descending=True),))
HAPPENED = Ordering(
    "happened",
    (Key("occurred_at", "moment", descending=True), Key("id", descending=True)),
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search of the trail asks for; empty means any."""

    subject: str = ""
    action: str = ""
    actor: str = ""
    source: str = ""
    since: datetime | None = None
    until: datetime | None = None
    family: str = ""
    nature: str = ""
    role: str = ""
    kind: str = ""
    queue: str = ""
    facility: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """Every event that meets the filters, and the index to walk along.

    ``along`` is what that index serves, None where a subject bounds the search or
    nothing else narrows it, no facility of the reader's either: then no page can look
    at too much.
    """

    rows: QuerySet[Event]
    along: QuerySet[Event] | None
    ordering: Ordering


def search(user: User, filters: Filters) -> Search:
    """Return the events that meet every filter, newest first.

    With a period and nobody named they are ordered by when they happened, else by when
    they were recorded. Raises what ``events_of`` and ``events_for`` raise.
    """
    if filters.subject:
        found = events_of(user, filters.subject).filter(*_narrow(filters).values())
        return Search(found, None, RECORDED)
    wanted = _narrow(filters)
    scope = events_for(user)
    driver = next((n for n in ("actor", "action", "period") if n in wanted), "")
    ordering = HAPPENED if driver == "period" else RECORDED
    rows = scope.filter(*wanted.values())
    if not set(wanted) - {driver} and _sees_every_place(user):
        return Search(rows, None, ordering)
    along = Event.objects.filter(wanted[driver]) if driver else Event.objects.all()
    return Search(rows, along, ordering)


def _sees_every_place(user: User) -> bool:
    return not Facility.objects.exclude(pk__in=access_of(user).facilities).exists()


def _narrow(filters: Filters) -> dict[str, Q]:
    """Return the conditions by name, in the order in which they are asked for."""
    found: dict[str, Q] = {}
    if filters.actor:
        found["actor"] = by_actor(filters.actor)
    if filters.action:
        found["action"] = Q(action=filters.action)
    if filters.since or filters.until:
        found["period"] = _period(filters)
    if filters.family or filters.nature:
        actions = actions_in(family=filters.family, nature=filters.nature)
        found["sort"] = Q(action__in=actions)
    plain = {"source": filters.source, "subject_kind": filters.kind}
    found |= {name: Q(**{name: value}) for name, value in plain.items() if value}
    places = {"queue": Queue, "facility": Facility}
    for name, model in places.items():
        if slug := getattr(filters, name):
            ids = model.objects.filter(slug=slug).values_list("pk", flat=True)  # type: ignore[attr-defined]
            found[name] = Q(**{f"{name}_id": ids.first() or 0})
    if filters.role:
        found["role"] = _with_role(filters.role)
    return found


def _period(filters: Filters) -> Q:
    asked = {"gte": filters.since, "lt": filters.until}
    return Q(**{f"occurred_at__{op}": at for op, at in asked.items() if at})


def _with_role(role: str) -> Q:
    """Roles of an event are one text: coder+reviewer."""
    ends = Q(actor_role__startswith=f"{role}+") | Q(actor_role__endswith=f"+{role}")
    return Q(actor_role=role) | ends | Q(actor_role__contains=f"+{role}+")


def by_actor(name: str) -> Q:
    """Return who is meant: a username, a full name, or both as “Ana Ruiz (a.ruiz)”.

    What is none of them is the name as it was kept.
    """
    if name.casefold() == WORKER.casefold():
        return Q(actor_name="worker")
    full = Concat("first_name", Value(" "), "last_name")
    told = Concat("full", Value(" ("), "username", Value(")"))
    people = User.objects.annotate(full=full, told=told).filter(
        Q(username__iexact=name) | Q(full__iexact=name) | Q(told__iexact=name)
    )
    ids = list(people.values_list("pk", flat=True))
    return Q(actor_id__in=ids) if ids else Q(actor_name=name)


@dataclass(frozen=True, slots=True)
class Found:
    """One page; ``further`` leads on where the look ended at ``looked_back_to``."""

    page: Page[Event]
    further: str
    looked_back_to: datetime | None


def page_of(found: Search, *, cursor: str = "", size: int = keyset.SIZE) -> Found:
    """Return one page of a search; it looks at ``LOOK`` events and no more."""
    edge, rows = _within(found, cursor)
    page = keyset.page(rows, found.ordering, cursor=cursor, size=size)
    if edge is None or page.next:
        return Found(page, "", None)
    further = keyset.cursor_after(edge, found.ordering)
    return Found(page, further, edge.occurred_at)


def _within(found: Search, cursor: str) -> tuple[Event | None, QuerySet[Event]]:
    if found.along is None:
        return None, found.rows
    keys = [key.name for key in found.ordering.keys]
    lean = found.along.only(*{"occurred_at", *keys})
    edge = keyset.far_off(lean, found.ordering, cursor=cursor, rows_on=LOOK)
    if edge is None:
        return None, found.rows
    return edge, found.rows.filter(keyset.up_to(edge, found.ordering))


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to narrow a search: its choices with how many events each has."""

    name: str
    param: str
    choices: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Facets:
    """How many events meet the filters, and how they divide; bounded by ``MOST``."""

    total: str
    more: bool
    by: list[Facet]


_COLUMNS = (
    *("action", "actor_name", "actor_role", "queue_id", "facility_id"),
    *("subject_kind", "source"),
)
Row = tuple[Any, ...]


def facets_of(user: User, found: Search) -> Facets:
    """Return how the newest events of a search divide: one bounded query and names.

    People are named, and asked for by that name.

    Beyond ``MOST`` events every figure is said as “at least”.
    """
    _, rows = _within(found, "")
    names = [f"-{key.name}" for key in found.ordering.keys]
    seen = list(rows.order_by(*names).values_list(*_COLUMNS)[: MOST + 1])
    more = len(seen) > MOST
    plus = "+" if more else ""
    queues, places = (
        _names(Queue, access_of(user).view),
        _names(Facility, access_of(user).facilities),
    )
    divided = {
        ("Reads or changes", "nature"): _count(
            seen, lambda r: [nature_of(r[0])], NATURES
        ),
        ("Sort of act", "family"): _count(seen, lambda r: [family_of(r[0])], _FAMILY),
        ("Act", "action"): _count(seen, lambda r: [r[0]], ACTIONS),
        ("Person", "actor"): _people(seen),
        ("Role that day", "role"): _count(seen, lambda r: r[2].split("+"), ROLES),
        ("Queue", "queue"): _count(seen, _named_by(queues, 3), None, queues),
        ("Facility", "facility"): _count(seen, _named_by(places, 4), None, places),
        ("Chain of", "kind"): _count(seen, lambda r: [r[5]], KINDS),
        ("Came through", "source"): _count(seen, lambda r: [r[6]], SOURCES),
    }
    return Facets(
        f"{min(len(seen), MOST):,}{plus}",
        more,
        [
            Facet(name, param, [(v, label, f"{n:,}{plus}") for v, label, n in choices])
            for (name, param), choices in divided.items()
        ],
    )


_FAMILY = {name: label for name, (label, _) in FAMILIES.items()}
Names = dict[int, tuple[str, str]]


def _names(model: type[Queue | Facility], ids: Iterable[int]) -> Names:
    rows = model.objects.filter(pk__in=ids).values_list("pk", "slug", "name")
    return {pk: (slug, name) for pk, slug, name in rows}


def _named_by(names: Names, at: int) -> Callable[[Row], list[str]]:
    return lambda row: [names[row[at]][0]] if row[at] in names else []


def _people(rows: Iterable[Row]) -> list[tuple[str, str, int]]:
    """Return who acted by name, which is also what is asked for."""
    found = _count(rows, lambda row: [row[1]], None)
    names = names_of([username for username, *_ in found]) | {"worker": WORKER}
    told = [(names.get(username, username), n) for username, _, n in found]
    return [(name, name, n) for name, n in told]


def _count(
    rows: Iterable[Row],
    read: Callable[[Row], list[str]],
    labels: dict[str, str] | None,
    names: Names | None = None,
) -> list[tuple[str, str, int]]:
    """Return value, label and count, the most frequent first; unknown values go out."""
    counts = Counter(value for row in rows for value in read(row) if value)
    words = dict(names.values()) if names is not None else labels
    known = [
        (value, words[value] if words else value, n)
        for value, n in counts.most_common()
        if words is None or value in words
    ]
    return known[:MOST_CHOICES]
