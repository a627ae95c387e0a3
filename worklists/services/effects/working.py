"""Saving evidence and submitting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worklists import kinds
from worklists import review as rules
from worklists.context import now
from worklists.enums import Action, State
from worklists.errors import BadInput, EvidenceMissing
from worklists.evidence import Gap, gap_summary
from worklists.evidence.replies import is_reply
from worklists.evidence.shapes import same
from worklists.models import User
from worklists.selectors.evidence import Asked, asked_of
from worklists.services import (
    answers,
    clocks,
    drafts,
    progress,
    reviewing,
    tries,
)
from worklists.services.acts import Act, effect
from worklists.services.effects.ending import rest
from worklists.services.effects.handing import release_moment


@effect(Action.SAVE_EVIDENCE)
def save_evidence(act: Act) -> None:
    """Answers that changed get a new version; work on the item starts its rest anew.

    Refuses to cite what we do not hold, or what is retired; every other gap may stay.
    """
    refuse_gaps(store(act).uncitable())
    act.item.wake_at = release_moment(act.item)
    act.event = "item.evidence_saved"


def store(act: Act) -> Asked:
    """Write the changed answers and return the evidence as it then stands."""
    actor = worker(act)
    given = act.evidence or {}
    asked = asked_of(act.item)
    refuse_old_replies(asked, given)
    answers.refuse_wrong_shapes(asked, given)
    fresh = answers.changed(asked, asked.completed(given))
    act.commitments += answers.write_answers(
        act.item, asked, actor=actor, answers=fresh
    )
    act.facts["fields"] = sorted(fresh)
    asked = asked.with_answers(fresh)
    progress.count(act.item, asked)
    drafts.discard(item=act.item, actor=actor)
    return asked


def refuse_old_replies(asked: Asked, given: Mapping[str, Any]) -> None:
    """What was said to an earlier return stands: a senior has decided on it."""
    due = asked.back.field.name if asked.back else ""
    late = [name for name in other_replies(asked, given) if name != due]
    if late:
        why = "No return waits for this answer; what was said to earlier ones stays."
        raise BadInput(why, fields={name: [why] for name in late})


def other_replies(asked: Asked, given: Mapping[str, Any]) -> list[str]:
    """Return the answers to returns that say something else than is stored."""
    return [
        name
        for name, value in given.items()
        if is_reply(name) and not same(value, asked.answers.get(name))
    ]


def worker(act: Act) -> User:
    """Return the person; the system's worker never writes evidence."""
    if act.actor is None:
        raise BadInput("Evidence is saved by people, never by the worker.")
    return act.actor


def refuse_gaps(gaps: list[Gap]) -> None:
    """Raise with every gap by field, so that all can be filled in one go."""
    if not gaps:
        return
    fields: dict[str, list[str]] = {}
    for gap in gaps:
        fields.setdefault(gap.field, []).append(gap.message)
    raise EvidenceMissing(f"{gap_summary(gaps)}.", fields=fields)


@effect(Action.SUBMIT)
def submit(act: Act) -> None:
    """Complete evidence leaves the coder: to a senior on a trigger, else it is done."""
    item = act.item
    actor = worker(act)
    asked = store(act)
    refuse_gaps(asked.gaps())
    tries.keep_clean(item=item, actor=actor)
    item.wake_at = None
    act.event = "item.submitted"
    review = reviewing.open_review(item, coder=actor, asked=asked, at=now())
    if review is None:
        complete(act, "completed", asked)
        return
    act.target = act.row.reviewed_target
    item.wake_at = review.due_at
    act.facts["review"] = {
        "round": review.round,
        "policy": str(review.policy),
        "triggers": [trigger["code"] for trigger in review.triggers],
    }
    item.review_because = rules.because(t["label"] for t in review.triggers)


def complete(act: Act, outcome: str, asked: Asked) -> None:
    """The item is done: clocks are met, and its kind draws the consequences."""
    item = act.item
    act.target = State.COMPLETED
    item.completed_at = now()
    item.outcome = outcome
    clocks.meet_all(item)
    rest(act)
    act.facts["outcome"] = outcome
    final = {n: value for n, value in asked.answers.items() if not is_reply(n)}
    act.after.append(lambda: kinds.get(item.kind).completed(item, final, act.actor))
