"""What counts as a denial: CONTRACT 2, sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import pytest
from hypothesis import strategies as st

from seeds.taxonomy import read_taxonomy
from tests.laws import law
from worklists.taxonomy import (
    CLAIM,
    NEVER_STATUSES,
    Adjusted,
    ClaimFacts,
    Doubt,
    Found,
    Line,
    Pattern,
    TaxonomyTable,
    classify,
)

pytestmark = pytest.mark.unit

SHIPPED = TaxonomyTable(1, read_taxonomy())
USUAL_STATUSES = ["1", "2", "3", "19", "20", "21"]


def cas(level: int, text: str) -> Adjusted:
    """Return ``CO-97 140.00`` at a level."""
    code, amount = text.split()
    group, carc = code.split("-")
    return Adjusted(level, group, carc, Decimal(amount))


def claim(
    *adjustments: Adjusted,
    status: str = "1",
    charge: str | None = "500",
    paid: str | None = "0",
    lines: Iterable[tuple[int, str]] = (),
    remarks: dict[int, list[str]] | None = None,
) -> ClaimFacts:
    return ClaimFacts(
        status=status,
        charge=None if charge is None else Decimal(charge),
        paid=None if paid is None else Decimal(paid),
        lines=[Line(key, Decimal(100), Decimal(line_paid)) for key, line_paid in lines],
        adjustments=adjustments,
        remarks=remarks or {},
    )


def said(
    facts: ClaimFacts, table: TaxonomyTable = SHIPPED
) -> tuple[list[str], list[str]]:
    """Return findings as ``denial 1 CO-97 140.00`` and doubts by code."""
    found, doubts = classify(facts, table)
    return (
        [f"{f.kind} {f.level} {f.group}-{f.carc} {f.amount}" for f in found],
        [doubt.code for doubt in doubts],
    )


# --- One denial each ----------------------------------------------------------------


@pytest.mark.parametrize("status", [*USUAL_STATUSES, "4", "", "99", " 1 "])
@pytest.mark.parametrize("group", ["CO", "PI", "OA", "PR"])
def test_denial_class_under_a_usual_group_is_a_denial(status: str, group: str):
    facts = claim(cas(1, f"{group}-97 140.00"), status=status, lines=[(1, "0")])
    assert said(facts) == ([f"denial 1 {group}-97 140.00"], [])


@pytest.mark.parametrize("status", sorted(NEVER_STATUSES))
def test_reversals_and_undecided_claims_give_nothing(status: str):
    facts = claim(cas(1, "CO-97 140"), cas(1, "XX-97 5"), status=status)
    assert said(facts) == ([], [])


def test_the_statuses_that_never_count():
    assert sorted(NEVER_STATUSES, key=int) == [
        *("5", "10", "13", "15", "16", "17", "22", "23", "25", "27")
    ]


@pytest.mark.parametrize(
    "carc",
    [
        "1",
        "2",
        "3",
        "45",
        "253",
        "131",
        "24",
        "94",
        "246",
        "23",
        "42",
        "A2",
        "P5",
        "P12",
    ],
)
@pytest.mark.parametrize("group", ["CO", "PI", "OA", "PR"])
def test_never_denials_under_any_group(carc: str, group: str):
    facts = claim(cas(1, f"{group}-{carc} 140"), lines=[(1, "0")])
    assert said(facts) == ([], [])


def test_amounts_are_summed_by_level_group_and_carc():
    facts = claim(
        cas(CLAIM, "CO-29 10"),
        cas(1, "CO-97 40"),
        cas(1, "CO-45 3"),
        cas(1, "CO-97 60"),  # the same reason in another CAS of the line
        cas(1, "PI-97 7"),  # another group of the same line
        cas(2, "CO-97 100"),  # the same reason on another line
        cas(CLAIM, "CO-29 0.50"),
        lines=[(1, "0"), (2, "0")],
    )
    assert said(facts) == (
        [
            "denial 0 CO-29 10.50",
            "denial 1 CO-97 100",
            "denial 1 PI-97 7",
            "denial 2 CO-97 100",
        ],
        [],
    )


@pytest.mark.parametrize(
    "amounts", [["0"], ["-140"], ["140", "-140"], ["140", "-140.01"], [None], []]
)
def test_a_sum_that_is_not_above_zero_is_no_denial(amounts: list[str | None]):
    entries = [
        Adjusted(1, "CO", "97", None if amount is None else Decimal(amount))
        for amount in amounts
    ]
    assert said(claim(*entries)) == ([], [])


def test_a_missing_amount_counts_as_nothing_beside_another():
    missing = Adjusted(1, "CO", "97", None)
    assert said(claim(missing, cas(1, "CO-97 5"))) == (["denial 1 CO-97 5"], [])


def test_a_partly_paid_line_can_hold_a_denial():
    facts = claim(cas(1, "CO-97 40"), paid="60", lines=[(1, "60")])
    assert said(facts) == (["denial 1 CO-97 40"], [])


# --- Groups ---------------------------------------------------------------------------


def test_correction_group_is_a_warning_only():
    facts = claim(cas(1, "CR-97 140"), lines=[(1, "0")])
    assert classify(facts, SHIPPED) == (
        [],
        [Doubt("group_not_denial", 1, "CR", "97", Decimal(140))],
    )
    assert said(claim(cas(1, "CR-97 -140"))) == ([], [])


@pytest.mark.parametrize("group", ["XX", "", "co", "MA"])
@pytest.mark.parametrize("entry", ["97 140", "45 140", "97 -3"])
def test_unknown_group_is_a_warning_only(group: str, entry: str):
    carc, amount = entry.split()
    facts = claim(Adjusted(1, group, carc, Decimal(amount)), lines=[(1, "0")])
    assert said(facts) == ([], ["unknown_group"])


# --- Reductions and pending -----------------------------------------------------------


@pytest.mark.parametrize("carc", ["59", "B10", "B22"])
@pytest.mark.parametrize(
    ("level", "line_paid", "claim_paid", "kind"),
    [
        (1, "60", "0", "reduction"),
        (1, "0", "60", "denial"),  # the line's own payment counts
        (CLAIM, "0", "60", "reduction"),
        (CLAIM, "60", "0", "denial"),
        (7, "0", "60", "reduction"),  # an unknown line: the claim's payment
        (7, "60", "0", "denial"),
    ],
)
def test_reduction_of_something_paid(carc, level, line_paid, claim_paid, kind):
    facts = claim(cas(level, f"CO-{carc} 40"), paid=claim_paid, lines=[(1, line_paid)])
    assert said(facts) == ([f"{kind} {level} CO-{carc} 40"], [])


@pytest.mark.parametrize("carc", ["P8", "257"])
@pytest.mark.parametrize("paid", ["0", "60"])
def test_undecided_amounts_are_pending(carc: str, paid: str):
    facts = claim(cas(1, f"OA-{carc} 40"), paid=paid, lines=[(1, paid)])
    assert said(facts) == ([f"pending 1 OA-{carc} 40"], [])


# --- Codes without a class ------------------------------------------------------------


@pytest.mark.parametrize("carc", ["999", "ZZ", "15", "D1", "138", ""])
@pytest.mark.parametrize(
    ("level", "line_paid", "claim_paid", "is_denial"),
    [
        (1, "0", "60", True),
        (1, "60", "60", False),
        (CLAIM, "60", "0", True),
        (CLAIM, "0", "60", False),
    ],
)
def test_code_without_a_class(carc, level, line_paid, claim_paid, is_denial):
    entry = Adjusted(level, "CO", carc, Decimal(40))
    facts = claim(entry, paid=claim_paid, lines=[(1, line_paid)])
    if is_denial:
        assert said(facts) == ([f"denial {level} CO-{carc} 40"], [])
        (found,), _ = classify(facts, SHIPPED)
        assert found.defect_class == "unmapped"
        assert found.pattern.carc == carc
        assert found.route == "contact_payer"
        assert found.appealable
    else:
        assert said(facts) == ([], ["unmapped_carc"])


def test_labels_of_codes_without_a_class():
    facts = claim(cas(1, "CO-15 40"), cas(1, "CO-999 40"))
    found, _ = classify(facts, SHIPPED)
    assert [one.label for one in found] == [
        "Retired reason code",
        "Reason code not in the taxonomy",
    ]


def test_code_without_a_class_and_without_a_sum_is_in_doubt():
    assert said(claim(cas(1, "CO-999 -5"))) == ([], ["unmapped_carc"])


@pytest.mark.parametrize("paid", [None, "0", "-5"])
def test_no_payment_is_a_payment_of_nothing(paid: str | None):
    assert said(claim(cas(CLAIM, "CO-999 5"), paid=paid)) == (
        ["denial 0 CO-999 5"],
        [],
    )


# --- Status 4 -------------------------------------------------------------------------


def test_status_4_without_any_cas_is_one_denial_of_charge_less_paid():
    facts = claim(status="4", charge="500", paid="20", lines=[(1, "0"), (2, "20")])
    (found,), doubts = classify(facts, SHIPPED)
    assert found[:5] == ("denial", CLAIM, "", "unknown", Decimal(480))
    assert found.label == "Denied without a reason"
    assert found.defect_class == "unmapped"
    assert doubts == []


@pytest.mark.parametrize(
    ("charge", "paid"), [("0", "0"), (None, None), ("50", "50"), ("50", "60")]
)
def test_status_4_with_nothing_open_is_in_doubt(charge: str | None, paid: str | None):
    facts = claim(status="4", charge=charge, paid=paid)
    assert said(facts) == ([], ["status_4_without_reason"])


def test_status_4_with_other_reasons_only_is_in_doubt():
    facts = claim(cas(1, "CO-45 400"), cas(1, "PR-1 100"), status="4", lines=[(1, "0")])
    assert said(facts) == ([], ["status_4_without_reason"])


@pytest.mark.parametrize("entry", ["CO-97 0", "CO-45 0"])
def test_status_4_with_a_cas_of_nothing_is_in_doubt(entry: str):
    assert said(claim(cas(1, entry), status="4")) == ([], ["status_4_without_reason"])


def test_status_4_with_a_strange_group_gives_both_doubts():
    facts = claim(cas(1, "XX-97 400"), status="4")
    assert said(facts) == ([], ["unknown_group", "status_4_without_reason"])


def test_status_4_adds_nothing_to_a_denial_that_has_a_reason():
    facts = claim(cas(1, "CO-45 300"), cas(2, "CO-50 200"), status="4")
    assert said(facts) == (["denial 2 CO-50 200"], [])


@pytest.mark.parametrize("status", USUAL_STATUSES)
def test_no_cas_is_no_denial_under_another_status(status: str):
    assert said(claim(status=status)) == ([], [])


def test_status_4_without_a_reason_may_be_beyond_appeal():
    facts = claim(status="4", remarks={CLAIM: ["MA130"]})
    (found,), _ = classify(facts, SHIPPED)
    assert (found.remark, found.appealable) == ("MA130", False)


# --- Remarks --------------------------------------------------------------------------


def only(facts: ClaimFacts, table: TaxonomyTable = SHIPPED) -> Found:
    (found,), _ = classify(facts, table)
    return found


@pytest.mark.parametrize(
    ("carc", "remark", "defect_class", "route"),
    [
        ("16", "M76", "coding", "correct_resubmit"),
        ("16", "M127", "documentation", "send_records"),
        ("16", "M62", "authorization", "correct_resubmit"),
        ("16", "N382", "eligibility", "verify_eligibility"),
        ("16", "MA04", "cob", "bill_other_payer"),
        ("16", "N290", "provider_enrollment", "correct_resubmit"),
        ("16", "M52", "missing_info", "correct_resubmit"),
        ("96", "M15", "bundling", "correct_resubmit"),
        ("96", "N386", "medical_necessity", "appeal"),
        ("96", "N425", "noncovered", "post_patient"),
        ("129", "MA04", "cob", "bill_other_payer"),
        ("148", "N29", "documentation", "send_records"),
        ("252", "M62", "authorization", "correct_resubmit"),
        ("252", "M29", "documentation", "send_records"),
        ("16", "XX99", "missing_info", "correct_resubmit"),
    ],
)
def test_remark_refines_class_and_route(carc, remark, defect_class, route):
    found = only(claim(cas(1, f"CO-{carc} 40"), remarks={1: [remark]}))
    assert (found.defect_class, found.route) == (defect_class, route)
    assert found.remark == ("" if remark == "XX99" else remark)
    assert found.pattern.carc == carc
    assert found.pattern.is_denial


@pytest.mark.parametrize(
    ("carc", "remarks", "coding"),
    [
        ("16", [], False),
        ("96", [], False),
        ("16", ["M76"], True),
        ("96", ["N519"], True),
        ("16", ["M127"], False),
        ("97", ["N425"], True),
    ],
)
def test_sixteen_and_ninety_six_are_coding_when_the_remark_is(carc, remarks, coding):
    found = only(claim(cas(1, f"CO-{carc} 40"), remarks={1: remarks}))
    assert found.pattern.coding_related is coding


@pytest.mark.parametrize("remark", ["N211", "MA130"])
@pytest.mark.parametrize("carc", ["29", "16", "999"])
@pytest.mark.parametrize("level", [CLAIM, 1])
def test_remarks_that_take_the_appeal_away(remark: str, carc: str, level: int):
    entry = cas(1, f"CO-{carc} 40")
    assert only(claim(entry)).appealable
    found = only(claim(entry, remarks={level: [remark]}))
    assert (found.appealable, found.remark) == (False, remark)
    base = only(claim(entry))
    assert (found.defect_class, found.route) == (base.defect_class, base.route)


def test_refinement_and_lost_appeal_come_together():
    found = only(claim(cas(1, "CO-16 40"), remarks={1: ["MA130", "M76"]}))
    assert (found.remark, found.defect_class) == ("M76", "coding")
    assert not found.appealable


def test_a_line_hears_its_own_remarks_before_the_claims():
    entry = cas(1, "CO-16 40")
    own = claim(entry, remarks={1: ["M127"], CLAIM: ["M76"]})
    assert only(own).remark == "M127"
    assert only(claim(entry, remarks={CLAIM: ["M76"]})).remark == "M76"
    assert only(claim(entry, remarks={2: ["M76"]})).remark == ""
    assert only(claim(cas(CLAIM, "CO-16 40"), remarks={1: ["M76"]})).remark == ""


def test_first_remark_with_a_class_wins_over_a_label_and_over_any_carc():
    table = TaxonomyTable(
        2,
        [
            Pattern("16", label="base", defect_class="missing_info", owner="billing"),
            Pattern("*", "N1", label="any", defect_class="cob"),
            Pattern("16", "N2", label="words only"),
            Pattern("16", "N3", defect_class="coding", coding_related=True),
            Pattern("16", "N4", defect_class="bundling", root_cause="knowledge"),
        ],
    )

    def found(*remarks: str) -> tuple[str, str, str]:
        one = only(claim(cas(1, "CO-16 1"), remarks={1: list(remarks)}), table)
        return one.remark, one.label, one.defect_class

    assert found() == ("", "base", "missing_info")
    assert found("N1", "N3", "N4") == ("N3", "base", "coding")
    assert found("N4", "N3") == ("N4", "base", "bundling")
    assert found("N2", "N1") == ("N1", "any", "cob")
    assert found("N2") == ("N2", "words only", "missing_info")
    assert found("", "N9") == ("", "base", "missing_info")


def test_a_remark_never_makes_or_unmakes_a_denial():
    table = TaxonomyTable(
        2,
        [
            Pattern("45", defect_class="contractual", is_denial=False),
            Pattern("45", "N1", defect_class="coding", is_denial=True),
            Pattern("97", defect_class="bundling"),
            Pattern("97", "N1", defect_class="bundling", is_denial=False),
        ],
    )
    facts = claim(cas(1, "CO-45 1"), cas(1, "CO-97 2"), remarks={1: ["N1"]})
    assert said(facts, table) == (["denial 1 CO-97 2"], [])
    assert only(facts, table).pattern.is_denial


def test_refined_rows_keep_what_the_remark_does_not_say():
    base = Pattern(
        "16",
        label="base",
        defect_class="missing_info",
        root_cause="front_end",
        failed_stage="billing",
        owner="billing",
        first_route="correct_resubmit",
        coding_related=True,
    )
    table = TaxonomyTable(2, [base, Pattern("16", "N1", label="words")])
    found = only(claim(cas(1, "CO-16 1"), remarks={1: ["N1"]}), table)
    assert found.pattern == Pattern(
        "16",
        "N1",
        label="words",
        defect_class="missing_info",
        root_cause="front_end",
        failed_stage="billing",
        owner="billing",
        first_route="correct_resubmit",
        coding_related=True,
    )


# --- The table ------------------------------------------------------------------------


@pytest.mark.parametrize(("remark", "name"), [("", "97"), ("M15", "97 with M15")])
def test_table_refuses_a_pattern_twice(remark: str, name: str):
    with pytest.raises(ValueError, match=f"has {name} twice"):
        TaxonomyTable(1, [Pattern("97", remark), Pattern("97", remark)])


def test_table_knows_its_rows():
    assert SHIPPED.version == 1
    assert SHIPPED.row("97").label == "Included in the payment of another service"
    assert SHIPPED.row("999") is None
    assert SHIPPED.is_mapped("97")
    assert not SHIPPED.is_mapped("15")
    assert "45" in SHIPPED.silent
    assert "97" not in SHIPPED.silent


def test_kept_answers_are_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(TaxonomyTable, "MOST_KEPT", 3)
    table = TaxonomyTable(1, [Pattern("97", defect_class="bundling")])
    for number in range(10):
        assert table.resolve("97", [f"N{number}"])[0].defect_class == "bundling"
        assert len(table._kept) <= 3
    assert table.resolve("97", ["N9"]) is table.resolve("97", ("N9",))


@pytest.mark.parametrize(
    ("doubt", "message"),
    [
        (
            Doubt("status_4_without_reason"),
            (
                "The claim is marked as denied (status 4), but no adjustment gives a "
                "reason for a denial."
            ),
        ),
        (
            Doubt("unmapped_carc", 1, "CO", "999", Decimal("40.00")),
            (
                "Reason code 999 has no class in the taxonomy; its 40.00 was not taken "
                "as a denial."
            ),
        ),
        (
            Doubt("group_not_denial", 1, "CR", "97", Decimal(40)),
            "Group CR with reason 97 corrects an earlier decision; no denial was made.",
        ),
        (
            Doubt("unknown_group", 1, "XX", "97", Decimal(40)),
            "Group 'XX' with reason 97 is not a known group; no denial was made.",
        ),
    ],
)
def test_doubts_speak_to_a_person(doubt: Doubt, message: str):
    assert doubt.message == message


# --- Properties -----------------------------------------------------------------------

entries = st.lists(
    st.builds(
        Adjusted,
        st.integers(0, 3),
        st.sampled_from(["CO", "PR", "OA", "PI", "CR", "XX"]),
        st.sampled_from(["45", "97", "16", "59", "P8", "999", "15", "1", "A2"]),
        st.none() | st.decimals(-50, 500, places=2),
    ),
    max_size=12,
)
claims = st.builds(
    ClaimFacts,
    status=st.sampled_from([*USUAL_STATUSES, "4", "22", "5"]),
    charge=st.none() | st.decimals(0, 900, places=2),
    paid=st.none() | st.decimals(0, 900, places=2),
    lines=st.lists(
        st.integers(1, 3).flatmap(
            lambda key: st.builds(
                Line,
                st.just(key),
                st.just(Decimal(9)),
                st.sampled_from([Decimal(0), Decimal(5)]),
            )
        ),
        unique_by=lambda line: line.key,
    ),
    adjustments=entries,
    remarks=st.dictionaries(
        st.integers(0, 3), st.lists(st.sampled_from(["M76", "N211", "M15", "X"]))
    ),
)


@law(claims)
def test_each_sum_is_found_once_in_doubt_once_or_silent(facts: ClaimFacts):
    found, doubts = classify(facts, SHIPPED)
    keys = [(f.level, f.group, f.carc) for f in found]
    keys += [(d.level, d.group, d.carc) for d in doubts if d.group]
    assert len(keys) == len(set(keys))
    assert all(one.amount > 0 for one in found)
    if facts.status in NEVER_STATUSES:
        assert (found, doubts) == ([], [])


@law(claims)
def test_order_within_a_level_does_not_matter_to_what_is_found(facts: ClaimFacts):
    turned = ClaimFacts(
        facts.status,
        facts.charge,
        facts.paid,
        facts.lines,
        facts.adjustments[::-1],
        facts.remarks,
    )
    one, other = classify(facts, SHIPPED), classify(turned, SHIPPED)
    assert sorted(map(str, one[0])) == sorted(map(str, other[0]))
    assert sorted(map(str, one[1])) == sorted(map(str, other[1]))


@law(claims)
def test_money_found_is_money_adjusted(facts: ClaimFacts):
    found, _ = classify(facts, SHIPPED)
    for one in found:
        adjusted = sum(
            entry.amount or 0
            for entry in facts.adjustments
            if (entry.level, entry.group, entry.carc)
            == (one.level, one.group, one.carc)
        )
        open_amount = (facts.charge or 0) - (facts.paid or 0)
        assert one.amount == (open_amount if one.carc == "unknown" else adjusted)
