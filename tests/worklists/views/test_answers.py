"""Reading a form into answers, and answers into words and states."""

import pytest
from django.http import QueryDict

from worklists.evidence import FileFact, Part, parse_template
from worklists.selectors.evidence import Asked
from worklists.views.answers import (
    answers_from,
    as_words,
    part_label,
    short_gaps,
    shown_fields,
)

pytestmark = pytest.mark.unit

FIELDS = parse_template(
    [
        {
            "name": "decision",
            "label": "Decision",
            "type": "choice",
            "required": True,
            "per_part": True,
            "choices": [["appeal", "Appeal"], ["write_off", "Write off"]],
        },
        {"name": "why", "label": "Why", "type": "text", "required": True},
        {
            "name": "rejected",
            "label": "Rejected",
            "type": "multichoice",
            "choices": [["a", "A"], ["b", "B"]],
        },
        {"name": "agrees", "label": "Agrees", "type": "yes_no"},
        {"name": "expected", "label": "Expected", "type": "money"},
        {"name": "policy", "label": "Policy", "type": "policy"},
        {
            "name": "page",
            "label": "Page",
            "type": "document",
            "required_when": {"field": "decision", "in": ["appeal"]},
        },
    ]
)
ONE = (Part("7", "Line 2, CO-97"),)
TWO = (*ONE, Part("8", "Line 3, CO-97"))


def asked(answers=None, files=None, parts=ONE) -> Asked:
    """Return evidence with these answers."""
    return Asked(FIELDS, answers or {}, files or {}, parts)


def test_the_first_of_several_parts_offers_its_choices_to_the_others():
    def marked(parts):
        return [
            (f.name, f.others) for f in shown_fields(asked(parts=parts)) if f.others
        ]

    assert marked(TWO) == [("decision.7", 1)]
    assert marked((*TWO, Part("9", "Line 4, CO-97"))) == [("decision.7", 2)]
    assert marked(ONE) == []


@pytest.mark.parametrize(
    ("posted", "given"),
    [
        ("why=+Two+lines%0D%0Aof+it+", {"why": "Two lines\nof it"}),
        ("decision.7=appeal", {"decision.7": "appeal"}),
        ("decision.99=appeal", {}),
        ("rejected=a&rejected=b", {"rejected": ["a", "b"]}),
        ("agrees=yes", {"agrees": True}),
        ("agrees=no", {"agrees": False}),
        ("expected=%241%2C234.50", {"expected": "1234.50"}),
        (
            "policy=RP-1&policy__edition=2026",
            {"policy": {"cite": "RP-1", "edition": "2026"}},
        ),
        ("policy=&policy__edition=", {}),
        ("why=", {}),
        ("page=page.pdf", {}),
        ("stranger=1", {}),
        ("_shown=rejected", {}),
    ],
)
def test_a_form_becomes_answers(posted, given):
    assert answers_from(QueryDict(posted), asked()) == given


@pytest.mark.parametrize(
    ("posted", "given"),
    [
        ("why=", {"why": ""}),
        ("_shown=rejected", {"rejected": []}),
        ("agrees=", {"agrees": ""}),
        ("", {}),
    ],
)
def test_what_was_answered_can_be_cleared(posted, given):
    before = {"why": "It is so.", "rejected": ["a"], "agrees": True}

    assert answers_from(QueryDict(posted), asked(before)) == given


def states(evidence) -> dict[str, str]:
    """Return the states of the fields that are asked."""
    return {row.name: row.state for row in shown_fields(evidence) if row.is_asked}


def test_every_field_says_how_it_stands():
    files = {"page": [FileFact(page="3")]}
    answers = {"decision.7": "appeal", "policy": "RP-1", "why": " "}

    assert states(asked(answers, files)) == {
        "decision.7": "complete",
        "why": "missing",
        "rejected": "optional",
        "agrees": "optional",
        "expected": "optional",
        "policy": "not_checked",
        "page": "complete",
    }


def test_a_conditional_field_keeps_its_place_and_a_letter():
    rows = {row.name: row for row in shown_fields(asked())}

    assert rows["page"].has_slot
    assert (rows["page"].is_asked, rows["page"].number) == (False, "6a")
    assert [rows[n].number for n in ("decision.7", "why", "policy")] == ["1", "2", "6"]


def test_headings_stand_before_each_part_when_there_are_several():
    one = [row.heading for row in shown_fields(asked())]
    two = [row.heading for row in shown_fields(asked(parts=TWO)) if row.heading]

    assert not any(one)
    assert two == ["Line 2, CO-97", "Line 3, CO-97"]


def test_gaps_are_named_without_their_part():
    assert short_gaps(asked({"why": "It is so."})) == [
        {"field": "decision.7", "label": "Decision"}
    ]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("decision", "appeal", "Appeal"),
        ("rejected", ["a", "b"], "A, B"),
        ("agrees", False, "No"),
        ("expected", "412.30", "$412.30"),
        ("policy", {"cite": "RP-1", "edition": "2026"}, "RP-1, 2026"),
        ("why", None, ""),
    ],
)
def test_answers_in_words(name, value, words):
    field = next(f for f in FIELDS if f.name == name)

    assert as_words(field, value) == words


def test_a_date_is_written_as_people_read_it():
    (field,) = parse_template([{"name": "on", "label": "Paid on", "type": "date"}])

    assert as_words(field, "2026-11-19") == "Nov\N{NO-BREAK SPACE}19, 2026"


def test_many_gaps_are_counted_not_listed():
    gaps = short_gaps(asked(parts=TWO))

    assert [gap["label"] for gap in gaps] == ["Decision (2 times)", "Why"]
    assert gaps[0]["field"] == "decision.7"


def test_what_is_not_named_is_counted_by_gaps():
    texts = [
        {"name": f"f{n}", "label": f"F{n}", "type": "text", "required": True}
        for n in range(3)
    ]
    texts.append({**texts[0], "name": "each", "label": "Each", "per_part": True})
    many = Asked(parse_template(texts), {}, {}, TWO)

    assert len(many.gaps()) == 5
    assert [gap["label"] for gap in short_gaps(many)] == ["F0", "F1 and 3 more"]


def test_few_gaps_are_named_and_long_names_cut():
    def named(count):
        texts = [
            {"name": f"f{n}", "label": f"F{n}", "type": "text", "required": True}
            for n in range(count)
        ]
        return [
            gap["label"] for gap in short_gaps(Asked(parse_template(texts), {}, {}, ()))
        ]

    (long,) = parse_template(
        [
            {
                "name": "read",
                "label": "The signed note is read beside the codes",
                "type": "text",
                "required": True,
            }
        ]
    )
    assert [gap["label"] for gap in short_gaps(Asked([long], {}, {}, ()))] == [
        "The signed note is read beside …"
    ]
    assert named(3) == ["F0", "F1", "F2"]
    assert named(4) == ["F0", "F1 and 2 more"]
    assert named(6) == ["F0", "F1 and 4 more"]


def test_a_part_is_named_short():
    long = (Part("7", "Line 2, 45380-59, CO-97 M15, $2,140.00"),)

    assert part_label(asked(parts=long), "7") == "Line 2, 45380-59"
