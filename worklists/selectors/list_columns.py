"""The columns of a list of items: in which order, which are usual, who may see them.

The one place that says it: the head of the table, its rows, the menu, exports and what
an address may name are all read from here. How a column is drawn stands in
``templatetags.item_row`` under the same name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from worklists.errors import BadInput
from worklists.policies import Access, Barred, may_see_load

MOST_PINS = 4
Policy = Callable[[Access, int | None], Barred | None]


def _everybody(_access: Access, _queue_id: int | None) -> Barred | None:
    return None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list.

    ``label`` names it in the menu, ``head`` over the table where that differs, and
    ``sort`` is the ordering behind a click on its head. One that is ``always`` there
    cannot be left out; one that is ``usual`` stands where the person chose nothing.
    ``barred`` asks who may see it, of a queue by its id and of a list over queues by
    None.
    """

    name: str
    label: str
    head: str = ""
    sort: str = ""
    always: bool = False
    usual: bool = True
    is_number: bool = False
    leaves: bool = False  # where the window is narrow, unless chosen or pinned
    barred: Policy = _everybody


COLUMNS = (
    Column("priority", "Priority", "Priority, why", "priority", always=True),
    Column("due", "Bites first", sort="due", always=True),
    Column("age", "Age", sort="age", leaves=True),
    Column("item", "Item", always=True),
    Column("reason", "Reason", always=True),
    Column("payer", "Payer"),
    Column("facility", "Facility", usual=False),
    Column("amount", "Dollars", sort="amount", is_number=True),
    Column("specialty", "Specialty", leaves=True),
    Column("evidence", "Evidence", "Evid.", is_number=True),
    Column("review", "Review because", leaves=True),
    Column("flags", "Flags", usual=False),
    Column(
        "reassigned",
        "Times reassigned",
        "Reassigned",
        usual=False,
        is_number=True,
        barred=may_see_load,
    ),
    Column(
        "returned",
        "Times returned from review",
        "Returned",
        usual=False,
        is_number=True,
        barred=may_see_load,
    ),
    Column(
        "held_before",
        "Held before by",
        usual=False,
        barred=may_see_load,
    ),
    Column("state", "State", always=True),
)
BY_NAME = {column.name: column for column in COLUMNS}
# What is read from the items' trails, in one statement for the rows of a page.
FROM_TRAIL = frozenset(c.name for c in COLUMNS if c.barred is not _everybody)


@dataclass(frozen=True, slots=True)
class Shown:
    """A column as a list shows it; ``pin`` is its place among the pinned, from 1, and
    ``chosen`` is set where a person named the columns."""

    column: Column
    pin: int = 0
    chosen: bool = False

    @property
    def leaves(self) -> bool:
        """Return whether it leaves a narrow window: what is chosen is wanted there."""
        return self.column.leaves and not (self.pin or self.chosen)

    @property
    def css(self) -> str:
        """Return the classes that hold it in place while the table scrolls sideways, or
        that let it leave."""
        if self.pin:
            return f"ct-pin ct-pin-{self.pin}"
        return "ct-hide-md" if self.leaves else ""

    @property
    def head_css(self) -> str:
        """Return the classes of a head that does not sort."""
        number = "ct-num" if self.column.is_number else ""
        return " ".join(filter(None, [number, self.css]))


USUAL = tuple(Shown(column) for column in COLUMNS if column.always or column.usual)


def offered(access: Access, queue_id: int | None) -> list[Column]:
    """Return the columns a person may have in a list: of a queue, or over queues."""
    return [column for column in COLUMNS if column.barred(access, queue_id) is None]


def shown(
    names: Collection[str], pins: Collection[str], *, chosen: bool
) -> tuple[Shown, ...]:
    """Return columns in the order in which they stand: the pinned first.

    ``names`` are those besides the ones that are always there, ``chosen`` by a person
    or the usual ones; a pin of a column that is not shown waits until it is.
    """
    there = {c.name: c for c in COLUMNS if c.always or c.name in names}
    pinned = [there.pop(name) for name in pins if name in there]
    first = tuple(Shown(one, place, chosen) for place, one in enumerate(pinned, 1))
    return first + tuple(Shown(one, chosen=chosen) for one in there.values())


def for_file(
    names: Collection[str], access: Access, queue_id: int | None
) -> list[Column]:
    """Return the columns that a file has besides those of everybody.

    Refuses one that is not known and one that the person may not see.
    """
    if strange := set(names) - set(BY_NAME):
        message = (
            f"There is no column “{min(strange)}”. Export the list as it is shown."
        )
        raise BadInput(message, fields={"columns": [message]})
    found = [c for c in COLUMNS if c.name in names and c.name in FROM_TRAIL]
    for column in found:
        if barred := column.barred(access, queue_id):
            raise barred.error()
    return found
