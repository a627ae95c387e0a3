"""An act in the making, the registry of effects, and how it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from worklists import kinds, trail
from worklists.context import now
from worklists.enums import Action, State
from worklists.errors import BadInput, WrongState
from worklists.models import Reason, Review, User, WorkItem
from worklists.plain_text import is_blank
from worklists.statements import Change, Slot
from worklists.workflow import Transition


@dataclass(slots=True)
class Act:
    """One act in the making: what the effects read and what they add."""

    item: WorkItem
    action: Action
    actor: User | None
    row: Transition
    reason: str = ""
    evidence: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    review: Review | None = None
    event: str = ""
    target: State | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    commitments: list[bytes] = field(default_factory=list)
    after: list[Callable[[], None]] = field(default_factory=list)

    def option(self, name: str) -> str:
        """Return a text option, empty when absent; refuse another type and NUL."""
        value = self.options.get(name, "")
        if not isinstance(value, str) or "\x00" in value:
            raise BadInput(f"“{name}” takes text.", fields={name: ["takes text"]})
        return value.strip()

    def names(self, name: str) -> list[str]:
        """Return an option of several names, empty when absent; refuse other types."""
        values = self.options.get(name, [])
        if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
            raise BadInput(f"“{name}” takes names.", fields={name: ["takes names"]})
        return values


MAX_REASON = 4000
Effect = Callable[[Act], None]
_effects: dict[Action, Effect] = {}


def effect(*actions: Action) -> Callable[[Effect], Effect]:
    """Declare the function that carries out an action's own part."""

    def declare(function: Effect) -> Effect:
        for action in actions:
            _effects[action] = function
        return function

    return declare


def clean_reason(reason: str) -> str:
    """Return a person's words without blanks around them, or refuse too many."""
    text = reason.replace("\x00", "").strip()
    if is_blank(text):
        return ""
    if len(text) > MAX_REASON:
        raise BadInput(
            f"The reason has {len(text)} characters, {MAX_REASON} are allowed.",
            fields={"reason": ["Too long."]},
        )
    return text


def missing_reason(action: Action) -> BadInput:
    """Return the refusal of an act that asks for words and has none."""
    return BadInput(
        f"“{action.label}” needs a reason: say it in a sentence.",
        fields={"reason": ["A reason is needed."]},
    )


def carry_out(act: Act) -> None:
    """Apply a checked act: its effect, the row, the event, what follows."""
    before = State(act.item.state)
    act.target = act.row.target
    _effects[act.action](act)
    write(act, before)


def write(act: Act, before: State) -> None:
    """Write the item and its event; run what follows. The item is locked."""
    item, at = act.item, now()
    after = act.target or before
    if after != before:
        item.entered_at = at
    item.state = after
    if trail.is_work(act.event, act.actor):
        item.touched_at = at
    item.version += 1
    words = trail.commit(act.reason) if act.reason else None
    commitments = [*act.commitments, *([words.digest] if words else [])]
    trail.append_item_event(
        item,
        action=act.event,
        actor=act.actor,
        from_state=before,
        to_state=after,
        facts={**act.facts, "version": item.version},
        commitments=commitments,
    )
    if words:
        _keep_reason(act, words)
    save_item(item)
    for follow in act.after:
        follow()


def save_item(item: WorkItem) -> None:
    """Write what acts change, each time in the same statement; the row is locked."""
    values = {
        field.name: field.get_db_prep_save(getattr(item, field.attname), connection)
        for field in WorkItem._meta.concrete_fields
        if field.name in WRITTEN
    }
    _WRITE.one(item_id=item.pk, **values)


def _keep_reason(act: Act, words: trail.Commitment) -> None:
    Reason.objects.create(
        item=act.item,
        action=act.event,
        code=act.option("reason_code")[:40],
        seq=act.item.trail_seq,
        said_by=act.actor,
        said_at=now(),
        **words.columns(),
    )


WRITTEN = {
    *("state", "queue", "assignee", "template", "version", "why_here", "flags"),
    *("priority", "priority_reasons", "age_bucket", "evidence_done", "evidence_asked"),
    *("review_because", "entered_at", "touched_at", "handed_at", "completed_at"),
    *(
        "outcome",
        "pend_reason",
        "internal_due_at",
        "legal_due_at",
        "reage_at",
        "wake_at",
        "lift",
    ),
    *("trail_seq", "trail_hash", "amount", "reason_code", "reason_label", "risk_class"),
}


_WRITE = Change(
    lambda: (
        WorkItem.objects.filter(pk=Slot("item_id")),
        {name: Slot(name) for name in sorted(WRITTEN)},
    )
)


def refuse_state(item: WorkItem, why: str) -> WrongState:
    """Return the conflict for an item that is not where an act needs it."""
    legal = kinds.get(item.kind).workflow.legal(State(item.state))
    return WrongState(why, extra={"actions": legal})
