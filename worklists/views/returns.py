"""An item that came back, as the start page and the returned list draw it."""

from __future__ import annotations

from dataclasses import dataclass

from worklists.forms import return_reasons
from worklists.selectors.evidence import labels_of
from worklists.selectors.reviews import Returned
from worklists.services.drafts import base_of
from worklists.views.rows import Row, row_of


@dataclass(frozen=True, slots=True)
class CameBack:
    """A returned item with the reviewer's words, the reason's label, and the labels of
    the answers it points at.
    """

    row: Row
    came: Returned
    reason: str
    about: str


def came_back(came: Returned) -> CameBack:
    """Return an item that came back as a row."""
    reason = dict(return_reasons()).get(came.code, "No reason code")
    return CameBack(row_of(came.item), came, reason, _about(came))


def _about(came: Returned) -> str:
    if came.review is None:
        return ""
    named = {base_of(name) for name in came.review.points_at}
    labels = labels_of(came.review.template_id or came.item.template_id)
    return ", ".join(label for name, label in labels.items() if name in named)
