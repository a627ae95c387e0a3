"""Acts on many items, as the person who did them sees them."""

from __future__ import annotations

from django.db.models import QuerySet

from worklists.errors import NotVisible
from worklists.models import BulkAct, BulkActItem, User
from worklists.selectors.access import visible_q


def bulk_act_of(user: User, bulk_act_id: int) -> BulkAct:
    """Return one's own bulk act or raise ``NotVisible``."""
    act = BulkAct.objects.filter(pk=bulk_act_id, actor=user).first()
    if act is None:
        raise NotVisible("There is no such act of yours.")
    return act


LATEST = 50


def latest_of(user: User) -> list[BulkAct]:
    """Return one's own latest acts on many items, the newest first."""
    return list(BulkAct.objects.filter(actor=user).order_by("-id")[:LATEST])


def touched_by(user: User, act: BulkAct) -> QuerySet[BulkActItem]:
    """Return the items of an act that the person still sees, as they stood before."""
    rows = act.items.filter(visible_q(user, "item__")).order_by("pk")
    return rows.select_related(
        "item__queue", "item__claim", "item__assignee", "assignee"
    )
