"""What was added and removed, word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worklists.views.text_diff import MOST_WORDS, Mark, marks

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("", "", []),
        ("As it was.", "As it was.", [("same", "As it was.")]),
        ("", "New words.", [("added", "New words.")]),
        ("Old words.", "", [("removed", "Old words.")]),
        (
            "on page 3 of it",
            "on page 4 of it",
            [
                *(("same", "on page "), ("removed", "3"), ("added", "4")),
                ("same", " of it"),
            ],
        ),
    ],
)
def test_words_are_marked(before, after, said):
    assert marks(before, after) == [Mark(*one) for one in said]


@given(st.text(max_size=200), st.text(max_size=200))
def test_both_texts_can_be_read_out_of_the_marks(before, after):
    found = marks(before, after)

    assert "".join(m.text for m in found if m.kind != "removed") == after
    assert "".join(m.text for m in found if m.kind != "added") == before


def test_a_very_long_text_is_replaced_as_a_whole():
    before, after = "a " * (MOST_WORDS + 1), "a " * MOST_WORDS + "b "

    assert marks(before, after) == [("removed", before), ("added", after)]
