"""How complete an item's evidence is, kept on the item for the lists."""

from __future__ import annotations

from worklists.models import WorkItem
from worklists.selectors.evidence import Asked, asked_of


def count(item: WorkItem, asked: Asked | None = None) -> None:
    """Set ``evidence_done`` and ``evidence_asked`` in memory; the caller saves."""
    asked = asked or asked_of(item)
    item.evidence_done, item.evidence_asked = asked.progress()
