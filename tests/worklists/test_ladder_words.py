"""Steps of a ladder as people say them, and what makes a ladder wrong."""

import pytest

from worklists.ladder_words import (
    basis_of,
    hours_of,
    ladder_faults,
    step_words,
    when_words,
    with_positions,
)

pytestmark = pytest.mark.unit


def step(offset=0, kind="internal", tell="lead", position=0, asks=False):
    """Return a step."""
    return {
        "position": position,
        "clock_kind": kind,
        "offset_hours": offset,
        "tell": tell,
        "needs_acknowledgement": asks,
    }


@pytest.mark.parametrize(
    ("basis", "amount", "at"),
    [
        ("share", 75, ("internal", -10)),
        ("share", 100, ("internal", 0)),
        ("share", 0, ("internal", -40)),
        ("before", 4, ("internal", -4)),
        ("after", 8, ("internal", 8)),
        ("days_before", 14, ("legal", -336)),
        ("days_after", 1, ("legal", 24)),
    ],
)
def test_a_step_is_written_as_people_say_it(basis, amount, at):
    assert hours_of(basis, amount, 40) == at


@pytest.mark.parametrize("offset", [-10, 0, 8])
def test_a_step_is_read_back_as_it_was_written(offset):
    basis, amount = basis_of(step(offset))
    assert hours_of(basis, amount, 40) == ("internal", offset)


@pytest.mark.parametrize("days", [-14, 0, 3])
def test_a_legal_step_is_read_back_in_days(days):
    basis, amount = basis_of(step(days * 24, "legal"))
    assert hours_of(basis, amount, 40) == ("legal", days * 24)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (step(-10), "10 business hours before the time is over, at 75 %"),
        (step(0), "when the time is over"),
        (step(1), "1 business hour after the time is over"),
        (step(-336, "legal"), "14 days before the legal limit"),
        (step(-12, "legal"), "12 hours before the legal limit"),
        (step(0, "legal"), "when the legal limit passes"),
        (step(36, "legal"), "1 day 12 hours after the legal limit"),
    ],
)
def test_when_a_step_comes_in_words(one, words):
    assert when_words(one, 40) == words


def test_a_whole_step_in_words():
    said = step_words(step(8, tell="manager", asks=True), 40)
    assert said == (
        "8 business hours after the time is over: tell the team manager, needs an answer"
    )


def test_a_good_ladder_has_no_fault():
    ladder = [
        step(-10, tell="assignee"),
        step(0),
        step(-336, "legal"),
        step(0, "legal"),
    ]
    assert ladder_faults(ladder, 40) == []


@pytest.mark.parametrize(
    ("steps", "hours", "fault"),
    [
        ([step(0), step(0, tell="manager")], 40, "Two steps come at the same moment"),
        ([step(-10)], 40, "a breach would reach nobody"),
        ([step(0, "legal")], 40, "a breach would reach nobody"),
        ([step(0), step(-40)], 40, "before the time begins"),
        ([step(n) for n in range(13)], 40, "12 steps at most"),
        ([step(0), step(9_999_999)], 40, "too far away"),
        ([step(0)], 0, "The time given is 1 to"),
    ],
)
def test_a_fault_is_said_in_words(steps, hours, fault):
    [said] = ladder_faults(steps, hours)
    assert fault in said


def test_a_step_at_the_same_moment_keeps_its_number_and_a_new_one_gets_a_fresh_one():
    before = [step(-4, position=1), step(0, position=2), step(0, "legal", position=1)]
    after = [step(-8), step(0, tell="manager"), step(0, "legal"), step(24, "legal")]

    found = with_positions(after, before, {"internal": 5, "legal": 1})

    numbers = {(s["clock_kind"], s["offset_hours"]): s["position"] for s in found}
    assert numbers == {
        ("internal", -8): 6,
        ("internal", 0): 2,
        ("legal", 0): 1,
        ("legal", 24): 2,
    }
