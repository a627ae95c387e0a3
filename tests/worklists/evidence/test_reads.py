"""What a kind of work reads of a form when an item ends, held against the form."""

import pytest

from worklists.evidence import Reads, Unread, parse_template, unread

pytestmark = pytest.mark.unit
KNOWN = Reads("decision", 20, ("appeal", "write_off"))
ASKED = {
    "name": "decision",
    "label": "Decision",
    "type": "choice",
    "required": True,
    "choices": [["appeal", "Appeal"]],
}
WHY = {"name": "why", "label": "Why", "type": "text"}


def said(reads, **change):
    """Return why a form whose decision is changed is not read."""
    return [one.why for one in unread(parse_template([ASKED | change, WHY]), [reads])]


def test_a_form_that_asks_what_is_read_is_fine():
    assert unread(parse_template([WHY, ASKED]), [KNOWN]) == []


def test_unknown_answers_are_named_beside_the_known_ones():
    choices = [["appeal", "Appeal"], ["wo", "Write off"], ["refer", "Refer"]]
    found = unread(parse_template([ASKED | {"choices": choices}]), [KNOWN])
    assert found == [
        Unread(
            "decision",
            "“wo”, “refer” cannot be kept when an item is completed. Put a code that "
            "is known before the label: appeal, write_off.",
        )
    ]


@pytest.mark.parametrize(("length", "kept"), [(20, True), (21, False)])
def test_any_code_is_taken_up_to_its_length(length, kept):
    code = "x" * length
    why = (
        f"“{code}” cannot be kept when an item is completed. Give a code of 20 "
        "characters at most."
    )
    found = said(Reads("decision", 20), choices=[[code, "Long"]])
    assert found == ([] if kept else [why])


def test_a_needed_field_is_there():
    [found] = unread(parse_template([WHY]), [KNOWN])
    assert found == Unread(
        "decision",
        "The form lacks the field “decision”, without which no item of this kind is "
        "completed. Keep it, required always, as one of several, with choices of "
        "appeal, write_off.",
    )
    assert unread(parse_template([WHY]), [Reads("decision", 20, needed=False)]) == []


@pytest.mark.parametrize(
    "change",
    [
        {"required": False},
        {"required": False, "required_when": {"field": "why", "in": ["x"]}},
    ],
)
def test_a_needed_field_is_always_required(change):
    why = "No item is completed without it, so it is required always."
    assert said(KNOWN, **change) == [why]
    assert said(Reads("decision", 20, ("appeal",), needed=False), **change) == []


def test_what_is_read_is_one_of_several():
    why = "It is read when an item is completed, so it asks for one of several."
    assert said(KNOWN, type="text", choices=[]) == [why]
    assert said(KNOWN, type="multichoice") == [why]
