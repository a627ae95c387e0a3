"""Steps of a checklist: done, left out where that is allowed, or open."""

from __future__ import annotations

from typing import Any

import pytest

from worklists.evidence import Field, gaps, parse_template, progress, shape_errors

pytestmark = pytest.mark.unit

DONE = {"state": "done"}
LEFT_OUT = {"state": "not_applicable"}
TOLD = {"state": "not_applicable", "reason": "The whole claim was denied."}
RAW = [
    {
        "name": "decision",
        "label": "Decision",
        "type": "choice",
        "required": True,
        "choices": [["appeal", "Appeal"], ["accept", "Accept"]],
    },
    {
        "name": "note",
        "label": "Note read",
        "type": "step",
        "required": True,
        "not_applicable": "never",
    },
    {
        "name": "pair",
        "label": "Pair looked up",
        "type": "step",
        "required": True,
        "not_applicable": "with_reason",
    },
    {
        "name": "limit",
        "label": "Limit checked",
        "type": "step",
        "required_when": {"field": "decision", "in": ["appeal"]},
    },
    {"name": "call", "label": "Payer called", "type": "step"},
]
FIELDS = parse_template(RAW)


def found(**answers: Any) -> list[tuple[str, str]]:
    return [(gap.field, gap.code) for gap in gaps(FIELDS, answers, {})]


def test_open_required_steps_are_gaps_and_optional_ones_are_not() -> None:
    assert found(decision="accept") == [("note", "missing"), ("pair", "missing")]


def test_a_conditional_step_is_asked_when_its_condition_holds() -> None:
    assert found(decision="appeal", note=DONE, pair=DONE) == [("limit", "missing")]
    assert found(decision="accept", note=DONE, pair=DONE) == []


def test_the_figure_counts_the_steps_that_are_asked() -> None:
    assert progress(FIELDS, {"decision": "accept", "note": DONE}, {}) == (2, 3)
    assert progress(FIELDS, {"decision": "appeal", "note": DONE}, {}) == (2, 4)
    assert progress(FIELDS, {"decision": "appeal", "note": LEFT_OUT}, {}) == (1, 4)


def test_a_step_is_left_out_only_as_the_template_allows() -> None:
    told = {"decision": "appeal", "limit": LEFT_OUT, "note": TOLD, "pair": LEFT_OUT}
    assert [(g.field, g.code, g.message) for g in gaps(FIELDS, told, {})] == [
        ("note", "not_accepted", "This step always applies: do it, then tick it off."),
        (
            "pair",
            "not_accepted",
            "Say in a few words why this step does not apply.",
        ),
    ]
    assert found(**told | {"note": DONE, "pair": TOLD}) == []


def test_an_optional_step_is_judged_once_it_is_answered() -> None:
    field = Field("call", "Call", "step", not_applicable="with_reason")
    assert gaps([field], {"call": LEFT_OUT}, {})[0].code == "not_accepted"
    assert gaps([field], {"call": ""}, {}) == []


@pytest.mark.parametrize("value", [DONE, LEFT_OUT, TOLD, "", None])
def test_what_can_be_said_of_a_step(value: Any) -> None:
    assert shape_errors(FIELDS, {"note": value}) == {}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "Say how the step stands"),
        ("done", "Say how the step stands"),
        ({"state": "done", "by": "me"}, "Say how the step stands"),
        ({"state": "open"}, "A step is done or not_applicable."),
        ({"reason": "no"}, "A step is done or not_applicable."),
        ({"state": ["done"]}, "A step is done or not_applicable."),
        ({"state": "done", "reason": "no"}, "A step that is done takes no reason."),
        ({"state": "not_applicable", "reason": 7}, "Write this as text."),
        ({"state": "not_applicable", "reason": "x" * 501}, "This is longer than 500"),
        ({"state": "not_applicable", "reason": "\x00"}, "control characters"),
    ],
)
def test_what_cannot(value: Any, said: str) -> None:
    (fault,) = shape_errors(FIELDS, {"note": value})["note"]
    assert said in fault


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"not_applicable": "maybe"}, "note: not_applicable is never, allowed"),
        ({"not_applicable": True}, "note: not_applicable is never, allowed"),
        (
            {"type": "text", "not_applicable": "never"},
            "note: only a step says not_applicable",
        ),
        ({"choices": [["a", "A"]]}, "note: only a choice has choices"),
    ],
)
def test_a_wrong_step_is_never_loaded(change: dict[str, Any], said: str) -> None:
    step = {"name": "note", "label": "Note read", "type": "step"}
    with pytest.raises(ValueError, match=said):
        parse_template([step | change])


def test_a_step_sets_off_no_condition() -> None:
    asks = {
        "name": "why",
        "label": "Why",
        "type": "text",
        "required_when": {"field": "note", "in": ["done"]},
    }
    with pytest.raises(ValueError, match="why: required_when cannot ask for note"):
        parse_template([RAW[1], asks])


def test_a_step_may_be_left_out_unless_its_template_says_otherwise() -> None:
    ways = {field.name: field.not_applicable for field in FIELDS}
    assert ways == {
        "decision": "allowed",
        "note": "never",
        "pair": "with_reason",
        "limit": "allowed",
        "call": "allowed",
    }
