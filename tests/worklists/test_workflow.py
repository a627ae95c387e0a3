"""CONTRACT 3, cell by cell, and what we added: what may be done in which state."""

from __future__ import annotations

import pytest

from worklists.enums import Action, State
from worklists.errors import WrongState
from worklists.workflow import TABLE, Transition, Workflow

pytestmark = pytest.mark.unit

# Columns: Open, in Progress, Pending, in reVieW, Returned, Completed, caNcelled.
# "." refused; "=" allowed, state unchanged; else the state it leads to. "V|C" is
# review when a trigger fires, else completed.
COLUMNS = {
    "O": State.OPEN,
    "P": State.IN_PROGRESS,
    "D": State.PENDING,
    "V": State.IN_REVIEW,
    "R": State.RETURNED,
    "C": State.COMPLETED,
    "N": State.CANCELLED,
}
CONTRACT = """
                         O    P    D    V    R    C    N
claim                    P    .    .    .    .    .    .
release                  .    O    .    .    O    .    .
assign                   =    =    =    .    =    .    .
save_evidence            .    =    .    .    =    .    .
pend                     .    D    .    .    .    .    .
resume                   .    .    P    .    .    .    .
submit                   .   V|C   .    .   V|C   .    .
approve                  .    .    .    C    .    .    .
fix_and_approve          .    .    .    C    .    .    .
return                   .    .    .    R    .    .    .
reject                   .    .    .    C    .    .    .
escalate                 =    =    =    =    =    .    .
acknowledge_escalation   =    =    =    =    =    =    =
reroute                  O    O    O    .    O    .    .
reopen                   .    .    .    .    .    O    .
cancel                   N    N    N    N    N    .    .
prioritize               =    =    =    =    =    .    .
flag                     =    =    =    =    =    .    .
unflag                   =    =    =    =    =    .    .
"""


def cells() -> list[tuple[State, Action, str]]:
    head, *rows = CONTRACT.strip("\n").splitlines()
    states = [COLUMNS[letter] for letter in head.split()]
    return [
        (state, Action(name), cell)
        for name, *found in (row.split() for row in rows)
        for state, cell in zip(states, found, strict=True)
    ]


def test_every_action_and_state_stands_in_the_table():
    assert len(cells()) == len(Action) * len(State) == 19 * 7
    assert {action for _, action, _ in cells()} == set(Action)


@pytest.mark.parametrize(("state", "action", "cell"), cells())
def test_cell(state: State, action: Action, cell: str):
    workflow = Workflow("denial")
    if cell == ".":
        with pytest.raises(WrongState):
            workflow.step(state, action)
        assert action.value not in workflow.legal(state)
        return
    row = workflow.step(state, action)
    leads_to = [] if row.target is None else [row.target]
    if row.reviewed_target:
        leads_to.insert(0, row.reviewed_target)
    expected = [] if cell == "=" else [COLUMNS[letter] for letter in cell.split("|")]
    assert leads_to == expected
    assert action.value in workflow.legal(state)


def test_actions_that_ask_for_a_reason():
    assert {row.action.value for row in TABLE if row.needs_reason} == {
        "pend",
        "fix_and_approve",
        "return",
        "reject",
        "escalate",
        "acknowledge_escalation",
        "reroute",
        "reopen",
        "cancel",
        "prioritize",
    }


def test_forbidden_action_is_not_offered_and_refused_in_every_state():
    workflow = Workflow("query", forbidden=[Action.REJECT])
    assert workflow.transition(Action.REJECT) is None
    for state in State:
        assert "reject" not in workflow.legal(state)
        with pytest.raises(WrongState) as refused:
            workflow.step(state, Action.REJECT)
        assert refused.value.detail == "“Reject” is not used for this kind of work."
        assert refused.value.extra == {"actions": workflow.legal(state)}


def test_iteration_and_lookup_give_the_rows_in_order():
    workflow = Workflow("denial")
    assert [row.action for row in workflow] == [row.action for row in TABLE]
    assert workflow.transition(Action.CLAIM) is TABLE[0]


def test_constructor_refuses_an_action_twice():
    row = Transition(Action.CLAIM, (State.OPEN,), State.IN_PROGRESS)
    with pytest.raises(ValueError, match="denial: an action stands twice"):
        Workflow("denial", table=[row, row])


def test_constructor_refuses_an_exit_from_cancelled():
    rows = [
        Transition(Action.CANCEL, (State.OPEN,), State.CANCELLED),
        Transition(Action.REOPEN, (State.CANCELLED,), State.OPEN),
    ]
    with pytest.raises(ValueError, match="denial: cancelled is final"):
        Workflow("denial", table=rows)


def test_constructor_refuses_a_state_nothing_leads_to():
    with pytest.raises(ValueError, match=r"nothing leads to .*PENDING"):
        Workflow("denial", forbidden=[Action.PEND])


def test_forbidding_both_ways_of_a_state_is_a_good_table():
    workflow = Workflow("denial", forbidden=[Action.RESUME])
    assert workflow.legal(State.PENDING) == [
        "assign",
        "escalate",
        "acknowledge_escalation",
        "reroute",
        "cancel",
        "prioritize",
        "flag",
        "unflag",
    ]


@pytest.mark.parametrize(
    ("state", "action", "sentence"),
    [
        ("completed", "submit", "This item is completed; “Submit” is over for it."),
        ("cancelled", "claim", "This item is cancelled; “Take” is over for it."),
        (
            "open",
            "submit",
            "Nobody has taken this item yet. Take it first, then work on it.",
        ),
        (
            "open",
            "save_evidence",
            "Nobody has taken this item yet. Take it first, then work on it.",
        ),
        (
            "in_review",
            "claim",
            "Only an open item can be taken; this one is in review.",
        ),
        (
            "open",
            "resume",
            "Only a deferred item can be resumed; this one is open.",
        ),
        (
            "pending",
            "reopen",
            "Only a completed item can be reopened; this one is pending.",
        ),
        (
            "in_progress",
            "approve",
            "“Approve” is not possible now; this one is in progress.",
        ),
    ],
)
def test_refusal_says_why_and_what_is_possible(state: str, action: str, sentence: str):
    workflow = Workflow("denial")
    with pytest.raises(WrongState) as refused:
        workflow.step(State(state), Action(action))
    assert refused.value.detail == sentence
    assert refused.value.code == "wrong_state"
    assert refused.value.extra == {"actions": workflow.legal(State(state))}
