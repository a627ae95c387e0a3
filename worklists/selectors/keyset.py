"""Pages of a list by keyset: where the last row stood, never how many came before.

The cost of a page does not grow with its number, and nothing is counted. A cursor
carries the sort values of one row and the ordering it belongs to; it holds no
patient data, so it may stand in an address.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, NoReturn, TypeVar

from django.db.models import Model, Q, QuerySet

from worklists.errors import BadInput

SIZE = 50
LARGEST_SIZE = 200
_LONGEST_CURSOR = 400
_BIGGEST = 2**63 - 1
_CENT = Decimal("0.01")

RowT = TypeVar("RowT", bound=Model)


@dataclass(frozen=True, slots=True)
class Key:
    """One sort value of an ordering: a column and its type.

    ``type`` is ``int``, ``moment`` or ``money``; values are never null.
    """

    name: str
    type: str = "int"
    descending: bool = False

    def turned(self, around: bool) -> Key:  # noqa: FBT001 - a direction
        """Return the key, sorted the other way when ``around``."""
        return Key(self.name, self.type, self.descending is not around)


@dataclass(frozen=True, slots=True)
class Ordering:
    """A named order whose last key is unique."""

    name: str
    keys: tuple[Key, ...]

    def reversed(self, name: str) -> Ordering:
        """Return the same order from its other end, under another name."""
        keys = tuple(key.turned(around=True) for key in self.keys)
        return Ordering(name, keys)


@dataclass(frozen=True, slots=True)
class Page(Generic[RowT]):
    """Rows of one page and the cursors of its neighbours, None where there is none."""

    rows: list[RowT]
    next: str | None
    previous: str | None


def page(
    rows: QuerySet[RowT], ordering: Ordering, *, cursor: str = "", size: int = SIZE
) -> Page[RowT]:
    """Return one page of ``rows`` in ``ordering``, from ``cursor`` on: one query.

    A cursor that was not made here for this ordering is refused with ``BadInput``.
    """
    walk = _walk(rows, ordering, cursor)
    found = list(walk.onward[: size + 1])
    return _page(walk, found, size, more=len(found) > size)


def narrow_page(
    rows: QuerySet[RowT],
    ordering: Ordering,
    read: Callable[[list[Any]], list[RowT]],
    *,
    cursor: str = "",
    size: int = SIZE,
) -> Page[RowT]:
    """Return the same as ``page``, for rows that join much: one query, and ``read``.

    The query brings keys alone: a sort without an index costs what the keys cost, not
    the joins. ``read`` is given them and returns their rows in any order; one that is
    no longer there is left out.
    """
    walk = _walk(rows, ordering, cursor)
    keys = list(walk.onward.values_list("pk", flat=True)[: size + 1])
    place = {key: number for number, key in enumerate(keys)}
    found = sorted(read(keys), key=lambda row: place[row.pk]) if keys else []
    return _page(walk, found, size, more=len(keys) > size)


def far_off(
    rows: QuerySet[RowT], ordering: Ordering, *, cursor: str = "", rows_on: int
) -> RowT | None:
    """Return the row that stands so many onward from ``cursor``, None beyond the end.

    A walk backwards has no such row: it goes over what was looked at before.
    """
    walk = _walk(rows, ordering, cursor)
    if walk.backward:
        return None
    # Keys alone first: an index gives them without reading the rows on the way.
    key = walk.onward.values_list("pk", flat=True)[rows_on : rows_on + 1].first()
    return None if key is None else rows.get(pk=key)


def up_to(row: Model, ordering: Ordering) -> Q:
    """Return the condition of the rows that stand before ``row``, and of itself."""
    at = [getattr(row, key.name) for key in ordering.keys]
    back = tuple(key.turned(around=True) for key in ordering.keys)
    itself = Q(**{key.name: value for key, value in zip(back, at, strict=True)})
    return _beyond(back, at) | itself


def cursor_after(row: Model, ordering: Ordering) -> str:
    """Return the cursor of what stands after a row."""
    return _write(row, ordering, "n")


@dataclass(frozen=True, slots=True)
class _Walk(Generic[RowT]):
    """A way through a list: all rows, those that lie onward, and which way that is."""

    rows: QuerySet[RowT]
    onward: QuerySet[RowT]
    ordering: Ordering
    backward: bool
    first: bool


def _walk(rows: QuerySet[RowT], ordering: Ordering, cursor: str) -> _Walk[RowT]:
    backward, at = _read(cursor, ordering) if cursor else (False, None)
    keys = tuple(key.turned(backward) for key in ordering.keys)
    onward = rows.filter(_beyond(keys, at)) if at is not None else rows
    names = [f"-{key.name}" if key.descending else key.name for key in keys]
    return _Walk(rows, onward.order_by(*names), ordering, backward, at is None)


def _page(walk: _Walk[RowT], found: list[RowT], size: int, *, more: bool) -> Page[RowT]:
    found = found[:size]
    if walk.backward:
        found.reverse()
    has_next = walk.backward or more
    has_previous = more if walk.backward else not walk.first
    if not found:
        return Page([], None, None)
    return Page(
        found,
        _write(found[-1], walk.ordering, "n") if has_next else None,
        _write(found[0], walk.ordering, "p") if has_previous else None,
    )


def _beyond(keys: Sequence[Key], at: Sequence[Any]) -> Q:
    """Return the rows after ``at``: each key decides where all before it are equal.

    The first key's bound stands alone in front, so an index can begin there.
    """
    first, *rest = keys
    bound = Q(**{f"{first.name}__{'lte' if first.descending else 'gte'}": at[0]})
    after = Q()
    for key, value in reversed(list(zip(keys, at, strict=True))):
        beyond = Q(**{f"{key.name}__{'lt' if key.descending else 'gt'}": value})
        after = beyond | (Q(**{key.name: value}) & after) if after else beyond
    return bound & after if rest else after


def _write(row: Model, ordering: Ordering, direction: str) -> str:
    values = [_text(getattr(row, key.name)) for key in ordering.keys]
    packed = json.dumps([direction, ordering.name, *values], separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _refuse() -> NoReturn:
    raise BadInput(
        "This page's cursor cannot be read. Start again from the first page.",
        fields={"cursor": ["Take it from “next” or “previous” of an answer."]},
    )


def _read(cursor: str, ordering: Ordering) -> tuple[bool, list[Any]]:
    if len(cursor) > _LONGEST_CURSOR:
        _refuse()
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        packed = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        _refuse()
    if not isinstance(packed, list) or len(packed) != len(ordering.keys) + 2:
        _refuse()
    direction, name, *values = packed
    if direction not in ("n", "p") or name != ordering.name:
        _refuse()
    pairs = zip(ordering.keys, values, strict=True)
    return direction == "p", [_value(key, value) for key, value in pairs]


def _value(key: Key, value: Any) -> Any:
    try:
        return _READERS[key.type](value)
    except (TypeError, ValueError, InvalidOperation, OverflowError):
        _refuse()


def _int(value: Any) -> int:
    if type(value) is not int or abs(value) > _BIGGEST:
        raise ValueError
    return value


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError
    return moment


def _money(value: Any) -> Decimal:
    amount = Decimal(value) if isinstance(value, str) else Decimal("NaN")
    if not amount.is_finite() or abs(amount) >= _BIGGEST:
        raise ValueError
    if amount != amount.quantize(_CENT):  # endless digits, which no database takes
        raise ValueError
    return amount


_READERS: dict[str, Callable[[Any], Any]] = {
    "int": _int,
    "moment": _moment,
    "money": _money,
}
