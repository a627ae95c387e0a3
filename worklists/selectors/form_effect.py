"""What another form of a queue means for the work there and for answers: looked at."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from worklists.enums import ENDED, RuleKind
from worklists.models import Draft, Queue, WorkItem
from worklists.selectors.rules import live_version
from worklists.template_words import Carried, carried

MOST_COUNTED = 20_000


@dataclass(frozen=True, slots=True)
class FormEffect:
    """The work that keeps the form it has, and how the other one asks.

    ``items`` have not ended, ``answered`` of them have saved answers; ``drafts`` are
    words typed and not saved. No more than ``MOST_COUNTED`` items are counted.
    """

    before: str
    after: str
    items: int
    answered: int
    drafts: int
    fields: Carried

    @property
    def is_more(self) -> bool:
        """Return whether there are more items than were counted."""
        return self.items > MOST_COUNTED


def form_effect(slug: str, template: str) -> FormEffect:
    """Return what it means that a queue takes another form; nothing is changed."""
    queue = Queue.objects.select_related("template").get(slug=slug)
    other = live_version(RuleKind.TEMPLATE, template)
    under_way = WorkItem.objects.filter(queue=queue).exclude(state__in=ENDED)
    counted = under_way.order_by()[: MOST_COUNTED + 1].aggregate(
        items=Count("pk"), answered=Count("pk", filter=Q(evidence_done__gt=0))
    )
    drafts = Draft.objects.filter(item__queue=queue).exclude(answers={})
    typed = drafts.exclude(item__state__in=ENDED).order_by()[:MOST_COUNTED]
    return FormEffect(
        before=str(queue.template),
        after=str(other),
        drafts=typed.count(),
        fields=carried(queue.template.fields, other.fields),
        **counted,
    )
