"""Putting a version of a rule in force: the rows that work are written from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max

from worklists.context import now
from worklists.enums import RuleKind, State, TaskClass
from worklists.errors import BadInput
from worklists.ladder_words import with_positions
from worklists.models import (
    BusinessCalendar,
    Holiday,
    LadderStep,
    Queue,
    RoutingRule,
    RuleVersion,
    SlaPolicy,
    User,
    WorkItem,
)
from worklists.selectors.rules import (
    REVIEW_DOLLARS,
    REVIEW_FIELDS,
    STEP_FIELDS,
    TEMPLATE_FIELDS,
    VERSIONED,
    highest_positions,
    live_version,
)
from worklists.services.ladders import switch_to
from worklists.services.queue_policies import put_queue_to_work
from worklists.task_classes import chosen

Effect = Callable[[RuleVersion], dict[str, Any]]


def put_to_work(version: RuleVersion) -> dict[str, Any]:
    """Write the rows of a version; return what that did, for the trail.

    Versioned rows get a new one, to which every queue that used the one before is
    pointed; the old row stays as it was. Calendars, routing and queues are written in
    place. The caller holds the transaction and the rule's lock.
    """
    return _EFFECTS[version.rule.kind](version)


def new_row(
    kind: RuleKind,
    slug: str,
    *,
    number: int,
    content: Mapping[str, Any],
    since: date | None,
    author: User | None = None,
) -> Any:
    """Add the row of a versioned rule as its content says; nothing is pointed to it."""
    common = {
        "slug": slug,
        "version": number,
        "name": content["name"],
        "effective_from": since,
    }
    if kind == RuleKind.SLA:
        return _new_sla(common, content)
    model, _ = VERSIONED[kind]
    names = TEMPLATE_FIELDS if kind == RuleKind.TEMPLATE else REVIEW_FIELDS
    said = _pick(content, *names)
    if kind == RuleKind.REVIEW:
        dollars = _pick(content, *REVIEW_DOLLARS)
        said |= {name: one and Decimal(one) for name, one in dollars.items()}
    return model.objects.create(**said | common, author=author)


def _new_sla(common: Mapping[str, Any], content: Mapping[str, Any]) -> SlaPolicy:
    policy = SlaPolicy.objects.create(
        **common, business_hours=content["business_hours"]
    )
    LadderStep.objects.bulk_create(
        LadderStep(policy=policy, **step) for step in content["steps"]
    )
    return policy


def _next(kind: RuleKind, slug: str) -> int:
    model, _ = VERSIONED[kind]
    top = model.objects.filter(slug=slug).aggregate(top=Max("version"))["top"]
    return int(top or 0) + 1


def _versioned(version: RuleVersion) -> dict[str, Any]:
    """Add the row and point every queue to it that used one before."""
    kind, slug = RuleKind(version.rule.kind), version.rule.slug
    row = new_row(
        kind,
        slug,
        number=_next(kind, slug),
        content=version.content,
        since=version.effective_from,
        author=version.proposed_by,
    )
    return {"queues": _point(kind, slug, row)}


def _point(kind: RuleKind, slug: str, row: Any) -> int:
    # By the queue's own column: a queue that takes another form meanwhile is looked at
    # again when its turn comes, and a joined row would still say the form of before.
    model, key = VERSIONED[kind]
    rows = list(model.objects.filter(slug=slug).values_list("pk", flat=True))
    return Queue.objects.filter(**{f"{key}__in": rows}).update(**{key: row.pk})


def _sla(version: RuleVersion) -> dict[str, Any]:
    slug, content = version.rule.slug, version.content
    before = live_version(RuleKind.SLA, slug)
    known = before.steps.values(*STEP_FIELDS[:3]) if before else ()
    steps = with_positions(content["steps"], known, highest_positions(slug))
    policy = new_row(
        RuleKind.SLA,
        slug,
        number=_next(RuleKind.SLA, slug),
        content={**content, "steps": steps},
        since=version.effective_from,
    )
    if before:
        switch_to(version)  # before any queue is: what opens from here on has it
    return {"queues": _point(RuleKind.SLA, slug, policy)}


def _pick(content: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: content[name] for name in names}


def _calendar(version: RuleVersion) -> dict[str, Any]:
    content = version.content
    names = ("name", "time_zone", "weekly_hours", "federal_holidays")
    calendar, _ = BusinessCalendar.objects.update_or_create(
        slug=version.rule.slug, defaults=_pick(content, *names)
    )
    calendar.holidays.all().delete()
    Holiday.objects.bulk_create(
        Holiday(calendar=calendar, **_pick(day, "day", "name", "hours"))
        for day in content["days"]
    )
    return {"days": len(content["days"])}


def routed_queues(kind: str, rows: Iterable[Mapping[str, Any]]) -> dict[str, Queue]:
    """Return the active queues of a kind of work by slug; refuse rows that name another."""
    active = Queue.objects.filter(kind=kind, is_active=True)
    queues = {queue.slug: queue for queue in active}
    if strange := sorted({row["queue"] for row in rows} - set(queues)):
        why = f"There is no active queue “{strange[0]}” for this kind of work."
        raise BadInput(why, fields={"content": [why]})
    return queues


def _routing(version: RuleVersion) -> dict[str, Any]:
    kind = version.rule.slug
    old = RoutingRule.objects.filter(kind=kind)
    number = old.aggregate(top=Max("version"))["top"] or 0
    old.update(is_active=False)
    rows = version.content["rules"]
    queues = routed_queues(kind, rows)
    RoutingRule.objects.bulk_create(
        RoutingRule(
            kind=kind,
            position=place,
            name=row["name"],
            conditions=row["conditions"],
            queue=queues[row["queue"]],
            version=number + 1,
        )
        for place, row in enumerate(rows, start=1)
    )
    return {"rules": len(rows)}


def _site(version: RuleVersion) -> dict[str, Any]:
    """The version is itself what works. What lay idle while its release was left to
    people is looked at again by the next sweep."""
    if chosen(version.content)["release_idle"] != TaskClass.AUTOMATIC:
        return {}
    held = WorkItem.objects.filter(
        state=State.IN_PROGRESS, queue__release_after_hours__gt=0
    )
    return {"looked_again": held.update(wake_at=now())}


_EFFECTS: dict[str, Effect] = {
    RuleKind.QUEUE: put_queue_to_work,
    RuleKind.SLA: _sla,
    RuleKind.REVIEW: _versioned,
    RuleKind.TEMPLATE: _versioned,
    RuleKind.CALENDAR: _calendar,
    RuleKind.SITE: _site,
    RuleKind.ROUTING: _routing,
}
