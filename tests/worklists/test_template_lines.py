"""Choices and answers of a template as lines, both ways: codes never change."""

import pytest

from worklists.template_lines import (
    answer_lines,
    answers_of,
    choice_lines,
    choices_of,
    code_of,
)

pytestmark = pytest.mark.unit
DECISION = {
    "name": "decision",
    "label": "Decision",
    "type": "choice",
    "choices": [["appeal", "Appeal"], ["wo", "Write off"]],
}
FLAG = {"name": "sent", "label": "Was it sent?", "type": "yes_no"}


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Write off", "write_off"),
        ("  Écart (CO-45)!", "ecart_co_45"),
        ("2nd look", "field_2nd_look"),
        ("", "field"),
        ("支払", "field"),
        ("a" * 50, "a" * 36),
    ],
)
def test_a_code_is_made_from_a_label(label, code):
    assert code_of(label) == code


def test_a_code_that_is_taken_gets_a_number():
    assert code_of("Appeal", {"appeal", "appeal_2"}) == "appeal_3"


def test_a_choice_that_is_there_stands_with_its_code():
    assert choice_lines(DECISION["choices"]) == "appeal: Appeal\nwo: Write off"


def test_new_words_on_a_line_leave_the_code_where_its_label_said_the_same():
    before = [["write_off", "Write off"], ["appeal", "Appeal"]]
    text = choice_lines(before).replace("Write off", "Write off the balance")

    assert choices_of(text, before) == [
        ["write_off", "Write off the balance"],
        ["appeal", "Appeal"],
    ]


@pytest.mark.parametrize(
    "choices",
    [
        [["appeal", "Appeal"], ["wo", "Write off"]],
        [["CO-97", "Bundled: paid with another"], ["x", "x"]],
        [["note", "note: see below"]],
        [["a", "Same"], ["b", "Same"]],
        [["a", "two\nlines"]],
        [["a b: c", "Odd"]],
    ],
)
def test_what_nobody_touched_stays_as_it_was_written(choices):
    assert choices_of(choice_lines(choices), choices) == choices


def test_a_new_line_gets_a_code_and_a_label_that_was_there_keeps_its_own():
    text = "Write off\n\n  Bill the patient \nco_97: Bundled"
    assert choices_of(text, DECISION["choices"]) == [
        ["wo", "Write off"],
        ["bill_the_patient", "Bill the patient"],
        ["co_97", "Bundled"],
    ]


def test_a_new_label_beside_a_code_keeps_the_code():
    assert choices_of("wo: Written off", DECISION["choices"]) == [["wo", "Written off"]]


def test_the_same_choice_twice_is_refused():
    with pytest.raises(ValueError, match="“Appeal” stands twice"):
        choices_of("Appeal\nAppeal")


def test_answers_are_said_by_label_and_read_by_label_or_code():
    assert answer_lines(DECISION, ["wo", "appeal"]) == "Write off\nAppeal"
    assert answers_of("write OFF\nappeal", DECISION) == ["wo", "appeal"]
    assert answers_of("wo", DECISION) == ["wo"]
    assert answer_lines(FLAG, [True, False]) == "yes\nno"
    assert answers_of("Yes", FLAG) == [True]
    assert answers_of(" 99213 ", {"type": "code", "label": "Code"}) == ["99213"]


@pytest.mark.parametrize(
    ("field", "why"),
    [
        (DECISION, "“Maybe” is no answer to “Decision”. It has: Appeal, Write off."),
        (FLAG, "“Maybe” is no answer to “Was it sent\\?”. It has: yes, no."),
    ],
)
def test_an_answer_that_nobody_can_give_is_refused(field, why):
    with pytest.raises(ValueError, match=why):
        answers_of("Maybe", field)
