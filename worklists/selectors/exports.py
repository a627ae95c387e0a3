"""Rows that leave as files: items as a list shows them, and what a person exported."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from worklists.evidence.replies import REPLY, is_reply
from worklists.models import (
    Event,
    EvidenceTemplate,
    Facility,
    Payer,
    Queue,
    User,
    WorkItem,
)
from worklists.selectors.item_pasts import Past, pasts_of
from worklists.selectors.items import ASSIGNEE_WORDS, bites_first, ordering_named
from worklists.selectors.keyset import Key, Ordering, Page, page
from worklists.selectors.pages.manage import Load
from worklists.selectors.pages.people import VERBS, PersonView

CHUNK = 1_000
MOST_ROWS = 50_000
RowT = TypeVar("RowT", bound=Model)
NEWEST = Ordering("newest", (Key("id", descending=True),))
# No patient's name and no claim number: a file outlives the page it came from.
ITEM_COLUMNS = (
    *("Item", "Kind", "Queue", "Facility", "State", "Assigned to", "Priority"),
    *("Bites first", "Due", "Opened", "Last touched", "Reason", "Payer", "Dollars"),
    *("Specialty", "Service date", "Review because"),
)


def item_rows(
    items: QuerySet[WorkItem], ordering: str, more: Sequence[str] = ()
) -> Iterator[list[Any]]:
    """Yield items of ``items_for`` as rows of a file, read in pieces.

    ``more`` are columns of their pasts (``list_columns.for_file``), which one statement
    reads for each piece.
    """
    keys = ordering_named(ordering).keys
    ordered = items.order_by(*(f"-{k.name}" if k.descending else k.name for k in keys))
    rows = bounded(ordered)
    while piece := list(islice(rows, CHUNK)):
        pasts = pasts_of([item.pk for item in piece]) if more else {}
        for item in piece:
            past = pasts.get(item.pk, Past())
            yield [*_item_row(item), *(getattr(past, name) for name in more)]


def bounded(rows: QuerySet[RowT]) -> Iterator[RowT]:
    """Yield rows in pieces, one more at most than a file holds.

    The bound stands in the query: a cursor without it computes every row first.
    """
    return rows[: MOST_ROWS + 1].iterator(chunk_size=CHUNK)


def _item_row(item: WorkItem) -> list[Any]:
    clock = bites_first(item)
    return [
        *(item.number, item.kind, item.queue.name, item.facility.name, item.state),
        item.assignee.username if item.assignee else "",
        item.priority,
        *((clock.label, clock.due_at) if clock else ("", None)),
        *(item.opened_at, item.touched_at, item.reason_code),
        item.payer.name if item.payer else "",
        *(item.amount, item.specialty, item.service_on, item.review_because),
    ]


PEOPLE_COLUMNS = (
    *("Person", "Username", "Roles", "Tier", "Teams", "Carries", "A day holds"),
    *("Away until", "Stands in", "Clearances", "Works", "Reviews", "Manages"),
    "Last active",
)


def people_rows(people: Iterable[PersonView]) -> Iterator[list[Any]]:
    """Yield people as their page shows them."""
    for view in people:
        who, away = view.person, view.away
        yield [
            *(str(who), who.username, view.role_labels, str(view.tier.label)),
            ", ".join(map(str, view.teams)),
            *(view.carries, who.daily_capacity),
            *((away.ends_on, str(away.stands_in)) if away else (None, "")),
            ", ".join(str(grant.clearance) for grant in view.clearances),
            *(", ".join(one.name for one in view.held(verb)) for verb in VERBS),
            view.last_active_at,
        ]


LOAD_COLUMNS = (
    *("Person", "Username", "Tier", "A day holds", "In hand", "Resting"),
    *("In review", "Away until"),
)


def load_rows(loads: Iterable[Load]) -> Iterator[list[Any]]:
    """Yield who carries how much, as the manager's page says it."""
    for load in loads:
        who = load.person
        yield [
            *(str(who), who.username, str(who.get_tier_display())),
            who.daily_capacity,
            *(load.carried.in_hand, load.carried.pending, load.carried.in_review),
            load.away.ends_on if load.away else None,
        ]


# Filters whose value is kept only where it names a row, and by which column.
_ROWS: dict[str, tuple[Any, str]] = {
    "assignee": (User, "username"),
    "payer": (Payer, "slug"),
    "facility": (Facility, "slug"),
    "queue": (Queue, "slug"),
}


def filter_facts(asked: Mapping[str, str], codes: Collection[str]) -> dict[str, Any]:
    """Return filters as the trail may hold them: codes, and names of what was typed.

    ``codes`` are the filters that take a word of a closed set, a number, a day or the
    name of a row; a name that no row has was typed, whoever it names.
    """
    said = {n: asked[n] for n in sorted(asked) if n in codes and _names(n, asked[n])}
    typed = sorted(name for name in asked if name not in said)
    return said | ({"typed": typed} if typed else {})


def _names(name: str, value: str) -> bool:
    if name in _FORMS:
        return _FORMS[name](value)
    if name not in _ROWS or (name == "assignee" and value in ASSIGNEE_WORDS):
        return True
    model, column = _ROWS[name]
    return bool(model.objects.filter(**{column: value}).exists())


def _is_form(value: str) -> bool:
    """Tell whether a template has this version, written as pages write it: “slug:2”."""
    slug, _, number = value.partition(":")
    if not (number.isascii() and number.isdecimal() and len(number) < _LONG):
        return False
    known = EvidenceTemplate.objects.filter(slug=slug, version=int(number))
    return value == f"{slug}:{int(number)}" and known.exists()


def _is_field(value: str) -> bool:
    """Tell whether some version of a form has this field, or it answers a return."""
    if is_reply(value):
        return value.partition(".")[2].isdecimal() and len(value) < _LONG + len(REPLY)
    return EvidenceTemplate.objects.filter(fields__contains=[{"name": value}]).exists()


_LONG = 6
_FORMS: dict[str, Callable[[str], bool]] = {
    "template": _is_form,
    "stopped_by": _is_field,
}


@dataclass(frozen=True, slots=True)
class Given:
    """One export a person made, as its event says."""

    event: Event
    facts: Mapping[str, Any]

    @property
    def asked(self) -> list[str]:
        """Return the filters in words: “state: open”."""
        return [
            f"{name.replace('_', ' ')}: {_said(value)}"
            for name, value in self.facts["filters"].items()
            if value
        ]


def _said(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def exports_of(user: User, cursor: str = "") -> Page[Event]:
    """Return the exports a person made, newest first."""
    rows = Event.objects.filter(action="export.rows", actor=user)
    return page(rows, NEWEST, cursor=cursor, size=25)


def given(event: Event) -> Given:
    """Return an export's event with its facts read."""
    return Given(event, json.loads(event.facts))
