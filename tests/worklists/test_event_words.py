"""Facts of the trail as sentences name people."""

import pytest

from worklists.event_words import with_names

pytestmark = pytest.mark.unit


def test_usernames_become_names():
    names = {"ana.ruiz": "Ana Ruiz"}
    assert with_names({"to": "ana.ruiz", "version": 3}, names) == {
        "to": "Ana Ruiz",
        "version": 3,
    }


def test_two_of_one_name_are_told_apart_and_no_count_is_lost():
    names = {"ana.ruiz": "Ana Ruiz", "aruiz": "Ana Ruiz", "jin": "Jin Park"}
    went = {"ana.ruiz": 2, "aruiz": 3, "jin": 1}
    assert with_names({"went": went}, names)["went"] == {
        "Ana Ruiz (ana.ruiz)": 2,
        "Ana Ruiz (aruiz)": 3,
        "Jin Park": 1,
    }
