"""The task-class table is whole: no act without a class, no choice that is none."""

import pytest

from worklists.enums import Action, RuleKind, TaskClass
from worklists.rule_words import difference, faults_of, words_of
from worklists.task_classes import (
    ACTS,
    BESIDE,
    GIVE_BACK,
    PEOPLE,
    SWITCHABLE,
    SYSTEM,
    TABLE,
    Table,
    act_of,
    alone,
    chosen,
    is_beside,
    shipped,
)
from worklists.trail_words import ACTIONS
from worklists.workflow import TABLE as TRANSITIONS

pytestmark = pytest.mark.unit
BY_SYSTEM_TOO = {Action.RELEASE, Action.RESUME, Action.ASSIGN, Action.ESCALATE}


def test_every_act_of_the_trail_has_a_class_or_decides_nothing():
    classed = {event for act in TABLE for event in act.events}
    bare = {event for event in ACTIONS if event not in classed and not is_beside(event)}
    assert bare == set()
    assert classed - set(ACTIONS) == set()


def test_what_stands_beside_names_something_the_trail_knows():
    unused = [head for head in BESIDE if not any(e.startswith(head) for e in ACTIONS)]
    assert unused == []


def test_no_act_on_an_item_is_passed_by_but_remarks_and_what_was_left():
    passed = {e for e in ACTIONS if e.startswith("item.") and is_beside(e)}
    assert passed == {
        *("item.noted", "item.note_withdrawn"),
        *("item.left_to_people", "item.time_corrected"),
    }


def test_every_action_of_the_workflow_stands_in_the_table():
    named = {action for act in TABLE for action in act.actions}
    assert {row.action for row in TRANSITIONS} - named == set()


def test_only_five_actions_are_ever_done_without_a_person():
    assert {a for a in Action if alone(a)} == {*BY_SYSTEM_TOO, Action.CANCEL}


@pytest.mark.parametrize(
    "action",
    ["submit", "approve", "fix_and_approve", "return", "reject", "claim", "reopen"],
)
def test_judgement_is_human_only_and_locked(action):
    acts = [act for act in PEOPLE if Action(action) in act.actions]
    assert [(a.shipped, a.is_locked) for a in acts] == [(TaskClass.HUMAN, True)]
    assert alone(Action(action)) is None


def test_an_action_and_an_event_are_of_one_act_of_the_system():
    events = [event for act in SYSTEM for event in act.events]
    actions = [action for act in SYSTEM for action in act.actions]
    assert len(events) == len(set(events))
    assert len(actions) == len(set(actions))
    assert len(ACTS) == len(TABLE)


def test_three_acts_leave_a_choice_and_the_others_say_why_not():
    assert [act.code for act in SWITCHABLE] == [
        *("release_idle", "hand_over", "cancel_reversed")
    ]
    assert all(set(act.choices) == set(TaskClass) for act in SWITCHABLE)
    assert all(act.why for act in TABLE if act.is_locked)
    assert all(act.reversal for act in TABLE)
    assert all(act.events for act in TABLE if act.back)


def test_a_site_begins_with_all_three_automatic():
    assert shipped() == dict.fromkeys(
        ["release_idle", "hand_over", "cancel_reversed"], "automatic"
    )
    assert Table().is_automatic("release_idle")
    assert Table().version == 1


def test_what_a_version_does_not_say_is_as_shipped():
    assert chosen({"classes": {"hand_over": "assisted"}}) == {
        "release_idle": "automatic",
        "hand_over": "assisted",
        "cancel_reversed": "automatic",
    }


@pytest.mark.parametrize(
    "said",
    [
        {"approve": "automatic"},
        {"decide_review": "automatic"},
        {"submit": "automatic"},
        {"release_idle": "sometimes"},
    ],
)
def test_a_row_that_says_more_than_it_may_chooses_nothing(said):
    assert chosen({"classes": said}) == shipped()
    table = Table(2, chosen({"classes": said}))
    assert table.of("decide_review") == TaskClass.HUMAN
    assert table.of("submit") == TaskClass.HUMAN


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (
            {"decide_review": "automatic"},
            "“Approve, fix and approve, return or reject in senior review” stays",
        ),
        ({"fly": "automatic"}, "There is no act “fly”."),
        (
            {"hand_over": "never"},
            "“Hand over the work of who is away” is automatic, assisted or human only.",
        ),
        ({"fire_step": "human_only"}, "“Fire a step of a ladder” stays automatic."),
    ],
)
def test_content_that_no_site_may_choose_is_refused_by_name(said, fault):
    faults = faults_of(RuleKind.SITE, {"classes": shipped() | said})
    assert len(faults) == 1
    assert faults[0].startswith(fault)


def test_content_that_names_no_class_is_refused():
    without = {k: v for k, v in shipped().items() if k != "hand_over"}
    assert faults_of(RuleKind.SITE, {"classes": without}) == [
        "“Hand over the work of who is away” has no class."
    ]
    assert faults_of(RuleKind.SITE, {"classes": None}) == ["Name a class for each act."]
    assert faults_of(RuleKind.SITE, {"classes": shipped()}) == []


def test_two_versions_differ_act_by_act_in_words():
    before, after = (
        {"classes": shipped()},
        {"classes": shipped() | {"hand_over": "human_only"}},
    )
    [change] = difference(RuleKind.SITE, before, after)
    assert (change.field, change.before, change.after) == (
        "Hand over the work of who is away",
        "Automatic",
        "Human only",
    )
    assert len(words_of(RuleKind.SITE, after)) == 3


def test_an_event_says_act_class_and_version():
    assert Table(4).fact("release_idle") == {
        "act": "release_idle",
        "class": "automatic",
        "version": 4,
    }
    assert act_of("item.auto_released").back == GIVE_BACK
