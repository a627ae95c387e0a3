"""Which submissions go to a senior, in whose words, and the exact random share."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import strategies as st

from tests.laws import law
from worklists.enums import Tier
from worklists.review import (
    BLOCK,
    Policy,
    SubmitFacts,
    Trigger,
    approver_of,
    because,
    draw_block,
    most_counted,
    triggers,
    why_alone,
)

pytestmark = pytest.mark.unit

POLICY = Policy(
    slug="denials",
    version=3,
    amount_from=Decimal("2000.00"),
    risk_classes=frozenset({"medical_necessity", "bundling"}),
)
QUIET = SubmitFacts(amount=Decimal("1999.99"))


def codes(
    facts: SubmitFacts, policy: Policy = POLICY, *, random_pick: bool = False
) -> list[str]:
    return [trigger.code for trigger in triggers(facts, policy, random_pick)]


def test_quiet_submission_fires_nothing():
    assert triggers(QUIET, POLICY, False) == ()


@pytest.mark.parametrize(
    ("amount", "fires"), [("1999.99", False), ("2000", True), ("2000.01", True)]
)
def test_amount_fires_from_the_sum_on(amount: str, fires: bool):
    assert codes(SubmitFacts(amount=Decimal(amount))) == ["amount"] * fires


def test_policy_without_an_amount_never_fires_on_it():
    policy = Policy(slug="x", version=1, amount_from=None)
    assert codes(SubmitFacts(amount=Decimal(10**9)), policy) == []


def test_amount_of_zero_fires_on_everything():
    policy = Policy(slug="x", version=1, amount_from=Decimal(0))
    assert codes(SubmitFacts(amount=Decimal(0)), policy) == ["amount"]


def test_amount_says_both_sums():
    (trigger,) = triggers(SubmitFacts(amount=Decimal("2310.5")), POLICY, False)
    assert trigger == Trigger(
        "amount",
        "over $2,000",
        "$2,310.50 is at stake; a senior looks from $2,000 on.",
        {"amount": "2310.5", "from": "2000.00"},
    )


@pytest.mark.parametrize(
    ("classes", "label"),
    [
        ({"coding"}, None),
        ({"bundling", "coding"}, "bundling"),
        ({"medical_necessity", "bundling"}, "bundling, medical necessity"),
    ],
)
def test_risk_class(classes: set[str], label: str | None):
    facts = SubmitFacts(amount=Decimal(0), risk_classes=frozenset(classes))
    found = triggers(facts, POLICY, False)
    assert [trigger.label for trigger in found] == ([label] if label else [])
    assert all(t.words == f"A senior looks at every item of {label}." for t in found)


@pytest.mark.parametrize(
    ("on_watch", "watched", "expected"),
    [(True, True, ["payer_watch"]), (True, False, []), (False, True, [])],
)
def test_payer_watch(on_watch: bool, watched: bool, expected: list[str]):
    policy = Policy(slug="x", version=1, payer_watch=watched)
    facts = SubmitFacts(amount=Decimal(0), payer_on_watch=on_watch)
    assert codes(facts, policy) == expected


@pytest.mark.parametrize(
    ("tier", "everything", "expected"),
    [
        (Tier.APPRENTICE, True, ["apprentice"]),
        ("apprentice", True, ["apprentice"]),
        (Tier.APPRENTICE, False, []),
        (Tier.INDEPENDENT, True, []),
    ],
)
def test_apprentice(tier: Tier | str, everything: bool, expected: list[str]):
    policy = Policy(slug="x", version=1, apprentice_all=everything)
    assert codes(SubmitFacts(amount=Decimal(0), tier=tier), policy) == expected


@pytest.mark.parametrize(
    ("per_block", "label"),
    [(1, "random 5%"), (2, "random 10%"), (7, "random 35%"), (20, "random 100%")],
)
def test_random(per_block: int, label: str):
    policy = Policy(slug="x", version=1, random_per_block=per_block)
    (trigger,) = triggers(QUIET, policy, True)
    assert (trigger.code, trigger.label) == ("random", label)
    assert f"{per_block} of every 20" in trigger.words


@pytest.mark.parametrize(
    ("stands", "label", "end"),
    [
        (False, "back after a return", " and looks at what became of it."),
        (True, "return disputed", "; nothing is changed, and the answer says why."),
    ],
)
def test_what_answers_a_return_is_looked_at_whatever_the_policy(
    stands: bool, label: str, end: str
):
    facts = replace(QUIET, returned_in=1, stands=stands)
    nothing = Policy(slug="x", version=1, random_per_block=0)
    assert triggers(facts, nothing, False) == (
        Trigger(
            "returned", label, f"A senior returned it in round 1{end}", {"round": 1}
        ),
    )
    (kept,) = [one.kept("x v1") for one in triggers(facts, nothing, False)]
    assert why_alone([kept]).startswith("It was flagged")


def test_all_of_them_in_a_fixed_order():
    facts = SubmitFacts(
        amount=Decimal(5000),
        risk_classes=frozenset({"bundling"}),
        tier=Tier.APPRENTICE,
        payer_on_watch=True,
        returned_in=2,
    )
    found = triggers(facts, POLICY, True)
    assert [trigger.code for trigger in found] == [
        "returned",
        "amount",
        "risk_class",
        "payer_watch",
        "apprentice",
        "random",
    ]
    assert because(trigger.label for trigger in found) == (
        "back after a return, over $2,000, bundling, payer watch, every item, "
        "apprentice, random 5%"
    )
    assert all(trigger.words.endswith(".") for trigger in found)


def test_because_is_empty_without_triggers_and_never_too_long():
    assert because([]) == ""
    assert because(["x" * 119, "yy"]) == "x" * 119 + "…"
    assert because(["x" * 120]) == "x" * 120


# --- The random share ---------------------------------------------------------------


@pytest.mark.parametrize("per_block", range(BLOCK + 1))
def test_a_block_has_exactly_its_share(per_block: int):
    picks = draw_block(per_block, random.SystemRandom())
    assert len(picks) == len(set(picks)) == per_block
    assert picks == sorted(picks)
    assert set(picks) <= set(range(20))


@pytest.mark.parametrize("per_block", [-1, 21])
def test_more_than_a_block_cannot_be_drawn(per_block: int):
    with pytest.raises(ValueError, match="20 positions"):
        draw_block(per_block, random.SystemRandom())


def test_every_position_is_drawn_about_as_often():
    rng = random.Random(20261121)  # noqa: S311 - the same draws every time
    draws = [draw_block(1, rng)[0] for _ in range(20_000)]
    counts = [draws.count(position) for position in range(BLOCK)]
    assert sum(counts) == 20_000
    # Chi-square with 19 degrees of freedom: 43.8 is passed once in a thousand.
    assert sum((count - 1000) ** 2 / 1000 for count in counts) < 43.8


@law(st.integers(0, BLOCK), st.integers(1, 30))
def test_over_whole_blocks_the_share_is_exact(per_block: int, blocks: int):
    rng = random.SystemRandom()
    picked = sum(len(draw_block(per_block, rng)) for _ in range(blocks))
    assert picked * BLOCK == per_block * blocks * BLOCK


facts_strategy = st.builds(
    SubmitFacts,
    amount=st.decimals(0, 5000, places=2),
    risk_classes=st.frozensets(st.sampled_from(["bundling", "coding", "cob"])),
    tier=st.sampled_from(Tier),
    payer_on_watch=st.booleans(),
)


@law(facts_strategy, st.booleans())
def test_random_never_replaces_another_trigger(facts: SubmitFacts, pick: bool):
    without = triggers(facts, POLICY, False)
    with_pick = triggers(facts, POLICY, pick)
    assert with_pick[: len(without)] == without
    assert len(with_pick) == len(without) + pick


# --- A recurring payer, and the kind of judgement -------------------------------------

RECURRING = Policy(slug="x", version=1, recurring_from=10, recurring_days=60)


def recurring(**counts: int) -> SubmitFacts:
    return SubmitFacts(amount=Decimal(0), payer="Meridian PPO", recurring=counts)


@pytest.mark.parametrize(("count", "fires"), [(9, False), (10, True), (17, True)])
def test_a_recurring_payer_fires_from_the_count_on(count: int, fires: bool):
    facts = recurring(bundling=count)
    assert codes(facts, RECURRING) == ["recurring_payer"] * fires


def test_a_policy_that_does_not_count_never_fires_on_a_payer():
    assert codes(recurring(bundling=10**6), Policy(slug="x", version=1)) == []


def test_a_recurring_payer_keeps_the_counts_that_fired_and_says_them():
    facts = recurring(bundling=17, medical_necessity=3)
    (trigger,) = triggers(facts, RECURRING, False)
    assert trigger == Trigger(
        "recurring_payer",
        "recurring bundling",
        "Defects of Meridian PPO in the last 60 days: 17 of class bundling; a senior "
        "looks from 10 on.",
        {"counts": {"bundling": 17}, "from": 10, "days": 60},
    )


@pytest.mark.parametrize(("count", "said"), [(99, "99"), (100, "at least 100")])
def test_a_count_that_reached_its_bound_says_at_least(count: int, said: str):
    (trigger,) = triggers(recurring(bundling=count), RECURRING, False)
    assert trigger.words == (
        f"Defects of Meridian PPO in the last 60 days: {said} of class bundling; a "
        "senior looks from 10 on."
    )
    wanted = ["bundling"] if count == 100 else None
    assert trigger.figures.get("at_least") == wanted
    assert most_counted(RECURRING) == 100


JUDGED = Policy(
    slug="x",
    version=4,
    judgements=frozenset({"decision:write_off", "decision:bill_patient"}),
)


def test_a_listed_judgement_fires_whatever_the_amount():
    facts = SubmitFacts(
        amount=Decimal(0),
        judgements={"decision:write_off": "Write off", "root_cause:system": "System"},
    )
    (trigger,) = triggers(facts, JUDGED, False)
    assert trigger == Trigger(
        "judgement",
        "write off",
        "The decision is “Write off”; a senior looks at every such decision.",
        {"chosen": ["decision:write_off"]},
    )


@pytest.mark.parametrize("amount", [0, 12])
def test_a_reserved_decision_without_a_floor_is_of_any_amount(amount: int):
    policy = replace(
        JUDGED, approvals=frozenset({"decision:write_off"}), approver_role="manager"
    )
    facts = SubmitFacts(
        amount=Decimal(amount), judgements={"decision:write_off": "Write off"}
    )
    (trigger,) = triggers(facts, policy, False)
    assert trigger.code == "approval"
    assert trigger.words == (
        f"“Write off” of ${amount}: of any amount a manager approves it, with a "
        "written reason."
    )
    assert trigger.figures["from"] is None
    assert approver_of(facts, policy) == "manager"
    other = replace(facts, judgements={"decision:appeal": "Appeal"})
    assert approver_of(other, policy) == ""


@pytest.mark.parametrize(
    ("dollars", "role", "said"),
    [
        ({"decision:write_off": "26.00"}, "", None),
        ({"decision:write_off": "100.00"}, "manager", "“Write off” of $100: from"),
        ({}, "manager", "“Write off” of $1,200: from"),  # said of the whole item
    ],
)
def test_a_reserved_decision_is_weighed_by_what_it_is_about(dollars, role, said):
    policy = replace(
        JUDGED,
        approvals=frozenset({"decision:write_off"}),
        approval_from=Decimal(100),
        approver_role="manager",
    )
    chosen = {"decision:write_off": "Write off", "decision:resend": "Resend"}
    amounts = {code: Decimal(amount) for code, amount in dollars.items()}
    facts = SubmitFacts(amount=Decimal(1200), judgements=chosen, dollars=amounts)

    assert approver_of(facts, policy) == role
    words = [t.words for t in triggers(facts, policy, False) if t.code == "approval"]
    assert [one.startswith(said) for one in words] == ([True] if said else [])


def test_a_value_fires_only_in_the_field_that_the_policy_names():
    facts = SubmitFacts(amount=Decimal(0), judgements={"note:write_off": "Write off"})
    assert codes(facts, JUDGED) == []


def test_a_kept_trigger_carries_its_figures_and_the_policys_version():
    (trigger,) = triggers(recurring(bundling=10), RECURRING, False)
    assert trigger.kept("denials v3") == {
        "code": "recurring_payer",
        "label": "recurring bundling",
        "words": trigger.words,
        "figures": {"counts": {"bundling": 10}, "from": 10, "days": 60},
        "policy": "denials v3",
    }
