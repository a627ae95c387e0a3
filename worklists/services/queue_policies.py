"""What a queue stands on: another ladder, form or review policy, and the row that takes it.

What is under way keeps what it began with, as under a new version of it: clocks that run
their ladder, items their form, reviews that are open their policy. Clocks that begin,
items that arrive or are moved there, and submits from then on go by the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from worklists.enums import RuleKind
from worklists.errors import BadInput
from worklists.models import EvidenceTemplate, Queue, RuleVersion
from worklists.models.rules import OPEN_RULES
from worklists.selectors import rules as selectors
from worklists.selectors.rules import STANDS_ON
from worklists.services.new_queues import (
    open_queue,
    policy_of,
    refuse_unjudged,
    refuse_unusable,
    rows_of,
)

Content = Mapping[str, Any]
IN_FACTS = {"sla": "ladder", "template": "form", "review": "review_policy"}


def refuse_settings(slug: str, content: Content) -> None:
    """Refuse to propose what a queue's managers change at once."""
    live = selectors.live_content(RuleKind.QUEUE, slug)
    settings = live.keys() - STANDS_ON.keys()
    same = all(content.get(name) == live[name] for name in settings)
    if not same or content.keys() != live.keys():
        raise BadInput(
            "The settings of a queue are changed at once. What it stands on is proposed "
            "by itself."
        )


def refuse_policies(slug: str, content: Content) -> None:
    """Refuse what a queue cannot stand on; what it stands on today is left alone.

    All of it must be there. A form is of the queue's kind of work and finishes its
    items. A form and a review policy that come together, or a policy that comes alone,
    fit: the form has every answer that the policy names. A form that comes alone keeps
    those that the policy names and the form of today has. Of a queue that is not there
    yet everything is looked at.
    """
    queue = Queue.objects.filter(slug=slug).select_related(*_KEYS).first()
    if queue is None:
        rows_of(content)
        return
    rows = _others(queue, content)
    form = rows.get("template", queue.template)
    if "template" in rows:
        refuse_unusable(form, queue.kind)
    if "review" in rows:
        refuse_unjudged(rows["review"], form)
    elif "template" in rows:
        _refuse_unnamed(queue, form)


_KEYS = tuple(key for _, key in STANDS_ON.values())


def _others(queue: Queue, content: Content) -> dict[str, Any]:
    """Return the rows of what is another one than the queue has, by their names."""
    return {
        name: policy_of(content, name)
        for name, (_, key) in STANDS_ON.items()
        if content[name] != getattr(queue, key).slug
    }


def _refuse_unnamed(queue: Queue, other: EvidenceTemplate) -> None:
    judged = selectors.named_in(queue.review_policy)
    has = selectors.answers_in(queue.template.fields)
    gone = (judged & has) - selectors.answers_in(other.fields)
    if gone:
        why = (
            f"The review policy of the queue names {', '.join(sorted(gone))}, which "
            "this form does not have. Change that policy first, or choose another one "
            "with it."
        )
        raise BadInput(why, fields={"template": [why]})


def put_queue_to_work(version: RuleVersion) -> dict[str, Any]:
    """Open the queue that a first version begins; else have it take what it says.

    Effects: the queue's row. Returns what it stands on now and stood on for the trail.
    Refuses, as proposing did, what does not fit the queue any more.
    """
    slug, content = version.rule.slug, version.content
    # Before the queue's own row: a version of what it stands on locks itself first, too.
    _hold_versions(content)
    # Locked without its policies: rows joined to it would be those of before the wait.
    queue = Queue.objects.select_for_update().filter(slug=slug).first()
    if queue is None:
        return open_queue(version)
    refuse_policies(slug, content)  # by what came into force meanwhile
    did: dict[str, Any] = {}
    rows = _others(queue, content)
    for name, row in rows.items():
        key = STANDS_ON[name][1]
        said = IN_FACTS[name]
        did |= {said: str(row), f"{said}_before": str(getattr(queue, key))}
        setattr(queue, key, row)
    queue.save(update_fields=[STANDS_ON[name][1] for name in rows])
    return did


def _hold_versions(content: Content) -> None:
    """Have versions that wait of all that a queue stands on wait for the queue.

    One that comes into force meanwhile points to every queue that has it, and was held
    against what these queues stood on: it is put in force before or after.
    """
    those = (
        Q(rule__kind=kind, rule__slug=content[name])
        for name, (kind, _) in STANDS_ON.items()
    )
    rows = RuleVersion.objects.filter(reduce(or_, those), state__in=OPEN_RULES)
    list(rows.order_by("pk").select_for_update(of=("self",)))
