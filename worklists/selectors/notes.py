"""Notes on an item as a person may read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from worklists.enums import Role
from worklists.models import Note, User, WorkItem
from worklists.role_words import role_words
from worklists.statements import Slot, Statement

ROLES = (Role.CODER, Role.REVIEWER, Role.MANAGER)


@dataclass(frozen=True, slots=True)
class NoteView:
    """One note: its words (None where destroyed), who wrote it as what, and when."""

    id: int
    text: str | None
    private: bool
    by: User
    roles: Sequence[str]
    said_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: User | None
    is_mine: bool

    @property
    def role_words(self) -> str:
        """Return as what the author wrote it: “Coder”, “Manager, Senior reviewer”."""
        return role_words(self.roles)


def notes_of(user: User, item: WorkItem, role: str = "") -> list[NoteView]:
    """Return the notes on an item, newest first, those of one role only if one is said.

    A private note is its author's alone: nobody else reads it, whatever they manage or
    audit; that there is one stands in the trail. Withdrawn ones stay, and say so. The
    caller has made sure that the person sees the item.
    """
    views = [_view(row, user) for row in _NOTES.rows(item=item.pk, reader=user.pk)]
    return [view for view in views if not role or role in view.roles]


_NOTES = Statement(
    lambda: (
        Note.objects.select_related("said_by", "withdrawal__withdrawn_by")
        .filter(Q(private=False) | Q(said_by_id=Slot("reader")), item_id=Slot("item"))
        .order_by("-pk")
    )
)


def _view(row: Note, user: User) -> NoteView:
    taken_back = getattr(row, "withdrawal", None)
    return NoteView(
        id=row.pk,
        text=row.value,
        private=row.private,
        by=row.said_by,
        roles=row.role.split("+"),
        said_at=row.said_at,
        withdrawn_at=taken_back.withdrawn_at if taken_back else None,
        withdrawn_by=taken_back.withdrawn_by if taken_back else None,
        is_mine=row.said_by_id == user.pk,
    )
