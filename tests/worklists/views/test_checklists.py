"""A checklist on a form: read from a POST, drawn as rows, said in words."""

import pytest
from django.http import QueryDict

from tests.factories import EvidenceTemplateFactory, open_item, take
from tests.factories.queues import FIELDS
from tests.worklists.views.conftest import GOOD, fresh, text_of
from worklists.evidence import parse_template
from worklists.models import Draft
from worklists.selectors.evidence import Asked
from worklists.views.answers import answers_from, as_words, short_gaps, shown_fields

STEPS = [
    {
        "name": "note_read",
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
        "required_when": {"field": "decision", "in": ["correct"]},
    },
]
PARSED = parse_template([*STEPS, *FIELDS])
DONE = {"state": "done"}


def asked(**answers) -> Asked:
    return Asked(PARSED, answers, {}, ())


@pytest.mark.parametrize(
    ("posted", "read"),
    [
        ("pair=done", DONE),
        ("pair=not_applicable", {"state": "not_applicable"}),
        (
            "pair=not_applicable&pair__reason=+No+pair.+",
            {"state": "not_applicable", "reason": "No pair."},
        ),
        # Without a script both can be ticked: the careful one stands.
        ("pair=done&pair=not_applicable", {"state": "not_applicable"}),
        ("pair=done&pair__reason=left+over", DONE),
    ],
)
def test_a_step_is_read_from_its_boxes(posted, read):
    assert answers_from(QueryDict(f"{posted}&_shown=pair"), asked()) == {"pair": read}


def test_a_box_that_was_cleared_clears_the_step_and_one_not_shown_stays():
    assert answers_from(QueryDict("_shown=pair"), asked(pair=DONE)) == {"pair": ""}
    assert answers_from(QueryDict("_shown=note_read"), asked(pair=DONE)) == {}
    assert answers_from(QueryDict("_shown=pair"), asked()) == {}


def test_steps_stand_under_one_heading_and_questions_keep_their_numbers():
    rows = shown_fields(asked())
    drawn = [(row.name, row.heading, row.number) for row in rows]
    assert drawn[:5] == [
        ("note_read", "Checklist", ""),
        ("pair", "", ""),
        ("limit", "", ""),
        ("decision", "", "1"),
        ("why", "", "2"),
    ]
    assert [(row.may_skip, row.why_skip) for row in rows[:2]] == [
        (False, False),
        (True, True),
    ]


def test_open_steps_are_named_on_the_button():
    assert [gap["label"] for gap in short_gaps(asked())] == [
        *("Note read", "Pair looked up and 2 more"),
    ]


def test_a_step_in_words():
    field = PARSED[1]
    left_out = {"state": "not_applicable"}
    assert as_words(field, DONE) == "Done"
    assert as_words(field, left_out) == "Does not apply"
    told = as_words(field, left_out | {"reason": "No pair."})
    assert told == "Does not apply: No pair."


@pytest.mark.django_db
def test_the_page_draws_boxes_and_a_draft_answers_with_their_states(site, as_person):
    site.queue.template = EvidenceTemplateFactory(fields=[*STEPS, *FIELDS])
    site.queue.save()
    item = take(open_item(site.queue, site.facility), site.coder)
    client = as_person(site.coder)

    page = text_of(client.get(f"/items/{item.pk}/"))
    assert page.count('value="not_applicable"') == 1
    assert 'name="pair__reason"' in page
    assert '<span class="end ct-meta" id="decide-done">0 of 4</span>' in page

    answer = client.post(
        f"/items/{item.pk}/draft/",
        {
            "version": fresh(item).version,
            "_shown": ["note_read", "pair", "decision", "why"],
            "note_read": "done",
            "pair": "not_applicable",
            **GOOD,
        },
    )
    drawn = text_of(answer)
    assert 'id="ev-note_read-state" data-ev-state="complete"' in drawn
    assert 'id="ev-pair-state" data-ev-state="not_accepted"' in drawn
    assert "Say in a few words why this step does not apply." in drawn
    assert "1 missing: pair looked up" in drawn
    assert Draft.objects.get().answers["note_read"] == DONE
