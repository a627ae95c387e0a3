"""A new queue: what it is begun with, and the row that a version in force makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from worklists import kinds
from worklists.enums import RuleKind
from worklists.errors import BadInput
from worklists.models import (
    Clearance,
    EvidenceTemplate,
    Queue,
    ReviewPolicy,
    RuleVersion,
    Team,
    User,
)
from worklists.policies import may_supervise
from worklists.rule_words import faults_of
from worklists.selectors.access import access_of
from worklists.selectors.rules import (
    STANDS_ON,
    VERSIONED,
    answers_in,
    live_version,
    named_in,
    template_content,
)
from worklists.services.granting import grant_supervisor

Content = Mapping[str, Any]
PLAIN = ("name", "kind", "purpose", "hand_out", "max_in_hand", "release_after_hours")


def open_queue(version: RuleVersion) -> dict[str, Any]:
    """Open a queue as its first version says; its supervisor manages it.

    Effects: the row, and a grant with its event. Refuses what ``rows_of`` refuses.
    Nobody else is granted it, and no rule leads to it: both are acts of their own.
    """
    content = version.content
    queue = Queue.objects.create(
        slug=version.rule.slug,
        review_on=date.fromisoformat(content["review_on"]),
        **{name: content[name] for name in PLAIN},
        **rows_of(content),
    )
    if version.decided_by is not None:
        grant_supervisor(actor=version.decided_by, queue=queue)
    return {"queue": queue.slug}


def rows_of(content: Content) -> dict[str, Any]:
    """Return the rows that a new queue stands on; ``BadInput`` for one that is not there.

    Its form is one of its kind of work and has every answer that its review policy
    names; its supervisor holds the role of a manager.
    """
    if content["kind"] not in {one.slug for one in kinds.all_kinds()}:
        raise _refused("kind", "There is no such kind of work.")
    rows: dict[str, Any] = {
        key: policy_of(content, name) for name, (_, key) in STANDS_ON.items()
    }
    refuse_unusable(rows["template"], content["kind"])
    refuse_unjudged(rows["review_policy"], rows["template"])
    rows["team"] = Team.objects.filter(slug=content["team"]).first()
    people = User.objects.filter(username=content["supervisor"], is_active=True)
    rows["supervisor"] = found = people.first()
    if rows["team"] is None:
        raise _refused("team", "Name a team that works here.")
    if found is None:
        raise _refused("supervisor", "Name a supervisor who works here.")
    barred = may_supervise(access_of(found))
    if barred:
        raise _refused("supervisor", barred.why)
    rows["clearance"] = _clearance(content["clearance"])
    return rows


def refuse_unusable(template: EvidenceTemplate, kind: str) -> None:
    """Refuse a form of another kind of work, or one that its kind could not finish by."""
    if template.kind != kind:
        raise _refused("template", "This form is one of another kind of work.")
    faults = faults_of(RuleKind.TEMPLATE, template_content(template))
    if faults:
        raise _refused("template", " ".join(faults))


def refuse_unjudged(policy: ReviewPolicy, template: EvidenceTemplate) -> None:
    """Refuse a review policy that names answers which the form does not have.

    Nothing would ever be sent to a senior, or be approved by a role, because of them.
    """
    gone = named_in(policy) - answers_in(template.fields)
    if gone:
        raise _refused(
            "review",
            f"The review policy “{policy.name}” names {', '.join(sorted(gone))}, which "
            f"the form “{template.name}” does not have. Choose another one, or change "
            "that policy first.",
        )


def policy_of(content: Content, name: str) -> Any:
    """Return the row in force of one thing a queue stands on, by its name in content.

    ``BadInput`` for one that is not there.
    """
    kind, _ = STANDS_ON[name]
    model, _ = VERSIONED[kind]
    if not model.objects.filter(slug=content[name]).exists():
        raise _refused(name, f"There is no “{content[name]}”.")
    return live_version(kind, content[name])


def _clearance(slug: str) -> Clearance | None:
    if not slug:
        return None
    found = Clearance.objects.filter(slug=slug).first()
    if found is None:
        raise _refused("clearance", f"There is no clearance “{slug}”.")
    return found


def _refused(name: str, why: str) -> BadInput:
    return BadInput(why, fields={name: [why]})
