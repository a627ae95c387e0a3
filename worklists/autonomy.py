"""How much of a person's work in a queue a senior looks at: it falls with proof.

Pure: the policy's steps, the tier, and how the newest proof reviews ended, in; a rate
of every 20 submissions, out. Proof are the reviews that were picked by the rate itself:
those a trigger picked say nothing about the rest. Everything follows from the policy's
version and the record, so the same record gives the same rate.

Source: domain R7; PRODUCT 2 (senior review).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from worklists.enums import Tier
from worklists.review import BLOCK, Policy

HUNDRED = 100


class Step(NamedTuple):
    """From ``accuracy`` percent right in the last ``reviews`` on, ``per_block`` of 20."""

    reviews: int
    accuracy: int
    per_block: int


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of every 20 submissions are looked at, and why, in a sentence.

    ``right`` of the last ``looked`` proof reviews were approved unchanged; ``missed``
    says that a miss among the newest brought the rate back.
    """

    per_block: int
    base: int
    looked: int
    right: int
    missed: bool
    words: str

    @property
    def is_full(self) -> bool:
        """Return whether everything is looked at."""
        return self.per_block == BLOCK

    @property
    def percent(self) -> int:
        """Return the rate in percent."""
        return self.per_block * HUNDRED // BLOCK


def rate_of(policy: Policy, tier: Tier | str, proof: Sequence[bool]) -> Rate:
    """Return the rate at which a person's work is looked at.

    ``proof`` says of the newest proof reviews, the newest first, whether they were
    approved unchanged. The base is everything for apprentices where the policy says
    so, else the random share, below which no rate falls. The furthest step that is
    reached counts; a miss among the last ``miss_reviews`` brings the base back.
    """
    all_of_it = policy.apprentice_all and tier == Tier.APPRENTICE
    base = BLOCK if all_of_it else policy.random_per_block
    steps = sorted(Step(*step) for step in policy.autonomy)
    missed = bool(steps) and not all(proof[: policy.miss_reviews])
    reached = None if missed else _reached(steps, proof)
    lowest = (
        max(min(base, reached.per_block), policy.random_per_block) if reached else 0
    )
    looked = reached.reviews if reached else len(proof)
    rate = Rate(
        per_block=lowest or base,
        base=base,
        looked=looked,
        right=sum(proof[:looked]),
        missed=missed,
        words="",
    )
    words = _words(rate, steps, policy, len(proof))
    return Rate(rate.per_block, base, looked, rate.right, missed, words)


def _reached(steps: Sequence[Step], proof: Sequence[bool]) -> Step | None:
    """Return the furthest step that the record reaches."""
    found = None
    for step in steps:
        right = sum(proof[: step.reviews])
        enough = len(proof) >= step.reviews
        if enough and right * HUNDRED >= step.accuracy * step.reviews:
            found = step
    return found


def _words(rate: Rate, steps: Sequence[Step], policy: Policy, known: int) -> str:
    said = f"A senior looks at {rate.per_block} of every {BLOCK} submissions"
    if rate.is_full:
        said = "A senior looks at every submission"
    if not steps or rate.base <= policy.random_per_block:
        return f"{said}."
    if rate.missed:
        return (
            f"{said}: one of the last {min(policy.miss_reviews, known)} reviews was "
            f"changed or came back. After {policy.miss_reviews} in a row that stand, "
            "the record counts again."
        )
    if rate.per_block < rate.base:
        return f"{said}: {rate.right} of the last {rate.looked} stood unchanged."
    first = steps[0]
    so_far = f"so far {rate.right} of {known}" if known else "none is decided yet"
    return (
        f"{said}. It falls to {first.per_block} of {BLOCK} when "
        f"{first.accuracy}% of {first.reviews} reviews stood unchanged; {so_far}."
    )


def longest(policy: Policy) -> int:
    """Return how many of the newest proof reviews the policy asks about."""
    asked = [Step(*step).reviews for step in policy.autonomy]
    return max([policy.miss_reviews, *asked]) if asked else 0
