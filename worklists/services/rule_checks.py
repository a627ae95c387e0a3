"""What keeps a version of a rule from being proposed, and again from being approved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from worklists.enums import RuleKind, RuleState
from worklists.errors import BadInput, Conflict, NotVisible
from worklists.models import Rule, RuleVersion
from worklists.models.rules import OPEN_RULES
from worklists.plain_text import is_blank
from worklists.rule_words import faults_of
from worklists.selectors import rules as selectors
from worklists.selectors.site import site_today
from worklists.services.queue_policies import refuse_policies
from worklists.services.rule_effects import routed_queues

Content = Mapping[str, Any]
LONGEST_WAIT = timedelta(days=366)


def refuse_without(reason: str, words: str) -> None:
    """Refuse an act without words."""
    if is_blank(reason):
        raise BadInput(words, fields={"reason": [words]})


def refuse_day(effective_from: date) -> None:
    """Refuse a first day before today or more than a year ahead.

    Until it begins, no other version of the rule is proposed.
    """
    today, why = site_today(), ""
    if effective_from < today:
        why = "A version begins today or later: what was decided stays as it was."
    if effective_from > today + LONGEST_WAIT:
        why = "A version begins within a year: until then no other one is proposed."
    if why:
        raise BadInput(why, fields={"effective_from": [why]})


def refuse_second(rule: Rule) -> None:
    """Refuse a version beside one that waits."""
    if RuleVersion.objects.filter(rule=rule, state__in=OPEN_RULES).exists():
        raise Conflict(
            "A version of this rule waits already; it is decided first.",
            code="open_version",
        )


def refuse_stale(rule: Rule, read: int | None) -> None:
    """Refuse an act on a rule of which another version is in force than was read.

    ``read`` is its number, 0 for none, and None where no page was drawn.
    """
    rows = RuleVersion.objects.filter(rule=rule, state=RuleState.IN_FORCE)
    _refuse_unread(rows.values_list("number", flat=True).first() or 0, read)


def _refuse_unread(number: int, read: int | None) -> None:
    if read not in {None, number}:
        raise Conflict(
            f"Version {number} came into force while you looked: you read version "
            f"{read}. Open the page again; nothing was changed.",
            code="stale_version",
        )


def refuse_faults(kind: str, content: Content) -> None:
    """Refuse content that cannot work, with every fault."""
    faults = faults_of(kind, content)
    if faults:
        raise BadInput(" ".join(faults), fields={"content": faults}, code="faults")


def copied(kind: str, slug: str, content: Content, read: int | None) -> dict[str, Any]:
    """Return what the trail says of the copy that a new rule begins as.

    Refuses content that copies nothing in force, a version that was not the one read,
    a name that another rule of its kind has, and a form of another kind of work.
    """
    if not slug:
        raise BadInput("Choose what it begins as a copy of.")
    holds = selectors.in_force_of(selectors.versions_of(kind, slug))
    if holds is None:
        raise NotVisible("There is no such rule in force.")
    _refuse_unread(holds.number, read)
    if kind == RuleKind.TEMPLATE:
        _refuse_another_kind(slug, content)
    if other := selectors.named(kind, content["name"]):
        why = f"“{other}” has this name: choose one that tells them apart."
        raise BadInput(why, fields={"name": [why]})
    return {"copy_of": slug, "copy_of_version": holds.number}


def refuse_unworkable(kind: str, slug: str, content: Content) -> None:
    """Refuse content that cannot work, by itself or on what this site has."""
    refuse_faults(kind, content)
    if kind == RuleKind.ROUTING:
        routed_queues(slug, content["rules"])
    if kind == RuleKind.QUEUE:
        refuse_policies(slug, content)
    if kind == RuleKind.TEMPLATE and selectors.is_taken(kind, slug):
        _refuse_another_kind(slug, content)
        _refuse_unnamed(slug, content)


def refuse_unfit(version: RuleVersion) -> None:
    """Refuse to put a version in force that does not fit what works today.

    What was fine when it was proposed may not be any more: the rule was changed beside
    its page, or the release since reads what a form no longer asks.
    """
    kind, slug = version.rule.kind, version.rule.slug
    if selectors.as_found(kind, slug):
        raise Conflict(
            "This rule was changed beside its page since the proposal. Withdraw it "
            "and propose anew against what works today.",
            code="changed_since",
        )
    refuse_unworkable(kind, slug, version.content)


def _refuse_another_kind(slug: str, content: Content) -> None:
    """A form's kind of work says who reads its answers: another kind is another form."""
    holds = selectors.live_content(RuleKind.TEMPLATE, slug)
    if any(content[name] != holds[name] for name in ("kind", "step")):
        raise BadInput("The kind of work and step of a form stay as they are.")


def _refuse_unnamed(slug: str, content: Content) -> None:
    """Refuse a form without an answer that sends its items to a senior or a manager."""
    gone = sorted(selectors.judged_on(slug) - selectors.answers_in(content["fields"]))
    if gone:
        why = (
            f"Review policies of its queues name {', '.join(gone)}, which this form "
            "would not have any more. Keep the code before the label, or change those "
            "policies first."
        )
        raise BadInput(why, fields={"fields": [why]})
