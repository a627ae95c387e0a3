"""Acts on many items, as the person who did them sees them."""

from __future__ import annotations

from django.db.models import QuerySet

from worklists.errors import NotVisible
from worklists.models import BulkAct, BulkActItem, User
from worklists.policies import may_read_trail
from worklists.selectors.access import access_of, visible_q


def bulk_act_of(user: User, bulk_act_id: int) -> BulkAct:
    """Return one's own bulk act or raise ``NotVisible``.

    Who reads the trail as a whole reads anybody's: its events lead there.
    """
    reads_all = may_read_trail(access_of(user)) is None
    rows = (
        BulkAct.objects.select_related("absence", "actor") if reads_all else _own(user)
    )
    act = rows.filter(pk=bulk_act_id).first()
    if act is None:
        raise NotVisible("There is no such act of yours.")
    return act


LATEST = 50


def latest_of(user: User) -> list[BulkAct]:
    """Return one's own latest acts on many items, the newest first."""
    return list(_own(user).order_by("-id")[:LATEST])


def _own(user: User) -> QuerySet[BulkAct]:
    """Return one's own acts, each with the absence that it hands over for."""
    return BulkAct.objects.filter(actor=user).select_related("absence")


def touched_by(user: User, act: BulkAct) -> QuerySet[BulkActItem]:
    """Return the items of an act that the person still sees, as they stood before."""
    rows = act.items.filter(visible_q(user, "item__")).order_by("pk")
    return rows.select_related(
        "item__queue", "item__claim", "item__assignee", "assignee"
    )
