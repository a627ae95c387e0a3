"""Another form of a queue: what it must fit, and the row that takes it.

What is under way keeps the form it was opened with, as under a new version of a form;
what arrives from then on, and what is moved there, is asked by the other one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worklists.enums import RuleKind
from worklists.errors import BadInput
from worklists.models import EvidenceTemplate, Queue, RuleVersion
from worklists.models.rules import OPEN_RULES
from worklists.selectors import rules as selectors
from worklists.services.new_queues import open_queue, refuse_unusable, rows_of

Content = Mapping[str, Any]


def refuse_settings(slug: str, content: Content) -> None:
    """Refuse to propose what a queue's managers change at once."""
    live = selectors.live_content(RuleKind.QUEUE, slug)
    if {**content, "template": ""} != {**live, "template": ""}:
        raise BadInput(
            "The settings of a queue are changed at once. Another form is proposed by "
            "itself."
        )


def refuse_form(slug: str, content: Content) -> None:
    """Refuse a form that the queue cannot work by; the one it has is left alone.

    It must be there, of the queue's kind of work, finish its items, and have every
    answer that the queue's review policy names and the form of today has. Of a queue
    that is not there yet everything it stands on is looked at.
    """
    queue = Queue.objects.filter(slug=slug).select_related("template").first()
    if queue is None:
        rows_of(content)
    elif content["template"] != queue.template.slug:
        other = selectors.live_version(RuleKind.TEMPLATE, content["template"])
        if other is None:
            raise _refused(f"There is no “{content['template']}”.")
        refuse_unusable(other, queue.kind)
        _refuse_unnamed(queue, other)


def _refuse_unnamed(queue: Queue, other: EvidenceTemplate) -> None:
    gone = selectors.judged_in(queue) - selectors.answers_in(other.fields)
    if gone:
        raise _refused(
            f"The review policy of the queue names {', '.join(sorted(gone))}, which "
            "this form does not have. Change that policy first."
        )


def _refused(why: str) -> BadInput:
    return BadInput(why, fields={"template": [why]})


def put_queue_to_work(version: RuleVersion) -> dict[str, Any]:
    """Open the queue that a first version begins; else have it take the other form.

    Effects: the queue's row. Returns both forms for the trail. Refuses, as proposing
    did, a form that does not fit the queue any more.
    """
    # Locked without its form: a row joined to it would be the one of before the wait.
    rows = Queue.objects.select_for_update()
    queue = rows.filter(slug=version.rule.slug).first()
    if queue is None:
        return open_queue(version)
    before, slug = queue.template, version.content["template"]
    # A version of that form which comes into force meanwhile points to every queue
    # that has it: it waits for this one, so that none is left behind.
    waits = RuleVersion.objects.filter(
        rule__kind=RuleKind.TEMPLATE, rule__slug=slug, state__in=OPEN_RULES
    )
    list(waits.select_for_update(of=("self",)))
    refuse_form(queue.slug, version.content)  # by what came into force meanwhile
    queue.template = selectors.live_version(RuleKind.TEMPLATE, slug)
    queue.save(update_fields=["template"])
    return {"form": str(queue.template), "form_before": str(before)}
