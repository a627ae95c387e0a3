"""What people have been told."""

from __future__ import annotations

from django.db.models import QuerySet

from worklists.models import Notice, User


def notices_for(user: User) -> QuerySet[Notice]:
    """Return a person's notices, newest first, with the items they are about."""
    return Notice.objects.filter(user=user).select_related("item__queue")
