"""What the page of one item shows besides ``selectors.item.item_view``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q

from worklists import kinds
from worklists.models import Draft, Queue, RoutingRule, User, WorkItem
from worklists.selectors.access import access_of
from worklists.selectors.evidence import Asked
from worklists.selectors.merging import Merged, merged
from worklists.statements import IsAny, Slot, Statement
from worklists.x12.masking import masked

EXCEPTION = "ingest_exception"
EXCEPTION_TEMPLATE = "worklists/items/_exception.html"


@dataclass(frozen=True, slots=True)
class Drafted:
    """An item's evidence with a person's draft laid over what is saved."""

    saved: Asked
    asked: Asked
    merged: Merged = field(default_factory=Merged)


def with_draft(item: WorkItem, saved: Asked, draft: Draft | None) -> Drafted:
    """Return the evidence as the person sees it in the form."""
    found = merged(item, draft)
    return Drafted(saved, saved.with_answers(_still_asked(saved, found.answers)), found)


def _still_asked(asked: Asked, answers: Mapping[str, Any]) -> dict[str, Any]:
    """A draft may name parts that have gone since; what is not asked is left out."""
    names = {f.name for f in asked.fields if not f.per_part}
    names |= {
        f"{f.name}.{p.key}" for f in asked.fields if f.per_part for p in asked.parts
    }
    return {name: value for name, value in answers.items() if name in names}


def detail_of(item: WorkItem) -> tuple[str, Mapping[str, Any]]:
    """Return the template and facts of a kind's own detail; empty when it has none."""
    if item.kind == EXCEPTION:
        return EXCEPTION_TEMPLATE, exception_of(item)
    kind = kinds.get(item.kind)
    return kind.detail_template, kind.detail(item) if kind.detail_template else {}


def exception_of(item: WorkItem) -> Mapping[str, Any]:
    """Return what could not be read of a file, for an exception item; what names a
    patient is masked in its segments."""
    detail = getattr(item, "exception_detail", None)
    return {
        "exception": detail,
        "raw": masked(detail.raw) if detail else "",
        "batch": detail.batch if detail else None,
    }


def other_queues(user: User, item: WorkItem) -> list[Queue]:
    """Return the other active queues of the item's kind that the person sees."""
    seen = sorted(access_of(user).view)
    return _OTHERS.rows(kind=item.kind, queues=seen, queue=item.queue_id)


_OTHERS = Statement(
    lambda: Queue.objects.filter(
        IsAny(F("pk"), Slot("queues")),
        ~Q(pk=Slot("queue")),
        kind=Slot("kind"),
        is_active=True,
    ).order_by("name")
)


def kinds_by_hand() -> list[kinds.Kind]:
    """Return the kinds a person can open here: a queue takes them."""
    routed = set(
        RoutingRule.objects.filter(is_active=True, queue__is_active=True)
        .order_by()
        .values_list("kind", flat=True)
        .distinct()
    )
    return [kind for kind in kinds.all_kinds() if kind.by_hand and kind.slug in routed]
