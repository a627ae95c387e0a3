"""Rules of the house to read: the index, one rule, what differs between two versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from worklists import kinds
from worklists.enums import RuleKind, RuleState
from worklists.errors import NotVisible
from worklists.models import Queue, RuleVersion
from worklists.rule_policies import (
    COPIED,
    may_change_rule,
    may_decide_rule,
    may_propose_new,
    may_withdraw_rule,
)
from worklists.rule_words import Change, difference, faults_of, words_of
from worklists.selectors import rules as selectors
from worklists.selectors.access import access_of
from worklists.selectors.automatic_acts import may_see_automatic
from worklists.selectors.calendar_effect import calendar_effect
from worklists.selectors.ladder_effect import ladder_effect
from worklists.selectors.ladder_line import lines_of
from worklists.selectors.queue_effect import queue_effect
from worklists.selectors.routing_effect import routing_effect
from worklists.services import reading
from worklists.task_classes import NAME
from worklists.templatetags.wording import counted
from worklists.views.access import anyone, page
from worklists.views.task_classes import shown_table
from worklists.views.template_preview import preview_of

TONES = {
    RuleState.PROPOSED: ("hourglass", "soon"),
    RuleState.APPROVED: ("calendar-due", "accent"),
    RuleState.IN_FORCE: ("circle-check", "done"),
    RuleState.SUPERSEDED: ("history", ""),
    RuleState.SENT_BACK: ("arrow-back-up", "returned"),
    RuleState.WITHDRAWN: ("circle-x", ""),
}
MANY = {
    RuleKind.QUEUE: "Queues",
    RuleKind.SLA: "Service levels and their ladders",
    RuleKind.REVIEW: "Review policies",
    RuleKind.TEMPLATE: "Evidence templates",
    RuleKind.ROUTING: "Routing, by kind of work",
    RuleKind.CALENDAR: "Calendars",
    RuleKind.SITE: "Human, assisted, automatic",
}
BEGINS_AS = {
    RuleKind.QUEUE: "New queue",
    RuleKind.CALENDAR: "New calendar",
    RuleKind.SLA: "New service level",
    RuleKind.REVIEW: "New review policy",
    RuleKind.TEMPLATE: "New evidence template",
}
Crumbs = list[tuple[str, str]]


def crumbs(*more: tuple[str, str]) -> Crumbs:
    """Return where the person is, below the rules."""
    return [("Rules", reverse("worklists:rules") if more else ""), *more]


def tag_of(version: RuleVersion) -> tuple[str, str, str]:
    """Return how a version stands: words, icon, tone."""
    state = RuleState(version.state)
    return str(state.label), *TONES[state]


@page(anyone)
def index(request: HttpRequest) -> HttpResponse:
    """Show every rule by kind, what waits, and who uses it."""
    groups = selectors.index()
    waiting = sum(bool(line.waiting) for _, lines in groups for line in lines)
    verb = "waits" if waiting == 1 else "wait"
    context = {
        "groups": [
            (
                kind.value,
                MANY[kind],
                [(one, _tag(one)) for one in lines],
                _begins(request, kind),
            )
            for kind, lines in groups
        ],
        "sub": f"{counted(waiting, 'change')} {verb} for another person’s word."
        if waiting
        else "No change waits.",
        "crumbs": crumbs(),
    }
    return render(request, "worklists/rules.html", context)


def _begins(request: HttpRequest, kind: str) -> str:
    """Return what the link says by which the person begins one, empty if they may not."""
    barred = may_propose_new(access_of(request.user), kind)
    return "" if barred else BEGINS_AS[RuleKind(kind)]


def _tag(line: selectors.Line) -> tuple[str, str, str] | None:
    return tag_of(line.waiting) if line.waiting else None


@dataclass(frozen=True, slots=True)
class Shown:
    """A rule as its pages show it."""

    kind: str
    slug: str
    name: str
    versions: Sequence[RuleVersion]
    holds: RuleVersion
    queues: Sequence[Queue]
    why_not: str

    @property
    def is_new(self) -> bool:
        """Return whether nothing works by it yet: its newest version stands for it."""
        return self.holds.state != RuleState.IN_FORCE

    @property
    def is_ladder(self) -> bool:
        """Return whether it has a ladder to draw."""
        return self.kind == RuleKind.SLA


def shown(request: HttpRequest, kind: str, slug: str) -> Shown:
    """Return a rule with its versions and whether the person may change it."""
    if kind not in RuleKind.values:
        raise NotVisible("There is no such kind of rule.")
    versions = selectors.versions_of(kind, slug)
    queues = selectors.using(kind, slug)
    if not versions:
        raise NotVisible("There is no such rule.")
    holds = selectors.in_force_of(versions) or versions[0]
    barred = may_change_rule(access_of(request.user), kind, [q.pk for q in queues])
    return Shown(
        kind=kind,
        slug=slug,
        name=_name(kind, slug, queues, holds),
        versions=versions,
        holds=holds,
        queues=queues,
        why_not=barred.why if barred else "",
    )


def _name(
    kind: str,
    slug: str,
    queues: Sequence[Queue],
    said: RuleVersion,
) -> str:
    if kind == RuleKind.QUEUE:
        return str(queues[0].name if queues else said.content.get("name", slug))
    if kind == RuleKind.ROUTING:
        labels = {one.slug: one.label for one in kinds.all_kinds()}
        return f"Routing of {labels.get(slug, slug).lower()}"
    if kind == RuleKind.SITE:
        return NAME
    return str(said.content["name"])


@page(anyone)
def rule(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """Show one rule: what it says today, its versions, who uses it, two compared."""
    found = shown(request, kind, slug)
    if found.is_new:  # its version says everything
        return redirect("worklists:rule_version", kind, slug, found.holds.number)
    _note(request, found)
    old, new = _two(request, found.versions)
    context = {
        "rule": found,
        "words": words_of(kind, found.holds.content).items(),
        "faults": faults_of(kind, found.holds.content),
        "lines": lines_of(found.holds.content) if found.is_ladder else [],
        "history": [(one, tag_of(one)) for one in found.versions],
        "waiting": selectors.open_of(found.versions),
        "places": selectors.places_of(slug) if kind == RuleKind.CALENDAR else [],
        "old": old,
        "new": new,
        "changes": compared(kind, old, new) if old and new else [],
        "may_copy": kind in COPIED and bool(_begins(request, kind)),
        "crumbs": crumbs((found.name, "")),
        **(_table(request, found) if kind == RuleKind.SITE else {}),
    }
    return render(request, "worklists/rule.html", context)


def _note(request: HttpRequest, found: Shown) -> None:
    """Record an auditor's read; what no version was stored of has no number yet."""
    if number := found.holds.rule_id:
        reading.record_audit_read(actor=request.user, kind="rule", number=number)


def _table(request: HttpRequest, found: Shown) -> dict[str, Any]:
    return {
        "table": shown_table(found.versions),
        "sees_acts": may_see_automatic(access_of(request.user)) is None,
    }


def _two(
    request: HttpRequest, versions: Sequence[RuleVersion]
) -> tuple[RuleVersion | None, RuleVersion | None]:
    """Return the two versions that are asked for; else the newest and the one before."""
    by_number = {str(one.number): one for one in versions}
    asked = (
        by_number.get(request.GET.get("a", "")),
        by_number.get(request.GET.get("b", "")),
    )
    if all(asked):
        return asked
    return (versions[1], versions[0]) if len(versions) > 1 else (None, None)


def compared(kind: str, old: RuleVersion, new: RuleVersion) -> list[Change]:
    """Return what differs between two versions, field by field in words."""
    return difference(kind, old.content, new.content)


@page(anyone)
def version(request: HttpRequest, kind: str, slug: str, number: int) -> HttpResponse:
    """Show one version: what it changes, why, what it would do, who decides."""
    found = shown(request, kind, slug)
    one = next((v for v in found.versions if v.number == number), None)
    if one is None:
        raise NotVisible(f"There is no version {number} of this rule.")
    _note(request, found)
    earlier = [v for v in found.versions if v.number < number]
    before = found.holds if one in _open(found) else next(iter(earlier), None)
    if found.is_new:
        before = None
    context: dict[str, Any] = {
        "rule": found,
        "version": one,
        "before": before,
        "changes": compared(kind, before, one)
        if before
        else difference(kind, None, one.content),
        "tag": tag_of(one),
        "said": one.words.select_related("said_by") if one.pk else [],
        **(_deciding(request, found, one) if one in _open(found) else {}),
        **(effect_of(found, one.content) if one in _open(found) else {}),
        "preview": preview_of(one.content["fields"])
        if kind == RuleKind.TEMPLATE
        else (),
        "lines": lines_of(one.content) if found.is_ladder else [],
        "crumbs": crumbs(
            (found.name, reverse("worklists:rule", args=[kind, slug])),
            (f"Version {number}", ""),
        ),
    }
    return render(request, "worklists/rule_version.html", context)


def _deciding(request: HttpRequest, found: Shown, one: RuleVersion) -> dict[str, Any]:
    """Return what the person may do with a version that waits, or why they may not."""
    access = access_of(request.user)
    queues = [queue.pk for queue in found.queues]
    given_to = selectors.given_to(one)
    if one.state == RuleState.PROPOSED:
        barred = may_decide_rule(access, queues, one.proposed_by_id, given_to)
    else:
        barred = may_withdraw_rule(
            access, queues, one.state, one.proposed_by_id, given_to
        )
    return {
        "open": True,
        "waits": one.state == RuleState.PROPOSED,
        "mine": one.proposed_by_id == request.user.pk,
        "read": 0 if found.is_new else found.holds.number,
        "why_not": barred.why if barred else "",
    }


def _open(found: Shown) -> list[RuleVersion]:
    waiting = selectors.open_of(found.versions)
    return [waiting] if waiting else []


def effect_of(found: Shown, content: Any) -> dict[str, Any]:
    """Return what a version would do to clocks that run, or to work that arrives."""
    if found.is_new:
        return {}
    if found.kind == RuleKind.SLA:
        hours = content["business_hours"]
        return {"effect": ladder_effect(found.slug, content["steps"], hours)}
    if found.kind == RuleKind.CALENDAR:
        holds = found.holds.content
        return {"year": calendar_effect(found.slug, holds, content)}
    if found.kind == RuleKind.ROUTING:
        before, after = found.holds.content["rules"], content["rules"]
        return {"routing": routing_effect(found.slug, before, after)}
    if found.kind == RuleKind.QUEUE:
        return {"takes": queue_effect(found.slug, content)}
    return {}
