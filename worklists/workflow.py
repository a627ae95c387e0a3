"""The transition table of every item, as data, and the pure machine over it.

Source: CONTRACT 3. A kind may forbid actions or demand more for one; it never
adds states. No ORM here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from worklists.enums import ACTIVE, ENDED, Action, State
from worklists.errors import WrongState

UNCHANGED = None


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: from which states an action is legal and where it leads.

    ``target`` None leaves the state as it is. ``reviewed_target`` is where the
    item goes instead when a review trigger fires. ``needs_reason`` asks for the
    person's words.
    """

    action: Action
    sources: tuple[State, ...]
    target: State | None = UNCHANGED
    reviewed_target: State | None = None
    needs_reason: bool = False


_WORKABLE = (State.IN_PROGRESS, State.RETURNED)
_MOVABLE = (State.OPEN, State.IN_PROGRESS, State.PENDING, State.RETURNED)

TABLE: tuple[Transition, ...] = (
    Transition(Action.CLAIM, (State.OPEN,), State.IN_PROGRESS),
    Transition(Action.RELEASE, _WORKABLE, State.OPEN),
    Transition(Action.ASSIGN, _MOVABLE),
    Transition(Action.SAVE_EVIDENCE, _WORKABLE),
    Transition(Action.PEND, (State.IN_PROGRESS,), State.PENDING, needs_reason=True),
    Transition(Action.RESUME, (State.PENDING,), State.IN_PROGRESS),
    Transition(Action.SUBMIT, _WORKABLE, State.COMPLETED, State.IN_REVIEW),
    Transition(Action.APPROVE, (State.IN_REVIEW,), State.COMPLETED),
    Transition(
        Action.FIX_AND_APPROVE, (State.IN_REVIEW,), State.COMPLETED, needs_reason=True
    ),
    Transition(Action.RETURN, (State.IN_REVIEW,), State.RETURNED, needs_reason=True),
    Transition(Action.REJECT, (State.IN_REVIEW,), State.COMPLETED, needs_reason=True),
    Transition(Action.ESCALATE, ACTIVE, needs_reason=True),
    Transition(Action.ACKNOWLEDGE_ESCALATION, tuple(State), needs_reason=True),
    Transition(Action.REROUTE, _MOVABLE, State.OPEN, needs_reason=True),
    Transition(Action.REOPEN, (State.COMPLETED,), State.OPEN, needs_reason=True),
    Transition(Action.CANCEL, ACTIVE, State.CANCELLED, needs_reason=True),
    Transition(Action.PRIORITIZE, ACTIVE, needs_reason=True),
    Transition(Action.FLAG, ACTIVE),
    Transition(Action.UNFLAG, ACTIVE),
)


class Workflow:
    """The table of one kind: the common one less what the kind forbids.

    Raises ``ValueError`` for a duplicate action, an exit from ``cancelled`` and a
    state nobody can reach, so a bad table never starts.
    """

    def __init__(
        self,
        kind: str,
        *,
        forbidden: Iterable[Action] = (),
        table: Iterable[Transition] = TABLE,
    ) -> None:
        self.kind = kind
        barred = frozenset(forbidden)
        rows = [row for row in table if row.action not in barred]
        self._rows: Mapping[Action, Transition] = {row.action: row for row in rows}
        self._refuse_nonsense(rows)

    def _refuse_nonsense(self, rows: list[Transition]) -> None:
        if len(self._rows) != len(rows):
            raise ValueError(f"{self.kind}: an action stands twice in the table")
        exits = [r for r in rows if State.CANCELLED in r.sources and r.target]
        if exits:
            raise ValueError(f"{self.kind}: cancelled is final")
        reached = (
            {State.OPEN} | {r.target for r in rows} | {r.reviewed_target for r in rows}
        )
        unreachable = {s for r in rows for s in r.sources} - reached
        if unreachable:
            raise ValueError(f"{self.kind}: nothing leads to {sorted(unreachable)}")

    def __iter__(self) -> Iterator[Transition]:
        return iter(self._rows.values())

    def transition(self, action: Action) -> Transition | None:
        """Return the row of ``action``, or None when this kind forbids it."""
        return self._rows.get(action)

    def step(self, state: State, action: Action) -> Transition:
        """Return the legal row or raise ``WrongState`` with what can be done."""
        row = self._rows.get(action)
        if row is None:
            raise WrongState(
                f"“{action.label}” is not used for this kind of work.",
                extra={"actions": self.legal(state)},
            )
        if state not in row.sources:
            raise WrongState(
                _sentence(state, action), extra={"actions": self.legal(state)}
            )
        return row

    def legal(self, state: State) -> list[str]:
        """Return the actions the table allows from ``state``."""
        return [a.value for a, row in self._rows.items() if state in row.sources]


def _sentence(state: State, action: Action) -> str:
    if state in ENDED:
        return f"This item is {state.label.lower()}; “{action.label}” is over for it."
    if state == State.OPEN and action in {Action.SUBMIT, Action.SAVE_EVIDENCE}:
        return "Nobody has taken this item yet. Take it first, then work on it."
    wanted = {
        Action.CLAIM: "Only an open item can be taken",
        Action.RESUME: "Only a deferred item can be resumed",
        Action.REOPEN: "Only a completed item can be reopened",
    }.get(action, f"“{action.label}” is not possible now")
    return f"{wanted}; this one is {state.label.lower()}."
