"""The rate of review: it falls with proof, comes back after a miss, and says why."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from tests.laws import law
from worklists.autonomy import longest, rate_of
from worklists.enums import Tier
from worklists.review import BLOCK, Policy

pytestmark = pytest.mark.unit

POLICY = Policy(
    slug="x",
    version=1,
    random_per_block=2,
    autonomy=((40, 97, 1), (20, 95, 10)),
    miss_reviews=5,
)
A, IND = Tier.APPRENTICE, Tier.INDEPENDENT


def proof(*runs: tuple[int, bool]) -> list[bool]:
    """Return a record, the newest first, from runs of the same outcome."""
    return [stood for count, stood in runs for _ in range(count)]


@pytest.mark.parametrize(
    ("record", "per_block"),
    [
        ([], 20),
        (proof((19, True)), 20),
        (proof((20, True)), 10),
        (proof((19, True), (1, False)), 10),  # 95 of 100, that share included
        (proof((18, True), (2, False)), 20),
        (proof((39, True)), 10),
        (proof((40, True)), 2),  # never below the random share
        (proof((39, True), (1, False)), 2),
        (proof((25, True), (15, False)), 10),
    ],
)
def test_an_apprentices_rate_falls_by_the_steps(record: list[bool], per_block: int):
    assert rate_of(POLICY, A, record).per_block == per_block


@pytest.mark.parametrize(("good", "per_block"), [(0, 20), (4, 20), (5, 2)])
def test_a_miss_brings_everything_back_until_so_many_stand(good: int, per_block: int):
    record = proof((good, True), (1, False), (60, True))
    rate = rate_of(POLICY, A, record)
    assert (rate.per_block, rate.missed) == (per_block, per_block == 20)


@pytest.mark.parametrize("record", [[], proof((60, True)), proof((3, False))])
def test_who_is_independent_stays_at_the_random_share(record: list[bool]):
    rate = rate_of(POLICY, IND, record)
    assert (rate.per_block, rate.base) == (2, 2)
    assert rate.words == "A senior looks at 2 of every 20 submissions."


def test_a_policy_without_steps_looks_at_all_of_an_apprentice():
    rate = rate_of(Policy(slug="x", version=1), A, proof((60, True)))
    assert (rate.per_block, rate.words) == (20, "A senior looks at every submission.")
    assert longest(Policy(slug="x", version=1)) == 0
    assert longest(POLICY) == 40


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (
            proof((7, True)),
            (
                "A senior looks at every submission. It falls to 10 of 20 when 95% of 20 "
                "reviews stood unchanged; so far 7 of 7."
            ),
        ),
        (
            proof((20, True)),
            (
                "A senior looks at 10 of every 20 submissions: 20 of the last 20 stood "
                "unchanged."
            ),
        ),
        (
            proof((1, False), (30, True)),
            (
                "A senior looks at every submission: one of the last 5 reviews was changed "
                "or came back. After 5 in a row that stand, the record counts again."
            ),
        ),
    ],
)
def test_it_says_why(record: list[bool], words: str):
    assert rate_of(POLICY, A, record).words == words


@law(st.lists(st.booleans(), max_size=80), st.sampled_from(Tier))
def test_the_rate_lies_between_random_share_and_base(record: list[bool], tier: Tier):
    rate = rate_of(POLICY, tier, record)
    assert POLICY.random_per_block <= rate.per_block <= rate.base <= BLOCK
    assert rate == rate_of(POLICY, tier, record)


@law(st.lists(st.booleans(), max_size=80))
def test_a_fresh_miss_is_never_rewarded(record: list[bool]):
    assert rate_of(POLICY, A, [False, *record]).is_full
