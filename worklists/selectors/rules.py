"""Rules in versions: what works today, what was before, who uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max

from worklists.enums import RuleKind, RuleState
from worklists.errors import NotVisible
from worklists.ladder_words import in_order
from worklists.models import (
    BusinessCalendar,
    EvidenceTemplate,
    Facility,
    LadderStep,
    Queue,
    ReviewPolicy,
    RoutingRule,
    Rule,
    RuleVersion,
    SlaPolicy,
    User,
)
from worklists.models.rules import OPEN_RULES
from worklists.selectors.site import site_today
from worklists.task_classes import NAME, SLUG, chosen

Content = dict[str, Any]
Said = Mapping[str, Any]
# The fields of a queue through which a rule works, by its kind.
THROUGH = {
    RuleKind.SLA: "sla_policy__slug",
    RuleKind.TEMPLATE: "template__slug",
    RuleKind.REVIEW: "review_policy__slug",
    RuleKind.ROUTING: "kind",
    RuleKind.QUEUE: "slug",
}
# Everything a version of a review policy says; its dollars are kept as text.
REVIEW_FIELDS = tuple(
    field.name
    for field in ReviewPolicy._meta.fields
    if field.name not in {"id", "slug", "version", "author", "effective_from"}
)
TEMPLATE_FIELDS = ("name", "kind", "step", "fields")
STEP_FIELDS = (
    *("position", "clock_kind", "offset_hours", "tell", "needs_acknowledgement"),
)
REVIEW_DOLLARS = ("amount_from", "approval_from")
VERSIONED: Mapping[RuleKind, tuple[Any, str]] = {
    RuleKind.SLA: (SlaPolicy, "sla_policy_id"),
    RuleKind.TEMPLATE: (EvidenceTemplate, "template_id"),
    RuleKind.REVIEW: (ReviewPolicy, "review_policy_id"),
}
# What a queue stands on: the names in its content, each with its kind of rule and field.
STANDS_ON: Mapping[str, tuple[RuleKind, str]] = {
    "sla": (RuleKind.SLA, "sla_policy"),
    "template": (RuleKind.TEMPLATE, "template"),
    "review": (RuleKind.REVIEW, "review_policy"),
}
# The rows of rules that begin: on a page, or as the release ships them.
BEGINS: Mapping[RuleKind, Any] = {
    RuleKind.QUEUE: Queue,
    RuleKind.CALENDAR: BusinessCalendar,
    **{kind: model for kind, (model, _) in VERSIONED.items()},
}


def queue_content(queue: Queue) -> Content:
    """Return the settings of a queue that its managers change, and what it stands on."""
    return {
        **{name: getattr(queue, key).slug for name, (_, key) in STANDS_ON.items()},
        "purpose": queue.purpose,
        "team": queue.team.slug,
        "supervisor": queue.supervisor.username,
        "review_on": queue.review_on.isoformat(),
        "hand_out": queue.hand_out,
        "max_in_hand": queue.max_in_hand,
        "release_after_hours": queue.release_after_hours,
    }


def sla_content(policy: SlaPolicy) -> Content:
    """Return a service level with its ladder."""
    return {
        "name": policy.name,
        "business_hours": policy.business_hours,
        "steps": in_order(
            {name: getattr(step, name) for name in STEP_FIELDS}
            for step in policy.steps.all()
        ),
    }


def review_content(policy: ReviewPolicy) -> Content:
    """Return a review policy; dollars are text."""
    content = {name: getattr(policy, name) for name in REVIEW_FIELDS}
    for name in REVIEW_DOLLARS:
        amount = content[name]
        content[name] = None if amount is None else f"{amount:.2f}"
    return content


def template_content(template: EvidenceTemplate) -> Content:
    """Return an evidence template."""
    return {name: getattr(template, name) for name in TEMPLATE_FIELDS}


def calendar_content(calendar: BusinessCalendar) -> Content:
    """Return a calendar with its days that are not as their weekday."""
    return {
        "name": calendar.name,
        "time_zone": calendar.time_zone,
        "weekly_hours": calendar.weekly_hours,
        "federal_holidays": calendar.federal_holidays,
        "days": [
            {"day": day.day.isoformat(), "name": day.name, "hours": day.hours}
            for day in sorted(calendar.holidays.all(), key=lambda one: one.day)
        ],
    }


def routing_content(kind: str) -> Content:
    """Return the rules of one kind of work in their order."""
    rules = RoutingRule.objects.filter(kind=kind, is_active=True)
    return {
        "rules": [
            {"name": r.name, "conditions": r.conditions, "queue": r.queue.slug}
            for r in rules.select_related("queue").order_by("position")
        ]
    }


CONTENT: Mapping[str, Callable[[Any], Content]] = {
    RuleKind.SLA: sla_content,
    RuleKind.TEMPLATE: template_content,
    RuleKind.REVIEW: review_content,
}


def site_content() -> Content:
    """Return the classes in force: as shipped until a version says something else.

    No other row works here: the version in force is itself what works.
    """
    rows = RuleVersion.objects.filter(rule__kind=RuleKind.SITE, rule__slug=SLUG)
    row = rows.filter(state=RuleState.IN_FORCE).first()
    return {"classes": chosen(row.content if row else {})}


def using(kind: str, slug: str) -> list[Queue]:
    """Return the active queues that a rule works on, by name; none for the site's."""
    rows = Queue.objects.filter(is_active=True).select_related(
        "team", "supervisor", *(key for _, key in STANDS_ON.values())
    )
    if kind in {RuleKind.CALENDAR, RuleKind.SITE}:
        return list(rows.none())
    return list(rows.filter(**{THROUGH[RuleKind(kind)]: slug}).order_by("name"))


def given_to(version: RuleVersion) -> int | None:
    """Return who manages the queue that a first version opens, by its supervisor."""
    rule = version.rule
    if rule.kind != RuleKind.QUEUE or Queue.objects.filter(slug=rule.slug).exists():
        return None
    named = User.objects.filter(username=version.content["supervisor"])
    return named.values_list("pk", flat=True).first()


def judged_on(slug: str) -> frozenset[str]:
    """Return the answers, as ``field:code``, that the form in force has and that review
    policies of its queues name: those a senior looks at and those a role approves.
    """
    has = answers_in(live_version(RuleKind.TEMPLATE, slug).fields)
    policies = {queue.review_policy_id for queue in using(RuleKind.TEMPLATE, slug)}
    rows = ReviewPolicy.objects.filter(pk__in=policies)
    return frozenset[str]().union(*map(named_in, rows)) & has


def named_in(policy: ReviewPolicy) -> frozenset[str]:
    """Return the answers, as ``field:code``, that a review policy names."""
    return frozenset((*policy.judgements, *policy.approvals))


def answers_in(fields: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return the choices that a form has, as ``field:code``."""
    return frozenset(
        f"{field['name']}:{code}"
        for field in fields
        for code, _ in field.get("choices", ())
    )


def places_of(slug: str) -> list[Facility]:
    """Return the facilities that work by a calendar."""
    return list(Facility.objects.filter(calendar__slug=slug).order_by("name"))


def live_version(kind: str, slug: str) -> Any:
    """Return the row of a versioned model that queues use, else the newest."""
    model, key = VERSIONED[RuleKind(kind)]
    rows = model.objects.filter(slug=slug)
    ids = Queue.objects.filter(is_active=True).values(key)
    used = rows.filter(pk__in=ids).order_by("-version").first()
    return used or rows.order_by("-version").first()


def live_content(kind: str, slug: str) -> Content:
    """Return what works today, as a version would say it, or ``NotVisible``."""
    found = _LIVE[kind](slug) if kind in _LIVE else _of_versioned(kind, slug)
    if found is None:
        raise NotVisible("There is no such rule.")
    return found


def names(kind: str, /, *, of: str = "name", **those: str) -> dict[str, str]:
    """Return the newest name, or another field, of every rule of a versioned kind by its
    short name."""
    model, _ = VERSIONED[RuleKind(kind)]
    rows = model.objects.filter(**those).order_by("version")
    return dict(rows.values_list("slug", of))


def named(kind: str, name: str) -> str:
    """Return the short name of the rule that has a name, written large or small."""
    same = name.strip().casefold()
    found = (slug for slug, one in names(kind).items() if one.casefold() == same)
    return next(found, "")


def is_taken(kind: str, slug: str) -> bool:
    """Return whether something that begins has this short name, at work or not."""
    return bool(BEGINS[RuleKind(kind)].objects.filter(slug=slug).exists())


def _live_routing(slug: str) -> Content | None:
    found = routing_content(slug)
    return found if found["rules"] else None


def _live_queue(slug: str) -> Content | None:
    queue = using(RuleKind.QUEUE, slug)
    return queue_content(queue[0]) if queue else None


def _live_calendar(slug: str) -> Content | None:
    calendar = BusinessCalendar.objects.filter(slug=slug).first()
    return calendar_content(calendar) if calendar else None


def _live_site(slug: str) -> Content | None:
    return site_content() if slug == SLUG else None


def _of_versioned(kind: str, slug: str) -> Content | None:
    row = live_version(kind, slug) if kind in RuleKind.values else None
    return CONTENT[kind](row) if row else None


_LIVE: Mapping[str, Callable[[str], Content | None]] = {
    RuleKind.ROUTING: _live_routing,
    RuleKind.QUEUE: _live_queue,
    RuleKind.CALENDAR: _live_calendar,
    RuleKind.SITE: _live_site,
}


def as_found(kind: str, slug: str) -> list[RuleVersion]:
    """Return unsaved versions for what is not kept as one yet, newest first.

    These are the rows as they were set up, and a change that was made beside the rule
    pages since. What nobody proposed carries no author but the row's own.
    """
    rule = Rule.objects.filter(kind=kind, slug=slug).first()
    kept = (
        RuleVersion.objects.filter(rule=rule, state=RuleState.IN_FORCE) if rule else ()
    )
    in_force = next(iter(kept), None)
    if rule is not None and kind in BEGINS and not is_taken(kind, slug):
        return []  # it is proposed, and nothing works by it yet
    content = live_content(kind, slug)
    if in_force is not None:
        same = same_content(kind, in_force.content, content)
        newest = RuleVersion.objects.filter(rule=rule).aggregate(top=Max("number"))
        return [] if same else [_found(rule, newest["top"] + 1, content)]
    if kind not in VERSIONED:
        return [_found(rule, 1, content)]
    model, _ = VERSIONED[RuleKind(kind)]
    live = live_version(kind, slug)
    rows = model.objects.filter(slug=slug, version__lte=live.version)
    versions = [_of_row(rule, kind, row) for row in rows.order_by("-version")]
    for older in versions[1:]:
        older.state = RuleState.SUPERSEDED
    return versions


def same_content(kind: str, one: Said, other: Said) -> bool:
    """Return whether a version says what ``other``, that works, does; numbers of steps
    are no difference, nor is a class that a version leaves as shipped."""
    if kind == RuleKind.SITE:
        return chosen(one) == chosen(other)
    if kind == RuleKind.QUEUE:  # how it was begun is said by its first version alone
        return all(name in one and one[name] == other[name] for name in other)
    if kind != RuleKind.SLA:
        return one == other
    return _bare(one) == _bare(other)


def _bare(content: Said) -> Content:
    steps = [{k: v for k, v in s.items() if k != "position"} for s in content["steps"]]
    return {**content, "steps": steps}


def _found(rule: Rule | None, number: int, content: Content) -> RuleVersion:
    return RuleVersion(
        rule=rule,
        number=number,
        state=RuleState.IN_FORCE,
        content=content,
        alone=True,
    )


def _of_row(rule: Rule | None, kind: str, row: Any) -> RuleVersion:
    found = _found(rule, row.version, CONTENT[kind](row))
    found.effective_from = row.effective_from
    found.proposed_by = getattr(row, "author", None)
    return found


def versions_of(kind: str, slug: str) -> list[RuleVersion]:
    """Return every version of a rule, newest first, kept or as found."""
    rule = Rule.objects.filter(kind=kind, slug=slug).first()
    found = as_found(kind, slug)
    kept: list[RuleVersion] = []
    if rule is not None:
        rows = RuleVersion.objects.filter(rule=rule).order_by("-number")
        people = rows.select_related(
            "rule", "proposed_by", "decided_by", "ladder_switch"
        )
        kept = list(people.prefetch_related("words__said_by"))
    if kind == RuleKind.QUEUE and is_taken(kind, slug):
        _beside_settings(slug, kept)
    if found and kept:
        for version in kept:
            if version.state == RuleState.IN_FORCE:
                version.state = RuleState.SUPERSEDED
    return sorted([*found, *kept], key=lambda v: -v.number)


def _beside_settings(slug: str, versions: Iterable[RuleVersion]) -> None:
    """Read what a queue is to stand on with the settings of today, which stay as they
    are.

    What it says is kept as it was proposed; the settings may have changed beside it.
    """
    waiting, live = open_of(versions), _live_queue(slug)
    if waiting is not None and live is not None:
        waiting.content = live | {name: waiting.content[name] for name in STANDS_ON}


def in_force_of(versions: Iterable[RuleVersion]) -> RuleVersion | None:
    """Return the version that works today, None for what is proposed as new."""
    return next((v for v in versions if v.state == RuleState.IN_FORCE), None)


def open_of(versions: Iterable[RuleVersion]) -> RuleVersion | None:
    """Return the version that waits, if any."""
    return next((v for v in versions if v.state in OPEN_RULES), None)


def highest_positions(slug: str) -> dict[str, int]:
    """Return the highest number of a step that any version of a ladder used."""
    steps = LadderStep.objects.filter(policy__slug=slug).values_list("clock_kind")
    return dict(steps.annotate(Max("position")).order_by())


@dataclass(frozen=True, slots=True)
class Line:
    """A rule in the index: its name, what waits, who uses it."""

    kind: str
    slug: str
    name: str
    used_by: int
    version: int
    waiting: RuleVersion | None
    owner: str
    review_on: date | None
    today: date

    @property
    def is_late(self) -> bool:
        """Return whether the day has passed on which it was to be looked at again."""
        return self.review_on is not None and self.review_on < self.today


def index() -> list[tuple[RuleKind, list[Line]]]:
    """Return every rule by kind: a fixed number of queries, however many there are."""
    waiting = {
        (v.rule.kind, v.rule.slug): v
        for v in RuleVersion.objects.filter(state__in=OPEN_RULES).select_related("rule")
    }
    newest = {
        (kind, slug): number
        for kind, slug, number in Rule.objects.filter(
            versions__state=RuleState.IN_FORCE
        ).values_list("kind", "slug", "versions__number")
    }
    more = (
        "team__name",
        "review_on",
        *(f"{key}__{field}" for key in _KEYS for field in ("slug", "name", "version")),
    )
    rows = Queue.objects.filter(is_active=True).order_by("name")
    queues = list(rows.values("name", "slug", "kind", *more))
    today = site_today()
    owners = {
        (RuleKind.QUEUE, q["slug"]): (q["team__name"], q["review_on"], today)
        for q in queues
    }
    found = {kind: _lines(kind, queues) for kind in RuleKind}
    for (kind, slug), version in waiting.items():
        there = {line[0] for line in found[RuleKind(kind)]}
        if kind in BEGINS and slug not in there:  # proposed as new, or used by none
            name = version.content.get("name", slug)  # a queue at rest says none
            found[RuleKind(kind)].append((slug, name, 0, 0))
    return [
        (
            kind,
            [
                Line(
                    kind,
                    slug,
                    name,
                    count,
                    newest.get((kind, slug), version),
                    waiting.get((kind, slug)),
                    *owners.get((kind, slug), ("", None, today)),
                )
                for slug, name, count, version in lines
            ],
        )
        for kind, lines in found.items()
    ]


_KEYS = ("sla_policy", "template", "review_policy")
_Raw = tuple[str, str, int, int]


def _lines(kind: RuleKind, queues: list[dict[str, Any]]) -> list[_Raw]:
    if kind == RuleKind.QUEUE:
        return [(q["slug"], q["name"], 0, 1) for q in queues]
    if kind == RuleKind.CALENDAR:
        rows = BusinessCalendar.objects.values_list("slug", "name")
        used = list(Facility.objects.values_list("calendar__slug", flat=True))
        return [(slug, name, used.count(slug), 1) for slug, name in rows]
    if kind == RuleKind.SITE:
        return [(SLUG, NAME, 0, 1)]
    if kind == RuleKind.ROUTING:
        kinds = RoutingRule.objects.filter(is_active=True).values_list(
            "kind", flat=True
        )
        each = sorted(set(kinds))
        counts = [q["kind"] for q in queues]
        return [(k, k.replace("_", " "), counts.count(k), 1) for k in each]
    key = VERSIONED[kind][1].removesuffix("_id")
    found: dict[str, _Raw] = {
        slug: (slug, name, 0, version)
        for slug, name, version in VERSIONED[kind][0]
        .objects.order_by("slug", "version")
        .values_list("slug", "name", "version")
    }
    for queue in queues:
        slug = queue[f"{key}__slug"]
        _, _, used_by, version = found[slug]
        found[slug] = (slug, queue[f"{key}__name"], used_by + 1, version)
    return sorted(found.values(), key=lambda raw: raw[1])
