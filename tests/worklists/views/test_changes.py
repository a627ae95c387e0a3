"""What changed between two rounds, in words and in order."""

import pytest

from worklists.evidence import Part, parse_template
from worklists.selectors.evidence import Asked
from worklists.selectors.reviews import Change
from worklists.views.changes import changed_rows, compared, only_changes

pytestmark = pytest.mark.unit

FIELDS = parse_template(
    [
        {"name": "read", "label": "The note is read", "type": "step"},
        {
            "name": "decision",
            "label": "Decision",
            "type": "choice",
            "per_part": True,
            "choices": [["appeal", "Appeal"], ["resend", "Correct, resend"]],
        },
        {"name": "why", "label": "Why", "type": "text"},
        {"name": "sure", "label": "Sure", "type": "yes_no"},
        {"name": "expected", "label": "Expected", "type": "money"},
    ]
)
ONE = (Part("7", "Line 1, 99213, CO-50, $171.00"),)
TWO = (*ONE, Part("8", "Line 2, 36415, CO-97, $26.00"))


def asked(parts=(), answers=None):
    return Asked(FIELDS, answers or {}, {}, parts)


def change(name, before, after, kind="changed"):
    return Change(name, name, "", before, after, kind)


def said(rows):
    return [(r.heading, r.field, r.before, r.after, r.kind) for r in rows]


def test_typed_answers_stand_beside_the_saved_ones():
    saved = asked(ONE, {"why": "Saved.", "expected": "1.00", "sure": True})
    typed = {"why": "Typed.", "expected": "", "sure": True, "decision.7": "appeal"}

    rows = compared(saved, typed)

    assert [(row.field, row.kind) for row in rows] == [
        ("Decision (Line 1, 99213, CO-50, $171.00)", "added"),
        ("Why", "changed"),
        ("Sure", "same"),
        ("Expected", "removed"),
    ]


def test_a_first_answer_without_a_suggestion_is_no_change():
    changes = [
        change("read", None, {"state": "done"}),
        change("decision.7", None, "resend"),
        change("why", None, "It was paid before."),
        change("sure", None, True),
    ]
    suggested = {"decision.7": "appeal", "sure": True}

    rows = changed_rows(asked(ONE), changes, suggested, is_first=True)

    assert said(rows) == [
        ("", "Decision", "Appeal", "Correct, resend", "changed"),
        ("", "Why", "", "It was paid before.", "answered"),
        ("", "Sure", "Yes", "Yes", "same"),
        ("Checklist", "The note is read", "", "Done", "answered"),
    ]
    assert [row.before_note for row in rows] == [""] * 4
    assert [row.is_wide for row in rows] == [False, False, False, True]
    assert [row.field for row in only_changes(rows)] == ["Decision"]


def test_in_a_later_round_an_answer_where_none_stood_is_a_change():
    changes = [change("why", None, "It was paid."), change("sure", None, True)]

    rows = changed_rows(asked(), changes, {"sure": True}, is_first=False)

    assert [(row.kind, row.before_note) for row in rows] == [
        ("added", ""),
        ("same", "suggested"),
    ]


def test_each_of_several_parts_stands_under_its_line_and_its_dollars():
    changes = [
        change("read", None, {"state": "done"}),
        change("decision.7", "appeal", "appeal"),
        change("decision.8", "appeal", "resend"),
        change("why", "Old.", "New."),
    ]

    rows = changed_rows(asked(TWO), changes, {}, is_first=False)

    assert [(row.heading, row.field) for row in rows] == [
        ("Line 1, 99213, CO-50, $171.00", "Decision"),
        ("Line 2, 36415, CO-97, $26.00", "Decision"),
        ("For all of these", "Why"),
        ("Checklist", "The note is read"),
    ]
    assert [(row.heading, row.field) for row in only_changes(rows)] == [
        ("Line 2, 36415, CO-97, $26.00", "Decision"),
        ("For all of these", "Why"),
        ("Checklist", "The note is read"),
    ]
