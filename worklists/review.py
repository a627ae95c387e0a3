"""When a decision goes to a senior, and the secret random share.

Pure: facts and policy in, the triggers that fire out. Which positions of a block are
picked is drawn beforehand and kept by the service; nobody can see it, so nobody can
choose the work that will be looked at.

Source: PRODUCT 2 (senior review); issue 2, part 5 (permuted blocks of 20 per coder
and queue); domain R1. Amounts are US dollars.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from worklists.enums import Tier

BLOCK = 20
COUNTED = 10  # a recurring payer is counted up to so many times the floor
LONGEST_BECAUSE = 120


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a review policy, as ``ReviewPolicy`` keeps it.

    ``amount_from`` is the dollars at stake from which a senior looks, None for never;
    ``random_per_block`` of every 20 submissions of a coder in a queue are looked at.
    ``recurring_from`` defects of one class from the item's payer within
    ``recurring_days`` days, None for never. ``judgements`` are answers that a senior
    always looks at, as ``field:value``: ``decision:write_off``. ``autonomy`` and
    ``miss_reviews`` let the rate fall with proof and come back (``autonomy``).
    ``approvals`` are judgements that only an ``approver_role`` approves, with a written
    reason, from ``approval_from`` dollars on, None for any amount; what counts is the
    dollars they are about, not the whole item's.
    """

    slug: str
    version: int
    amount_from: Decimal | None = None
    risk_classes: frozenset[str] = frozenset()
    apprentice_all: bool = True
    payer_watch: bool = True
    random_per_block: int = 1
    recurring_from: int | None = None
    recurring_days: int = 60
    judgements: frozenset[str] = frozenset()
    autonomy: tuple[tuple[int, int, int], ...] = ()
    miss_reviews: int = 5
    approvals: frozenset[str] = frozenset()
    approval_from: Decimal | None = None
    approver_role: str = ""


@dataclass(frozen=True, slots=True)
class SubmitFacts:
    """What a submission is about: dollars, classes, who decides, which payer.

    ``recurring`` counts, by class of the item, the payer's other defects within the
    policy's window, up to ``most_counted``; ``judgements`` are the chosen answers,
    ``field:value`` to label, and ``dollars`` of which of the amount each is said, where
    it is said part by part. ``returned_in`` is the round of the return that this
    submission answers, 0 for none; ``stands`` says that it changes nothing.
    """

    amount: Decimal
    risk_classes: frozenset[str] = frozenset()
    tier: Tier | str = Tier.INDEPENDENT
    payer_on_watch: bool = False
    payer: str = ""
    recurring: Mapping[str, int] = field(default_factory=dict)
    judgements: Mapping[str, str] = field(default_factory=dict)
    dollars: Mapping[str, Decimal] = field(default_factory=dict)
    returned_in: int = 0
    stands: bool = False

    def said_of(self, chosen: Collection[str]) -> Decimal:
        """Return the dollars that these answers are about: the whole amount, unless
        each of them is said of parts alone."""
        if any(code not in self.dollars for code in chosen):
            return self.amount
        return sum((self.dollars[code] for code in chosen), Decimal(0))


@dataclass(frozen=True, slots=True)
class Authority:
    """What somebody lends a reviewer: their queues, up to a sum, for some classes.

    It holds at the ``facilities`` of the one who lends. ``amount_limit`` is the most
    dollars at stake, that sum included; no ``risk_classes`` means every class.
    """

    delegation_id: int
    delegator_id: int
    username: str
    queues: frozenset[int]
    facilities: frozenset[int]
    amount_limit: Decimal
    risk_classes: frozenset[str] = frozenset()
    name: str = ""

    def opens(self, queue_id: int, facility_id: int) -> bool:
        """Return whether the one who lends reviews this queue at this facility."""
        return queue_id in self.queues and facility_id in self.facilities

    def reaches(self, amount: Decimal, classes: Collection[str]) -> bool:
        """Return whether an item of those it opens lies within its limits."""
        if amount > self.amount_limit:
            return False
        return not self.risk_classes or self.risk_classes >= set(classes)


class Trigger(NamedTuple):
    """One reason for a senior's look: code, short label, sentence, and its figures."""

    code: str
    label: str
    words: str
    figures: Mapping[str, Any] = MappingProxyType({})

    def kept(self, policy: object) -> dict[str, Any]:
        """Return it as a review keeps it, with the version of its policy."""
        values = self._asdict() | {"figures": dict(self.figures)}
        return values | {"policy": str(policy)}


def triggers(
    facts: SubmitFacts,
    policy: Policy,
    random_pick: bool,  # noqa: FBT001 - a fact
) -> tuple[Trigger, ...]:
    """Return every trigger that fires for a submission, in a fixed order.

    What answers a return fires whatever the policy says: a senior who sent work back
    is not passed by. The amount fires from ``amount_from`` on, that sum included. ``random_pick`` says
    whether this submission's position was drawn; it fires besides the others, since
    proof of accuracy comes from the random share alone.
    """
    fired = (
        _approval(facts, policy),
        _returned(facts),
        _amount(facts, policy),
        _risk_class(facts, policy),
        _recurring(facts, policy),
        _judgement(facts, policy),
        _payer_watch(facts, policy),
        _apprentice(facts, policy),
        _random(policy) if random_pick else None,
    )
    return tuple(trigger for trigger in fired if trigger)


# What comes because of the person or by chance; the rest was flagged for what it is.
TOGETHER = frozenset({"apprentice", "random"})


def why_alone(kept: Iterable[Mapping[str, Any]]) -> str:
    """Return why a review is decided by itself and not with others; else nothing."""
    flagged = [str(one["label"]) for one in kept if one["code"] not in TOGETHER]
    if not flagged:
        return ""
    return f"It was flagged ({because(flagged)}), so it is decided one at a time."


def sees_all(facts: SubmitFacts, policy: Policy) -> bool:
    """Return whether everything is looked at anyway, so that no draw is worth a word."""
    apprentice = policy.apprentice_all and facts.tier == Tier.APPRENTICE
    return apprentice and policy.random_per_block == BLOCK


def because(labels: Iterable[str]) -> str:
    """Return the labels of triggers as one short line for a list, 120 characters."""
    line = ", ".join(labels)
    if len(line) <= LONGEST_BECAUSE:
        return line
    return line[: LONGEST_BECAUSE - 1] + "…"


def draw_block(per_block: int, rng: random.Random) -> list[int]:
    """Return exactly ``per_block`` positions of the next 20, ascending from 0.

    ``rng`` is ``random.SystemRandom`` in the product, so no draw can be foretold.
    Raises ``ValueError`` outside 0 to 20.
    """
    if not 0 <= per_block <= BLOCK:
        raise ValueError(f"A block has {BLOCK} positions; {per_block} cannot be drawn.")
    return sorted(rng.sample(range(BLOCK), per_block))


def _approval(facts: SubmitFacts, policy: Policy) -> Trigger | None:
    chosen = sorted(policy.approvals & facts.judgements.keys())
    floor, role = policy.approval_from, policy.approver_role
    amount = facts.said_of(chosen)
    if not role or not chosen or (floor is not None and amount < floor):
        return None
    said = ", ".join(dict.fromkeys(facts.judgements[code] for code in chosen))
    reach = "of any amount" if floor is None else f"from {_dollars(floor)} on"
    words = (
        f"“{said}” of {_dollars(amount)}: {reach} a "
        f"{_plain(role)} approves it, with a written reason."
    )
    figures = {
        "chosen": chosen,
        "amount": str(amount),
        "from": None if floor is None else str(floor),
        "role": role,
    }
    return Trigger("approval", f"approval by a {_plain(role)}", words, figures)


def approver_of(facts: SubmitFacts, policy: Policy) -> str:
    """Return the role that approves this decision, empty where every senior does."""
    return policy.approver_role if _approval(facts, policy) else ""


def _returned(facts: SubmitFacts) -> Trigger | None:
    if not facts.returned_in:
        return None
    figures = {"round": facts.returned_in}
    sent_back = f"A senior returned it in round {facts.returned_in}"
    if facts.stands:
        words = f"{sent_back}; nothing is changed, and the answer says why."
        return Trigger("returned", "return disputed", words, figures)
    words = f"{sent_back} and looks at what became of it."
    return Trigger("returned", "back after a return", words, figures)


def _amount(facts: SubmitFacts, policy: Policy) -> Trigger | None:
    if policy.amount_from is None or facts.amount < policy.amount_from:
        return None
    floor = _dollars(policy.amount_from)
    words = f"{_dollars(facts.amount)} is at stake; a senior looks from {floor} on."
    figures = {"amount": str(facts.amount), "from": str(policy.amount_from)}
    return Trigger("amount", f"over {floor}", words, figures)


def _risk_class(facts: SubmitFacts, policy: Policy) -> Trigger | None:
    hit = sorted(facts.risk_classes & policy.risk_classes)
    if not hit:
        return None
    names = ", ".join(_plain(name) for name in hit)
    words = f"A senior looks at every item of {names}."
    return Trigger("risk_class", names, words, {"classes": hit})


def most_counted(policy: Policy) -> int:
    """Return up to how many defects of a class are counted; 0 when none are."""
    return (policy.recurring_from or 0) * COUNTED


def _recurring(facts: SubmitFacts, policy: Policy) -> Trigger | None:
    """The same class from the same payer, again and again, is no accident."""
    floor, days = policy.recurring_from, policy.recurring_days
    if floor is None:
        return None
    hit = {name: n for name, n in sorted(facts.recurring.items()) if n >= floor}
    if not hit:
        return None
    more = [name for name, n in hit.items() if n >= floor * COUNTED]
    said = ", ".join(
        f"{'at least ' if name in more else ''}{n} of class {_plain(name)}"
        for name, n in hit.items()
    )
    words = (
        f"Defects of {facts.payer} in the last {days} days: {said}; a senior looks "
        f"from {floor} on."
    )
    label = f"recurring {', '.join(_plain(name) for name in hit)}"
    figures: dict[str, Any] = {"counts": hit, "from": floor, "days": days}
    if more:
        figures["at_least"] = more
    return Trigger("recurring_payer", label, words, figures)


def _judgement(facts: SubmitFacts, policy: Policy) -> Trigger | None:
    said_already = policy.approvals if _approval(facts, policy) else frozenset()
    chosen = sorted((policy.judgements - said_already) & facts.judgements.keys())
    if not chosen:
        return None
    said = ", ".join(dict.fromkeys(facts.judgements[code] for code in chosen))
    words = f"The decision is “{said}”; a senior looks at every such decision."
    return Trigger("judgement", said[0].lower() + said[1:], words, {"chosen": chosen})


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _payer_watch(facts: SubmitFacts, policy: Policy) -> Trigger | None:
    if not (policy.payer_watch and facts.payer_on_watch):
        return None
    words = "A recurring pattern of this payer is being watched."
    return Trigger("payer_watch", "payer watch", words)


def _apprentice(facts: SubmitFacts, policy: Policy) -> Trigger | None:
    if not policy.apprentice_all or facts.tier != Tier.APPRENTICE:
        return None
    words = "A senior looks at every item of an apprentice."
    return Trigger("apprentice", "every item, apprentice", words)


def _random(policy: Policy) -> Trigger:
    share = policy.random_per_block * 100 // BLOCK
    words = (
        f"Drawn at random: {policy.random_per_block} of every {BLOCK} submissions of a "
        "person in a queue are looked at."
    )
    figures = {"picked": policy.random_per_block, "of": BLOCK}
    return Trigger("random", f"random {share}%", words, figures)


def _dollars(amount: Decimal) -> str:
    return f"${amount:,.2f}".removesuffix(".00")
