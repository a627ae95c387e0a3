"""An item that came back, as the start page and the returned list draw it."""

from __future__ import annotations

from dataclasses import dataclass

from worklists.forms import return_reasons
from worklists.selectors.reviews import Returned
from worklists.views.rows import Row, row_of


@dataclass(frozen=True, slots=True)
class CameBack:
    """A returned item with the reviewer's words and the reason's label."""

    row: Row
    came: Returned
    reason: str


def came_back(came: Returned) -> CameBack:
    """Return an item that came back as a row."""
    reason = dict(return_reasons()).get(came.code, "No reason code")
    return CameBack(row_of(came.item), came, reason)
