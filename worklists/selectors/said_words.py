"""Which words on items a person may read.

Whoever sees an item reads why things were done to it. How long somebody worked on it,
and why they put that right, is theirs and the auditors' alone.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from worklists.enums import Role
from worklists.models import Reason, User
from worklists.selectors.access import access_of

# Acts about a person and not about the item.
OWN_WORDS = ("item.time_corrected",)


def words_for(reader: User) -> QuerySet[Reason]:
    """Return the words that a person may read on the items they see."""
    if access_of(reader).has(Role.AUDITOR):
        return Reason.objects.all()
    return Reason.objects.filter(~Q(action__in=OWN_WORDS) | Q(said_by=reader))
