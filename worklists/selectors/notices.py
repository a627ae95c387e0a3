"""What people have been told."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from worklists.models import Notice, User
from worklists.selectors.access import visible_to


def notices_for(user: User) -> QuerySet[Notice]:
    """Return a person's notices, newest first, with the items they are about.

    ``sees`` is whether the item is among those they see today: it may have moved on, and
    where it is now is not for whoever does not.
    """
    seen = visible_to(user).filter(pk=OuterRef("item_id"))
    rows = Notice.objects.filter(user=user).select_related("item__queue")
    return rows.annotate(sees=Exists(seen))
