"""Where the pages of an item stand."""

from __future__ import annotations

from django.urls import reverse

from worklists.models import WorkItem


def crumbs_of(item: WorkItem) -> list[tuple[str, str]]:
    """Return the way to an item's page: its queue, its number."""
    return [
        ("Queues", reverse("worklists:queues")),
        (item.queue.name, reverse("worklists:queue", args=[item.queue.slug])),
        (item.number, ""),
    ]
