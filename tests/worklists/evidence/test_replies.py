"""What a return asks for: a change or words, and whose field takes them."""

import pytest

from worklists.evidence.replies import LABEL, Return, is_reply, reply_fields

pytestmark = pytest.mark.unit
SEEN = {"why": "The note says so.", "note": ""}
BACK = Return(2, "Teresa Okafor", frozenset({"why"}), SEEN)


@pytest.mark.parametrize(
    ("answers", "owed"),
    [
        (SEEN, True),
        (SEEN | {"return_reply.2": ""}, True),
        (SEEN | {"return_reply.2": "\u200b\u2060"}, True),
        (SEEN | {"return_reply.1": "Words on the first one."}, True),
        (SEEN | {"note": None, "page": "  "}, True),
        (SEEN | {"return_reply.2": "It stands on page two."}, False),
        (SEEN | {"why": "Page two says so."}, False),
        (SEEN | {"page": "2"}, False),
        ({}, False),
    ],
)
def test_a_change_or_words(answers, owed):
    gap = BACK.gap(answers)
    assert (gap is not None) is owed
    if gap:
        assert (gap.field, gap.code, gap.label) == ("return_reply.2", "missing", LABEL)


def test_other_files_are_a_change():
    assert Return(2, files=frozenset({"document"})).gap({}) is None
    assert Return(2).gap({}) is not None


def test_what_only_another_form_asks_is_none():
    moved = Return(2, before=SEEN, form=frozenset({"why", "note"}))
    assert moved.touched(SEEN | {"step_edition": {"state": "done"}}) == frozenset()
    assert moved.touched(SEEN | {"why": "Line two."}) == {"why"}


def test_what_joined_the_item_since_is_none():
    seen = {"decision.12": "appeal", "root_cause.12": "knowledge"}
    back = Return(2, before=seen)
    assert back.touched(seen | {"decision.13": "write_off"}) == frozenset()
    assert back.touched(seen | {"decision.12": "write_off"}) == {"decision.12"}


def test_the_field_says_who_reads_it():
    field = BACK.field
    assert (field.name, field.type, field.is_mandatory) == (
        *("return_reply.2", "text", False),
    )
    assert field.help.endswith("Teresa Okafor reads it.")
    assert Return(1).field.help.endswith("The senior reads it.")


def test_answers_to_earlier_returns_stay_in_their_order():
    known = ["why", "return_reply.10", "return_reply.9", "return_reply.2"]
    names = [field.name for field in reply_fields(known, None)]
    assert names == ["return_reply.2", "return_reply.9", "return_reply.10"]
    with_due = [field.name for field in reply_fields(known, BACK)]
    assert with_due == ["return_reply.9", "return_reply.10", "return_reply.2"]


@pytest.mark.parametrize("name", ["why", "return_replies.1", "my_return_reply"])
def test_other_fields_are_none(name):
    assert not is_reply(name)
