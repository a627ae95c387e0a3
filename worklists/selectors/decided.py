"""What a person decided as a senior: the newest first, and what came of a return."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from worklists.enums import ReviewOutcome
from worklists.models import Answer, Review, User
from worklists.selectors import keyset
from worklists.selectors.access import visible_q
from worklists.selectors.evidence import labels_of
from worklists.selectors.keyset import Key, Ordering, Page
from worklists.selectors.reviews import decisions_of

NEWEST = Ordering(
    "newest",
    (Key("decided_at", "moment", descending=True), Key("id", descending=True)),
)
SIZE = 50


@dataclass(frozen=True, slots=True)
class Decided:
    """One decided review: what stands decided in its item today, and, after a return,
    the round that answered it and the labels of the answers that changed until then."""

    review: Review
    decision: str
    then: Review | None
    changed: tuple[str, ...]


def decided_by(
    user: User, *, since: datetime, cursor: str = "", size: int = SIZE
) -> Page[Review]:
    """Return a page of what a person decided since a moment, of items they see today.

    Walks the index of their own decisions, however many others there are.
    """
    rows = Review.objects.filter(
        visible_q(user, "item__"), reviewer=user, decided_at__gte=since
    ).select_related("item__queue", "item__payer", "submitted_by")
    return keyset.page(rows, NEWEST, cursor=cursor, size=size)


def with_what_came(reviews: list[Review]) -> list[Decided]:
    """Return decided reviews with what came of them: three queries, however many."""
    said = decisions_of([row.item for row in reviews])
    back = [row for row in reviews if row.outcome == ReviewOutcome.RETURNED]
    later = {
        (row.item_id, row.round): row
        for row in Review.objects.filter(item__in={row.item_id for row in back})
    }
    then = {row.pk: later.get((row.item_id, row.round + 1)) for row in back}
    changed = _changed(back, then)
    return [
        Decided(
            row,
            said.get(row.item_id, ""),
            then.get(row.pk),
            changed.get(row.pk, ()),
        )
        for row in reviews
    ]


def _changed(
    back: Iterable[Review], then: dict[int, Review | None]
) -> dict[int, tuple[str, ...]]:
    """Return the labels of the answers that are other in the round after a return."""
    versions: dict[int, list[tuple[str, str | None, datetime]]] = defaultdict(list)
    rows = Answer.objects.filter(item__in={row.item_id for row in back})
    for item_id, name, content, saved_at in rows.order_by("version").values_list(
        "item_id", "field", "content", "saved_at"
    ):
        versions[item_id].append((name, content, saved_at))
    found = {}
    for row in back:
        after = then[row.pk]
        if after is None or row.decided_at is None:
            continue
        old = _stood(versions[row.item_id], row.decided_at)
        new = _stood(versions[row.item_id], after.opened_at)
        labels = labels_of(row.item.template_id)
        names = dict.fromkeys(
            name.partition(".")[0]
            for name in {**old, **new}
            if old.get(name) != new.get(name)
        )
        found[row.pk] = tuple(labels[name] for name in names if name in labels)
    return found


def _stood(
    versions: Iterable[tuple[str, str | None, datetime]], at: datetime
) -> dict[str, object]:
    return {
        name: None if content is None else json.loads(content)
        for name, content, saved_at in versions
        if saved_at <= at
    }
