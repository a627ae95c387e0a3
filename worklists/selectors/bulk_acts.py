"""Acts on many items, as the person who did them sees them."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from worklists.enums import Role
from worklists.errors import NotVisible
from worklists.models import BulkAct, BulkActItem, User
from worklists.policies import may_read_trail
from worklists.selectors.access import access_of, visible_q
from worklists.selectors.staff import staff_ids


def bulk_act_of(user: User, bulk_act_id: int) -> BulkAct:
    """Return one's own bulk act or raise ``NotVisible``.

    The trail's events lead there: auditors read anybody's, managers the system's and
    those of their own people.
    """
    rows = _own(user)
    if may_read_trail(access_of(user)) is None:
        rows = BulkAct.objects.select_related("absence", "actor")
        if not access_of(user).has(Role.AUDITOR):
            theirs = [user.pk, *staff_ids(user)]
            rows = rows.filter(Q(actor=None) | Q(actor__in=theirs))
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
