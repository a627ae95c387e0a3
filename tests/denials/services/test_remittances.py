"""What is stored of a remittance: every amount, code and reference of the file."""

from datetime import date
from decimal import Decimal

import pytest

from denials.models import (
    Adjustment,
    Denial,
    ProviderAdjustment,
    Remark,
    Remittance,
    RemittanceClaim,
    RemittanceLine,
)
from tests.denials.remit import PAYEE_ID, PAYER_ID, clp, interchange, payment, svc
from worklists.models import Claim

pytestmark = pytest.mark.django_db

LINE = svc(
    "HC:45380:59:LT",
    "2140.00",
    "40.50",
    cas=[("CO", "97", "2000"), ("CO", "45", "99.50")],
    remarks=["M15", "N20"],
    control="6R-1",
)


def stored(ingest, *claims, **more):
    report = ingest(interchange(payment(*claims, **more)))
    assert report["status"] == "accepted", report
    return report


def test_payment(site, ingest):
    stored(ingest, clp(), amount="12.34", trace="CHK9", control="0007")
    row = Remittance.objects.get()
    assert row.payer == site.payer
    assert row.facility == site.facility
    assert (row.payer_identifier, row.payer_name) == (PAYER_ID, "MERIDIAN PPO")
    assert (row.trace, row.paid_on, row.amount) == (
        "CHK9",
        date(2026, 10, 21),
        Decimal("12.34"),
    )
    assert (row.method, row.handling, row.credit_debit) == ("ACH", "I", "C")
    assert (row.payee_id, row.payee_name) == (PAYEE_ID, "NORTH CLINIC")
    assert row.control == "0007"
    assert "TRN*1*CHK9" in row.raw


def test_claim_keeps_its_text_and_place(site, ingest):
    content = interchange(payment(clp("PCN7", LINE, charge="2140", paid="40.50")))
    ingest(content)
    row = RemittanceClaim.objects.get()
    assert (row.patient_control_number, row.payer_control_number) == ("PCN7", "ICN1")
    assert (row.status, row.filing_indicator) == ("1", "12")
    assert (row.charge, row.paid) == (Decimal("2140.00"), Decimal("40.50"))
    assert row.service_from == date(2026, 8, 14)
    assert (row.patient_name, row.member_id) == ("ROE, ALEX", "W000111")
    assert row.balanced
    assert row.raw.startswith("CLP*PCN7*1*2140*40.50")
    assert "LQ*HE*N20" in row.raw
    assert content[row.position :].lstrip().startswith(b"CLP*PCN7")
    assert len(row.digest) == 32
    assert row.unreadable == []


def test_line(site, ingest):
    stored(ingest, clp("PCN7", LINE))
    row = RemittanceLine.objects.get()
    assert (row.number, row.code, row.modifiers) == (1, "45380", ["59", "LT"])
    assert (row.charge, row.paid, row.units) == (
        Decimal("2140.00"),
        Decimal("40.50"),
        Decimal(1),
    )
    assert (row.control, row.service_from) == ("6R-1", date(2026, 8, 14))
    assert row.text == "HC:45380:59:LT"


def test_every_triplet_of_a_cas_segment_is_an_adjustment(site, ingest):
    six = "CAS*CO*45*1**97*2**16*3*2*18*4**22*5**29*6*1"
    stored(ingest, clp("PCN7", svc() + "~" + six, cas=[("PR", "1", "7")]))
    rows = Adjustment.objects.order_by("position").values_list(
        "position", "line_number", "group", "carc", "amount", "quantity"
    )
    assert [row[:4] for row in rows] == [
        (1, 0, "PR", "1"),
        (2, 1, "CO", "45"),
        (3, 1, "CO", "97"),
        (4, 1, "CO", "16"),
        (5, 1, "CO", "18"),
        (6, 1, "CO", "22"),
        (7, 1, "CO", "29"),
    ]
    assert [row[4] for row in rows] == [Decimal(n) for n in (7, 1, 2, 3, 4, 5, 6)]
    assert [row[5] for row in rows] == [None, None, None, 2, None, None, 1]


def test_remarks_come_from_lines_and_from_the_claim(site, ingest):
    stored(ingest, clp("PCN7", LINE, moa="MA01*MA18"))
    rows = Remark.objects.order_by("position")
    assert list(rows.values_list("line_number", "code", "source")) == [
        (0, "MA01", "MOA"),
        (0, "MA18", "MOA"),
        (1, "M15", "LQ"),
        (1, "N20", "LQ"),
    ]


def test_money_outside_claims(site, ingest):
    plb = ["PLB*1999999984*20261231*CV:CP*-1.27*WO:ABC*10"]
    stored(ingest, clp(paid="20"), plb=plb, amount="11.27")
    rows = ProviderAdjustment.objects.order_by("pk")
    assert list(rows.values_list("reason", "reference", "amount")) == [
        ("CV", "CP", Decimal("-1.27")),
        ("WO", "ABC", Decimal("10.00")),
    ]
    remittance = Remittance.objects.get()
    assert remittance.plb_total == Decimal("8.73")
    assert remittance.paid_total == Decimal("20.00")
    assert remittance.balances


def test_two_equal_pairs_of_one_payment_stay_two(site, ingest):
    plb = ["PLB*1999999984*20261231*WO:A*5", "PLB*1999999984*20261231*WO:A*5"]
    stored(ingest, clp(), plb=plb)
    assert ProviderAdjustment.objects.count() == 2


def test_a_claim_is_known_by_payee_number_and_date(site, ingest):
    report = stored(
        ingest,
        clp("PCN1", control="ICN1"),
        clp("PCN1", control="ICN2"),
        clp("PCN1", control="ICN3", on="20260901"),
        clp("PCN2", control="ICN4"),
    )
    assert report["created"]["claims"] == 3
    assert report["created"]["remittance_claims"] == 4
    assert Claim.objects.filter(patient_control_number="PCN1").count() == 2


def test_claims_without_any_date_are_one_claim(site, ingest):
    report = stored(ingest, clp("PCN1", on=""), clp("PCN1", on="", control="ICN2"))
    assert report["created"]["claims"] == 1
    assert Claim.objects.get().service_from is None


def test_a_claim_is_paid_what_its_payments_add_up_to(site, ingest):
    stored(ingest, clp("PCN1", paid="60"))
    stored(ingest, clp("PCN1", paid="25", status="2"), trace="T2")
    assert Claim.objects.get().paid == Decimal("85.00")
    assert Claim.objects.get().charge == Decimal("100.00")


def test_a_known_payee_finds_its_facility(site, ingest):
    from tests.factories import FacilityFactory

    south = FacilityFactory(slug="south", payee_ids=["1888888883"])
    stored(ingest, clp("PCN1"), payee_id="1888888883")
    assert Claim.objects.get().facility == south
    assert Remittance.objects.get().facility == south


def test_an_unknown_payee_goes_to_the_default_facility(site, ingest):
    stored(ingest, clp("PCN1"), payee_id="1777777776")
    assert Claim.objects.get().facility == site.facility
    assert Claim.objects.get().payee_id == "1777777776"


@pytest.mark.parametrize(
    ("payer", "payer_id"),
    [("SOMEBODY", PAYER_ID), ("meridian  ppo", "1000"), ("Meridian PPO", "")],
)
def test_a_payer_is_known_by_id_or_by_name(site, ingest, payer, payer_id):
    stored(ingest, clp("PCN1"), payer=payer, payer_id=payer_id)
    assert Remittance.objects.get().payer == site.payer


def test_text_that_copy_would_misread_is_kept(site, ingest):
    pcn = "A\\tB\\\\N"
    stored(ingest, clp(pcn, svc("HC:9\\N:\\.", "1")))
    assert RemittanceClaim.objects.get().patient_control_number == pcn
    assert RemittanceLine.objects.get().code == "9\\N"
    assert f"CLP*{pcn}*" in RemittanceClaim.objects.get().raw


def test_absurd_amounts_are_kept_as_text_and_taken_as_nothing(site, ingest):
    huge = "9" * 17
    report = stored(ingest, clp("PCN1", svc(cas=[("CO", "97", huge)]), charge=huge))
    row = RemittanceClaim.objects.get()
    assert row.charge == 0
    assert {entry["element"] for entry in row.unreadable} == {"CLP03", "CAS"}
    assert f"*{huge}*" in row.raw
    codes = {warning["code"] for warning in report["warnings"]}
    assert "amount_out_of_range" in codes
    assert Denial.objects.get().amount == Decimal(10) ** 10


def test_long_values_are_cut_and_stay_whole_in_the_text(site, ingest):
    pcn = "P" * 200
    stored(ingest, clp(pcn, svc("HC:" + "9" * 100)))
    assert RemittanceClaim.objects.get().patient_control_number == "P" * 80
    assert pcn in RemittanceClaim.objects.get().raw
    assert RemittanceLine.objects.get().code == "9" * 48
