"""The views of lists that a person keeps."""

from __future__ import annotations

from worklists.models import Queue, SavedView, User


def views_of(user: User, queue: Queue | None) -> list[SavedView]:
    """Return the person's views of one queue, or of their own items, oldest first."""
    return list(SavedView.objects.filter(person=user, queue=queue))
