"""The task-class table: which acts are human only, which assisted, which automatic.

Every act that decides about an item, moves it or its clocks stands here: what people
do, and what the system does without one. A site chooses the class of the few acts that
leave a choice, as a rule in versions; the others are locked, each with the reason.
Pure: what holds today is read in ``selectors.task_classes``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from worklists.enums import Action, TaskClass

HUMAN, ASSISTED, AUTOMATIC = TaskClass.HUMAN, TaskClass.ASSISTED, TaskClass.AUTOMATIC
SLUG = "task-classes"
NAME = "Task classes"
# The act of the trail that says that something was left to people.
LEFT_ITEM, LEFT_ABSENCE = "item.left_to_people", "absence.left_to_people"
FACT, REVERSES = "task_class", "reverses"
GIVE_BACK, DEFER, OPEN_ANEW, MOVE = "give_back", "defer", "open_anew", "move"
GROUPS = {
    "people": "What people decide and do",
    "system": "What the system does without a person",
}


@dataclass(frozen=True, slots=True)
class TaskAct:
    """One act: its class as shipped, what a site may choose, how it is reversed.

    ``events`` are its acts in the trail, ``actions`` those of the transition table.
    ``system`` says that it happens without a person. ``reversal`` is a sentence;
    ``back`` names how a person takes one such act back, empty where none makes sense.
    """

    code: str
    label: str
    shipped: TaskClass
    why: str
    reversal: str
    events: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    system: bool = False
    choices: tuple[TaskClass, ...] = ()
    back: str = ""

    @property
    def is_locked(self) -> bool:
        """Return whether a site has no choice."""
        return not self.choices


def _by_people(
    code: str, label: str, why: str, reversal: str, *actions: Action, **more: Any
) -> TaskAct:
    shipped = more.pop("shipped", HUMAN)
    return TaskAct(code, label, shipped, why, reversal, actions=actions, **more)


_ANY = (AUTOMATIC, ASSISTED, HUMAN)
_A_JUDGEMENT = "A judgement that somebody answers for."
_MOVES_WORK = "Who gets which work is a person’s word; the bulk forms propose it."
_DEFER_AGAIN = "Resume it, or defer it to another day."

PEOPLE: tuple[TaskAct, ...] = (
    _by_people(
        "decide_review",
        "Approve, fix and approve, return or reject in senior review",
        f"{_A_JUDGEMENT} A second person looks, never a rule.",
        "Reopen the item: it is decided anew. A return is submitted again.",
        *(Action.APPROVE, Action.FIX_AND_APPROVE, Action.RETURN, Action.REJECT),
        events=(
            *("item.approved", "item.fixed_and_approved"),
            *("item.returned", "item.rejected"),
        ),
    ),
    _by_people(
        "submit",
        "Submit a decision, write-offs included",
        f"{_A_JUDGEMENT} Write-offs take a second one, by name.",
        "A manager or a reviewer reopens the item.",
        Action.SUBMIT,
        events=("item.submitted",),
    ),
    _by_people(
        "suggest",
        "Suggest cause and first step of a denial",
        "The suggestion stands apart; what counts is what the person decides.",
        "Decide something else: a suggestion binds nobody.",
        shipped=ASSISTED,
    ),
    _by_people(
        "answer",
        "Save evidence, add or take off files",
        "Answers are a person’s own statement, kept in versions.",
        "Answer again: what was said before stays readable.",
        Action.SAVE_EVIDENCE,
        events=("item.evidence_saved", "item.attached", "item.detached"),
    ),
    _by_people(
        "take_next",
        "Take the next item",
        "The system proposes the item; a person asks for it and then holds it.",
        "Undo it for 30 minutes while nobody touched it, or release it.",
        events=("item.handed", "item.next_undone"),
        shipped=ASSISTED,
    ),
    _by_people(
        "take",
        "Take an item",
        "Work is held by whoever said so.",
        "Release it.",
        Action.CLAIM,
        events=("item.claimed",),
    ),
    _by_people(
        "assign",
        "Give work to somebody",
        _MOVES_WORK,
        "Assign it to somebody else; many at once are undone for 30 minutes.",
        shipped=ASSISTED,
        events=(
            *("item.assigned", "item.assignment_undone"),
            *("item.released", "item.release_undone"),
        ),
    ),
    _by_people(
        "defer",
        "Defer an item",
        "How long something can wait is a judgement.",
        _DEFER_AGAIN,
        Action.PEND,
        events=("item.pended", "item.resumed", "item.deferral_undone"),
    ),
    _by_people(
        "reroute",
        "Move an item to another queue",
        "Routing has spoken; against it stands a person, with a reason.",
        "Move it back.",
        Action.REROUTE,
        events=("item.rerouted",),
    ),
    _by_people(
        "reopen",
        "Reopen a completed item",
        "Nothing that somebody answered for is opened by a rule.",
        "Submit it again, or cancel it.",
        Action.REOPEN,
        events=("item.reopened",),
    ),
    _by_people(
        "cancel",
        "Cancel an item",
        "To say that work is not needed is a judgement.",
        "An item that was cancelled stays so; its work is opened anew.",
        events=("item.cancelled",),
    ),
    _by_people(
        "prioritize",
        "Raise or lower an item",
        "Against what the facts say stands a person, with a reason.",
        "Set the priority again.",
        Action.PRIORITIZE,
        events=("item.prioritized", "item.priority_undone"),
    ),
    _by_people(
        "flag",
        "Set or clear a flag",
        "What is said of an item beside its queue, somebody says.",
        "Clear it, or set it again.",
        *(Action.FLAG, Action.UNFLAG),
        events=("item.flagged", "item.unflagged"),
    ),
    _by_people(
        "call_help",
        "Call for help, and answer a call",
        "Who calls, and what was done about it, is a person’s word.",
        "A call is answered, never unsaid.",
        Action.ACKNOWLEDGE_ESCALATION,
        events=("item.escalated", "item.escalation_acknowledged"),
    ),
    _by_people(
        "open_anew",
        "Open the work of a cancelled item anew",
        "Against what the payer’s file says stands a person, with a reason.",
        "Cancel the new item.",
        events=("item.opened_anew",),
    ),
    _by_people(
        "redact",
        "Destroy words that must not be kept",
        "It cannot be undone.",
        "None: what was destroyed is gone, and the trail says so.",
        events=("item.redacted",),
    ),
)


def _alone(
    code: str, label: str, why: str, reversal: str, *events: str, **more: Any
) -> TaskAct:
    return TaskAct(
        code, label, AUTOMATIC, why, reversal, events=events, system=True, **more
    )


SYSTEM: tuple[TaskAct, ...] = (
    _alone(
        "route",
        "Open an item in the queue of the first rule that fits",
        "Every piece of work needs a place the moment it comes. The rules are versions "
        "of their own.",
        "Move the item to another queue, with a reason.",
        "item.opened",
        back=MOVE,
    ),
    _alone(
        "join",
        "Add a denial to the open item of its claim",
        "What one claim and queue has in common is decided together.",
        "None: the payer’s file says so. Each denial is decided for itself.",
        "item.joined",
    ),
    _alone(
        "take_in",
        "Take in what a file changes",
        "A file’s facts are taken as they are; leaving them out would hide them.",
        "None: the payer’s file says so.",
        "item.changed",
    ),
    _alone(
        "score",
        "Score and re-age items",
        "Priority follows from facts by a table that everybody can read.",
        "Raise or lower the item by hand, with a reason.",
    ),
    _alone(
        "pick_review",
        "Pick what a senior looks at",
        "A trigger that somebody could leave out would protect nobody.",
        "None: a review is decided. It stands in the event of the submit.",
    ),
    _alone(
        "release_idle",
        "Release what nobody worked",
        "",
        "Give it back to the person who held it.",
        "item.auto_released",
        actions=(Action.RELEASE,),
        choices=_ANY,
        back=GIVE_BACK,
    ),
    _alone(
        "bring_back",
        "Bring a deferred item back on its day",
        "A person named the day; an item that nobody brings back is lost.",
        "Defer it again until a day you choose.",
        "item.auto_resumed",
        actions=(Action.RESUME,),
        back=DEFER,
    ),
    _alone(
        "hand_over",
        "Hand over the work of who is away",
        "",
        "Give it back to the person who held it.",
        *("item.assigned", "item.released", "absence.handed_over"),
        actions=(Action.ASSIGN,),
        choices=_ANY,
        back=GIVE_BACK,
    ),
    _alone(
        "give_back",
        "Give back what was handed over, when they return",
        "It ends what the hand-over began and touches nothing that was worked since.",
        "Give it to the person who had it.",
        *("item.assignment_undone", "absence.ended"),
        back=GIVE_BACK,
    ),
    _alone(
        "end_clearance",
        "Take work back when a clearance is over",
        "Its holder may not open it any more, and nobody else could take it.",
        "Grant the clearance anew, then give the item to them.",
        *("item.clearance_ended", "clearance.expired", "clearance.cleared_out"),
    ),
    _alone(
        "cancel_reversed",
        "Cancel an item whose denials the payer reversed",
        "",
        "Open its work anew: what was cancelled stays so.",
        "item.cancelled",
        actions=(Action.CANCEL,),
        choices=_ANY,
        back=OPEN_ANEW,
    ),
    _alone(
        "fire_step",
        "Fire a step of a ladder",
        "It only tells people, and a breach that is not told is the worst one.",
        "None: what was told is told. It is answered.",
        "item.ladder_fired",
    ),
    _alone(
        "call_review",
        "Call the supervisor for an overdue review",
        "It only tells people.",
        "None: what was told is told. It is answered.",
        "item.escalated",
        actions=(Action.ESCALATE,),
    ),
    _alone(
        "move_clocks",
        "Move legal clocks when a payer’s profile changes",
        "Two people approved the row; a clock that stayed behind would be wrong.",
        "Propose and approve another version of the profile.",
        *("item.clock_moved", "profile.clocks_moved"),
    ),
    _alone(
        "begin_rule",
        "Put an approved version of a rule in force on its day",
        "Two people approved it, with its day.",
        "Propose the version before it again.",
        "rule.put_in_force",
    ),
    _alone(
        "follow_ladder",
        "Bring running clocks under a ladder that was put in force",
        "Two people approved it; a clock that stayed behind would be wrong.",
        "Propose the version before it again.",
        "rule.clocks_followed",
    ),
    _alone(
        "read_file",
        "Read a file that came in",
        "Nothing of a file is left out; what cannot be read becomes an exception.",
        "None: a file that was read is kept. Its corrections come in a file.",
        *("batch.uploaded", "batch.finished"),
    ),
)

TABLE: tuple[TaskAct, ...] = (*PEOPLE, *SYSTEM)
ACTS: Mapping[str, TaskAct] = {act.code: act for act in TABLE}
SWITCHABLE: tuple[TaskAct, ...] = tuple(act for act in TABLE if act.choices)
_BY_EVENT = {event: act for act in SYSTEM for event in act.events}
_ALONE = {action: act for act in SYSTEM for action in act.actions}
REVERSIBLE = tuple(event for event, act in _BY_EVENT.items() if act.back)
# Events of the trail that decide about no item and move none, by what they begin with.
BESIDE: Mapping[str, str] = {
    "read.": "somebody looked",
    "search.": "somebody looked",
    "export.": "somebody took a copy",
    "access.refused": "a door was not opened",
    "log": "a door was opened or closed",
    "password.": "a door was opened or closed",
    "token.": "a door was opened or closed",
    "trail.": "somebody looked",
    "seal_key.": "keys of the seals",
    "clearance.": "a person’s word about a person",
    "grant.": "a person’s word about a person",
    "person.": "a person’s word about a person",
    "authority.": "a person’s word about a person",
    "absence.recorded": "a person’s word about a person",
    "absence.changed": "a person’s word about a person",
    "absence.cancelled": "a person’s word about a person",
    "absence.left": "says that something was left to people",
    "item.left": "says that something was left to people",
    "item.note": "a remark, which moves nothing",
    "item.time": "a person’s word about their own time",
    "settings.": "a person’s word about themselves",
    "setup.": "set-up by an administrator",
    "profile.": "two people decide",
    "rule.": "two people decide",
    "bulk.": "sums up acts on single items",
}


def act_of(event: str) -> TaskAct | None:
    """Return the act that the system does under an action of the trail."""
    return _BY_EVENT.get(event)


def is_beside(event: str) -> bool:
    """Return whether an action of the trail decides about no item and moves none."""
    return event.startswith(tuple(BESIDE))


def alone(action: Action) -> TaskAct | None:
    """Return the act that the system does by an action, None where only people do."""
    return _ALONE.get(action)


def shipped() -> dict[str, str]:
    """Return what a site begins with, for each act that leaves a choice."""
    return {act.code: act.shipped.value for act in SWITCHABLE}


def chosen(content: Mapping[str, Any]) -> dict[str, str]:
    """Return what a version chooses; what it does not say is as shipped.

    A class that an act does not allow is none, whatever a row says.
    """
    said = content.get("classes", {})
    return {
        act.code: said[act.code]
        if said.get(act.code) in act.choices
        else act.shipped.value
        for act in SWITCHABLE
    }


def class_faults(content: Mapping[str, Any]) -> list[str]:
    """Return in words what a version asks for that no site may choose."""
    said = content.get("classes")
    if not isinstance(said, Mapping):
        return ["Name a class for each act."]
    return [fault for code in said if (fault := _fault(str(code), said[code]))] + [
        f"“{act.label}” has no class." for act in SWITCHABLE if act.code not in said
    ]


def _fault(code: str, value: object) -> str:
    act = ACTS.get(code)
    if act is None:
        return f"There is no act “{code[:40]}”."
    if act.is_locked:
        label = act.shipped.label.lower()
        return f"“{act.label}” stays {label}. {act.why}"
    if value not in act.choices:
        return f"“{act.label}” is {_listed(act.choices)}."
    return ""


def _listed(choices: tuple[TaskClass, ...]) -> str:
    words = [str(one.label).lower() for one in choices]
    return f"{', '.join(words[:-1])} or {words[-1]}"


@dataclass(frozen=True, slots=True)
class Table:
    """The table as it holds: its version, and the class of every act."""

    version: int = 1
    classes: Mapping[str, str] = field(default_factory=shipped)

    def of(self, code: str) -> TaskClass:
        """Return the class of an act."""
        return TaskClass(self.classes.get(code, ACTS[code].shipped))

    def is_automatic(self, code: str) -> bool:
        """Return whether the system does it without a person."""
        return self.of(code) == AUTOMATIC

    def fact(self, code: str) -> dict[str, Any]:
        """Return what an event says of it: act, class and version of this table."""
        return {"act": code, "class": self.of(code).value, "version": self.version}
