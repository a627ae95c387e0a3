"""What it means that a queue comes to stand on something else: looked at, not changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from worklists.enums import ENDED, RuleKind, State
from worklists.models import ItemClock, Queue, WorkItem
from worklists.models.clocks import RUNNING
from worklists.rule_words import Change, difference
from worklists.selectors.form_effect import MOST_COUNTED, FormEffect, form_effect
from worklists.selectors.rules import CONTENT, STANDS_ON, live_version


@dataclass(frozen=True, slots=True)
class KeptClocks:
    """The clocks that keep the ladder they began with, and how the other one differs.

    No more than ``MOST_COUNTED`` clocks are counted, nor the items of more.
    """

    before: str
    after: str
    clocks: int
    items: int
    changes: Sequence[Change]

    @property
    def is_more(self) -> bool:
        """Return whether there are more clocks than were counted."""
        return self.clocks > MOST_COUNTED


@dataclass(frozen=True, slots=True)
class NextSubmits:
    """The work whose next submit the other review policy judges.

    ``items`` have not ended; those ``in_review`` stay with their senior as they came.
    No more than ``MOST_COUNTED`` are counted.
    """

    before: str
    after: str
    items: int
    in_review: int
    changes: Sequence[Change]

    @property
    def is_more(self) -> bool:
        """Return whether there are more items than were counted."""
        return self.items > MOST_COUNTED


@dataclass(frozen=True, slots=True)
class QueueEffect:
    """What each thing means that a queue comes to stand on; None for what it keeps."""

    ladder: KeptClocks | None
    form: FormEffect | None
    review: NextSubmits | None


def queue_effect(slug: str, content: Mapping[str, Any]) -> QueueEffect:
    """Return what it means that a queue stands on what this content says."""
    keys = {name: key for name, (_, key) in STANDS_ON.items()}
    queue = Queue.objects.select_related(*keys.values()).get(slug=slug)
    others = {
        name for name, key in keys.items() if content[name] != getattr(queue, key).slug
    }
    return QueueEffect(
        ladder=_kept(queue, content["sla"]) if "sla" in others else None,
        form=form_effect(slug, content["template"]) if "template" in others else None,
        review=_next(queue, content["review"]) if "review" in others else None,
    )


def _kept(queue: Queue, slug: str) -> KeptClocks:
    other = live_version(RuleKind.SLA, slug)
    clocks = ItemClock.objects.filter(RUNNING, item__queue=queue).order_by()
    counted = clocks[: MOST_COUNTED + 1].aggregate(
        clocks=Count("pk"), items=Count("item_id", distinct=True)
    )
    return KeptClocks(
        before=str(queue.sla_policy),
        after=str(other),
        changes=_differs(RuleKind.SLA, queue.sla_policy, other),
        **counted,
    )


def _next(queue: Queue, slug: str) -> NextSubmits:
    other = live_version(RuleKind.REVIEW, slug)
    under_way = WorkItem.objects.filter(queue=queue).exclude(state__in=ENDED)
    counted = under_way.order_by()[: MOST_COUNTED + 1].aggregate(
        items=Count("pk"), in_review=Count("pk", filter=Q(state=State.IN_REVIEW))
    )
    return NextSubmits(
        before=str(queue.review_policy),
        after=str(other),
        changes=_differs(RuleKind.REVIEW, queue.review_policy, other),
        **counted,
    )


def _differs(kind: RuleKind, before: Any, after: Any) -> Sequence[Change]:
    return difference(kind, CONTENT[kind](before), CONTENT[kind](after))
