"""The guard against the same work open twice: by the rule of its kind."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from django.db import connection

from worklists import kinds
from worklists.enums import ENDED
from worklists.errors import Duplicate
from worklists.models import WorkItem


def key_of(kind: str, claim_id: int | None, code: str, label: str) -> str:
    """Return one digest for all items that are the same work; empty when none are."""
    same = kinds.get(kind).same_work(claim_id, code, label)
    if not same:
        return ""
    return hashlib.sha256(repr((kind, *same)).encode()).hexdigest()


def refuse_same(keys: Sequence[str], *, but: int | None = None) -> None:
    """Refuse work that is open already, or comes twice; the caller is in a transaction.

    Two that come at the same moment wait for each other here; the unique index on
    ``same_key`` stands behind it. ``but`` is the item that is to be open again. Raises
    ``Duplicate`` with ``extra["item"]``.
    """
    counts = Counter(key for key in keys if key)
    if not counts:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(k, 17)) "
            "FROM unnest(%s::text[]) AS k",
            [sorted(counts)],
        )
    there = WorkItem.objects.filter(same_key__in=list(counts))
    there = there.exclude(state__in=ENDED).exclude(pk=but or 0)
    first = there.order_by("pk").first()
    if first is not None:
        raise Duplicate(
            f"{first} is open about the same already. Go on there.",
            extra={"item": first.pk},
        )
    if counts.most_common(1)[0][1] > 1:
        raise Duplicate("The same work stands here twice.")
