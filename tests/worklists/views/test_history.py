"""Events in sentences: every act the trail knows can be read."""

import pytest

from worklists.trail_words import ACTIONS
from worklists.views.history import ICONS, sentence

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("action", [a for a in ACTIONS if a.startswith("item.")])
def test_every_act_on_an_item_has_a_sentence_without_any_fact(action):
    assert sentence(action, {}).startswith(ACTIONS[action])


@pytest.mark.parametrize(
    ("action", "facts", "words"),
    [
        ("item.handed", {"priority": 91}, "took it by Next, priority 91"),
        (
            "item.assigned",
            {"to": "Jo Park", "was_with": None},
            "assigned it, to Jo Park",
        ),
        (
            "item.evidence_saved",
            {"fields": ["decision.1", "decision.2", "root_cause.1"]},
            "saved evidence, decision, root cause",
        ),
        (
            "item.submitted",
            {"review": {"policy": "denials v5", "triggers": ["amount", "payer_watch"]}},
            "submitted it, to senior review: amount, payer watch (denials v5)",
        ),
        (
            "item.submitted",
            {"outcome": "completed"},
            "submitted it, no review trigger fired",
        ),
        ("item.returned", {"code": "root_cause"}, "returned it, because root cause"),
        ("item.opened", {"words": "rule 3"}, "opened it, by rule 3"),
        ("something.new", {}, "something.new"),
    ],
)
def test_facts_make_the_sentence(action, facts, words):
    assert sentence(action, facts) == words


def test_no_icon_is_kept_for_an_act_that_is_gone():
    assert set(ICONS) <= set(ACTIONS)
