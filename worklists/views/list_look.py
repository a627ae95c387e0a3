"""How a person looks at a list: in which order, with which columns, which of them
pinned, by which view."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict

from worklists.enums import Role
from worklists.errors import BadInput
from worklists.models import SavedView
from worklists.policies import Access
from worklists.selectors.access import access_of
from worklists.selectors.items import MOST_SORTS
from worklists.selectors.list_columns import (
    COLUMNS,
    FROM_TRAIL,
    MOST_PINS,
    Column,
    Shown,
    offered,
    shown,
)
from worklists.selectors.queues import QueueView
from worklists.views.list_page import (
    ANY,
    COLUMNS_PARAM,
    EVERYTHING,
    MINE,
    PINS,
    address,
    listed,
    narrowed_by,
    query,
)

NEWEST = "newest"
ORDERED = {
    "priority": "Priority, then clock",
    "due": "Clock",
    "age": "Age",
    "amount": "Dollars",
    "touched": "Last touched",
    NEWEST: "Newest",
}
# What each order has on top, from its top and from its other end.
TOPS = {
    "priority": ("most pressing first", "least pressing first"),
    "due": ("latest clock first", "nearest clock first"),
    "age": ("oldest first", "youngest first"),
    "amount": ("most first", "least first"),
    "touched": ("last touched first", "longest idle first"),
    NEWEST: ("newest first", "oldest number first"),
}
_CHOSEN = tuple(column for column in COLUMNS if not column.always)
_USUAL = frozenset(column.name for column in _CHOSEN if column.usual)


@dataclass(frozen=True, slots=True)
class Look:
    """The columns of a list as they stand, and those of its address that are not for
    this person."""

    columns: tuple[Shown, ...]
    kept_back: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Return the columns that stand beside those that are always there."""
        return [c.name for c in _CHOSEN if c.name in self._all]

    @property
    def pins(self) -> list[str]:
        """Return the pinned columns, in the order in which they stand."""
        return [one.column.name for one in self.columns if one.pin]

    @property
    def leaving(self) -> set[str]:
        """Return the columns that a narrow window hides."""
        return {one.column.name for one in self.columns if one.leaves}

    @property
    def from_trail(self) -> list[str]:
        """Return the columns that take the items' trails."""
        return [name for name in self.names if name in FROM_TRAIL]

    @property
    def _all(self) -> set[str]:
        return {one.column.name for one in self.columns}


def look_of(params: QueryDict, access: Access, queue_id: int | None) -> Look:
    """Return the columns of a list; those of everybody where none are named.

    ``columns`` and ``pins`` name them, divided by commas. A column that the person may
    not see is left out, and named. Refuses one that is not known, one that is pinned
    twice, and more pins than ``MOST_PINS``.
    """
    seen = {column.name for column in offered(access, queue_id)}
    names = _named(params, COLUMNS_PARAM, [c.name for c in _CHOSEN], seen)
    pins = _named(params, PINS, [c.name for c in COLUMNS], seen) or []
    if len(pins) > MOST_PINS or len(set(pins)) < len(pins):
        message = f"Pin up to {MOST_PINS} columns, each once."
        raise BadInput(message, fields={PINS: [message]})
    chosen = _USUAL if names is None else names
    kept_back = [c.label for c in _CHOSEN if c.name in chosen and c.name not in seen]
    return Look(
        shown(
            [name for name in chosen if name in seen], pins, chosen=names is not None
        ),
        tuple(kept_back),
    )


def _named(
    params: QueryDict, param: str, known: Sequence[str], seen: Collection[str]
) -> list[str] | None:
    said = params.get(param)
    if said is None:
        return None
    names = [name for name in said.split(",") if name]
    if not set(names) <= set(known):
        offers = ", ".join(name for name in known if name in seen)
        message = f"Columns are: {offers}."
        raise BadInput(message, fields={param: [message]})
    return names


def column_menu(
    params: QueryDict, look: Look, access: Access, queue_id: int | None
) -> list[dict[str, Any]]:
    """Return each column with the addresses that show or hide it and that pin it.

    ``href`` starts from what a wide window shows, ``narrow`` from what a narrow one
    does, where they differ: each click changes the one column that it names.
    """
    return [_choice(params, look, one) for one in offered(access, queue_id)]


def usual_columns(params: QueryDict) -> str:
    """Return the address of the list with the columns of everybody, empty if it is so."""
    if COLUMNS_PARAM not in params:
        return ""
    return f"?{address(params, columns=None)}"


def _choice(params: QueryDict, look: Look, column: Column) -> dict[str, Any]:
    name, pins = column.name, look.pins
    on, pinned = column.always or name in look.names, name in pins
    without = [one for one in pins if one != name]
    hidden = {PINS: ",".join(without) or None} if pinned else {}
    pin = None
    if pinned or (on and len(pins) < MOST_PINS):
        now = without if pinned else [*pins, name]
        pin = f"?{address(params, pins=','.join(now) or None)}"

    def toggled(names: Collection[str]) -> str:
        columns = ",".join(_in_order(set(names) ^ {name}))
        return f"?{address(params, columns=columns, **hidden)}"

    leaving = look.leaving
    return {
        "name": name,
        "label": column.label,
        "on": on,
        "always": column.always,
        "leaves": name in leaving,
        "href": toggled(look.names),
        "narrow": toggled(set(look.names) - leaving) if leaving else "",
        "pinned": pins.index(name) + 1 if pinned else 0,
        "pin": pin,
    }


def _in_order(names: Collection[str]) -> list[str]:
    return [column.name for column in _CHOSEN if column.name in names]


@dataclass(frozen=True, slots=True)
class Sort:
    """One key of an order: its words, turned around, and without it."""

    label: str
    top: str
    turned: str
    dropped: str


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a list: in words, its keys, and what can stand behind them."""

    words: str
    sorts: list[Sort]
    more: list[tuple[str, str]]


def order_of(params: QueryDict, ordering: str) -> Order:
    """Return the order of a list with the addresses that change it."""
    parts = ordering.split(",")
    plain = [part.lstrip("-") for part in parts]
    sorts = [_sort(params, parts, place) for place in range(len(parts))]
    words = ", then ".join(
        text if not place else text[0].lower() + text[1:]
        for place, text in enumerate(ORDERED[name] for name in plain)
    )
    more = []
    if len(parts) < MOST_SORTS and NEWEST not in plain:
        more = [
            (_address(params, [*parts, part]), f"{ORDERED[name]}, {top}")
            for name, tops in TOPS.items()
            if name not in plain
            for part, top in ((f"-{name}", tops[0]), (name, tops[1]))
        ]
    return Order(words, sorts, more)


def _sort(params: QueryDict, parts: list[str], place: int) -> Sort:
    part = parts[place]
    name, rest = part.lstrip("-"), parts[:place] + parts[place + 1 :]
    other = name if part.startswith("-") else f"-{name}"
    turned = [*parts[:place], other, *parts[place + 1 :]]
    return Sort(
        label=ORDERED[name],
        top=TOPS[name][0 if part.startswith("-") else 1],
        turned=_address(params, turned),
        dropped=_address(params, rest) if rest else "",
    )


def _address(params: QueryDict, parts: list[str]) -> str:
    return f"?{address(params, ordering=','.join(parts))}"


READY = (
    ("Mine and unassigned", "assignee=me_or_none"),
    ("Everybody’s", EVERYTHING),
    ("Due this week", "assignee=any&due_within=7"),
    ("Returned", "assignee=any&state=returned"),
    ("$1,000 and more", "assignee=any&amount_from=1000"),
)


def views(
    request: HttpRequest, view: QueueView, kept: Sequence[SavedView]
) -> list[dict[str, Any]]:
    """Return the ready views of a queue and one's own as links; one is current."""
    own = [(one.name, one.query) for one in kept]
    whose = MINE if starts_mine(request, view) else ANY
    return _links([*READY, *own], request.GET, whose)


def own_views(request: HttpRequest, kept: Sequence[SavedView]) -> list[dict[str, Any]]:
    """Return one's own views of what one holds as links, after the list as it is."""
    own = [(one.name, one.query) for one in kept]
    return _links([("All I hold", EVERYTHING), *own], request.GET, ANY)


def _links(
    rows: Sequence[tuple[str, str]], params: QueryDict, whose: str
) -> list[dict[str, Any]]:
    """Return views as links with the one the person is in: the same address, else the
    same filters and order, else the same filters, for columns, pins and order are only
    how it is looked at. ``whose`` items are shown where an address does not say."""

    def whole(text: str) -> QueryDict:
        found = QueryDict(text, mutable=True)
        found.setdefault("assignee", whose)
        return found

    here, there = whole(query(params)), [whole(text) for _, text in rows]
    current = None
    for said in (query, listed, narrowed_by):
        if current is None:
            alike = (n for n, one in enumerate(there) if said(one) == said(here))
            current = next(alike, None)
    return [
        {"label": label, "href": f"?{text}", "current": place == current}
        for place, (label, text) in enumerate(rows)
    ]


def starts_mine(request: HttpRequest, view: QueueView) -> bool:
    """Return whether a queue begins with what is one's own or nobody's: for coders."""
    return access_of(request.user).has(Role.CODER) and view.works
