"""Facts of the trail as sentences name people."""

import pytest

from worklists.event_words import people_in, queues_in, sentence, with_names

pytestmark = pytest.mark.unit


def test_usernames_become_names():
    names = {"ana.ruiz": "Ana Ruiz"}
    assert with_names({"to": "ana.ruiz", "version": 3}, names) == {
        "to": "Ana Ruiz",
        "version": 3,
    }


def test_counts_and_lists_are_named_and_the_pool_stays():
    names = {"ana.ruiz": "Ana Ruiz", "jin": "Jin Park"}
    facts = {"went": {"ana.ruiz": 2, "pool": 3}, "to": ["jin", "pool"], "n": 1}
    assert people_in(facts) == {"ana.ruiz", "jin"}
    assert with_names(facts, names) == {
        "went": {"Ana Ruiz": 2, "pool": 3},
        "to": ["Jin Park", "pool"],
        "n": 1,
    }


def test_queues_are_named_too():
    facts = {"from_queue": "bundling", "to_queue": "gone"}
    assert queues_in(facts) == {"bundling", "gone"}
    assert with_names(facts, {}, {"bundling": "Bundling denials"}) == {
        "from_queue": "Bundling denials",
        "to_queue": "gone",
    }


def test_fields_are_called_as_the_form_calls_them():
    labels = {"step_policy": "The policy of that day, no. 2, is read", "why": "Why"}
    facts = with_names(
        {"points_at": ["step_policy", "why.12", "gone_by"]}, {}, {}, labels
    )
    assert sentence("item.returned", facts) == (
        "returned it, about The policy of that day, no. 2, is read, Why, gone by"
    )
    assert with_names({"points_at": ["why.12"]}, {}) == {"points_at": ["why.12"]}


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"was_with": "j_park"}, "released it, was with j_park"),
        ({"was_with": ""}, "released it"),
    ],
)
def test_a_username_keeps_its_underscore(facts, words):
    assert sentence("item.released", facts) == words


@pytest.mark.parametrize(
    ("action", "facts", "words"),
    [
        ("item.assigned", {"to": "pool"}, "assigned it, to the pool"),
        ("item.assigned", {"to": "Ana Ruiz"}, "assigned it, to Ana Ruiz"),
        (
            "item.next_undone",
            {"to": "pool"},
            "gave it back by undoing Next, to the queue",
        ),
        (
            "item.next_undone",
            {"to": "Ana Ruiz"},
            "gave it back by undoing Next, it stays with them",
        ),
        (
            "absence.handed_over",
            {"went": {"pool": 3, "Ana Ruiz": 2}},
            "handed over what they held, 2 to Ana Ruiz, 3 to the pool",
        ),
    ],
)
def test_the_pool_is_said_as_people_say_it(action, facts, words):
    assert sentence(action, facts) == words


def test_a_code_loses_its_own():
    assert sentence(
        "item.returned", {"code": "root_cause", "on_behalf_of": "t_ok"}
    ) == ("returned it, on behalf of t_ok, because root cause")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"step": 1, "tell": "assignee", "to": "Dee Whit"}, "told Dee Whit"),
        ({"step": 2, "tell": "assignee", "to": None}, "nobody was there to be told"),
        ({"step": 1, "tell": "lead"}, "to the lead"),
        (
            {
                "step": 3,
                "tell": "lead",
                "to": "Dee Whit",
                "caught": True,
                "joined": [4],
            },
            (
                "told Dee Whit, the safety net raised it, one answer for earlier calls "
                "too"
            ),
        ),
    ],
)
def test_a_rung_says_whom_it_reached_and_no_number(facts, words):
    said = sentence("item.ladder_fired", facts)
    assert said == f"escalated it by the ladder, {words}"
