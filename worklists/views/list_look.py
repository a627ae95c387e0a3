"""How a person looks at a list: in which order, with which columns, by which view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict

from worklists.enums import Role
from worklists.errors import BadInput
from worklists.models import SavedView
from worklists.selectors.access import access_of
from worklists.selectors.items import MOST_SORTS
from worklists.selectors.queues import QueueView
from worklists.views.list_page import COLUMNS, EVERYTHING, address, query

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
# Columns that can be left out; number, priority, clock, reason and state always stand.
OPTIONAL = {
    "age": "Age",
    "payer": "Payer",
    "facility": "Facility",
    "amount": "Dollars",
    "specialty": "Specialty",
    "evidence": "Evidence",
    "review": "Review because",
    "flags": "Flags",
}
USUAL = frozenset(OPTIONAL) - {"facility", "flags"}


def columns_of(params: QueryDict) -> dict[str, bool]:
    """Return which columns a list shows; those of everybody where none are named.

    ``columns`` names them, divided by commas. Refuses one that is not known.
    """
    said = params.get(COLUMNS)
    if said is None:
        return {name: name in USUAL for name in OPTIONAL}
    names = [name for name in said.split(",") if name]
    strange = [name for name in names if name not in OPTIONAL]
    if strange:
        message = f"Columns are: {', '.join(OPTIONAL)}."
        raise BadInput(message, fields={COLUMNS: [message]})
    return {name: name in names for name in OPTIONAL}


def column_menu(params: QueryDict) -> list[dict[str, Any]]:
    """Return each column with the address that puts it in or leaves it out."""
    shown = columns_of(params)
    return [
        {
            "label": label,
            "on": shown[name],
            "href": f"?{address(params, columns=_toggled(shown, name))}",
        }
        for name, label in OPTIONAL.items()
    ]


def _toggled(shown: dict[str, bool], name: str) -> str | None:
    now = {**shown, name: not shown[name]}
    names = [one for one in OPTIONAL if now[one]]
    return None if set(names) == USUAL else ",".join(names)


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
    here = query(request.GET)
    own = [(one.name, one.query) for one in kept]
    first = READY[0 if starts_mine(request, view) else 1][1]
    current = here or first
    return [
        {"label": label, "href": f"?{q}", "current": q == current}
        for label, q in (*READY, *own)
    ]


def own_views(request: HttpRequest, kept: Sequence[SavedView]) -> list[dict[str, Any]]:
    """Return one's own views of what one holds as links, after the list as it is."""
    here = query(request.GET)
    rows = [("All I hold", EVERYTHING), *((one.name, one.query) for one in kept)]
    return [
        {"label": label, "href": f"?{q}", "current": q == (here or EVERYTHING)}
        for label, q in rows
    ]


def starts_mine(request: HttpRequest, view: QueueView) -> bool:
    """Return whether a queue begins with what is one's own or nobody's: for coders."""
    return access_of(request.user).has(Role.CODER) and view.works
