"""What is stored does not depend on where a file is cut into chunks."""

from decimal import Decimal

import pytest

from denials.models import Denial, ProviderAdjustment, Remittance, RemittanceClaim
from denials.services.remittances import loader
from tests.denials.remit import clp, interchange, payment, svc
from worklists.models import Claim

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture(autouse=True, params=[1, 2, 3, 2000])
def chunk(request, monkeypatch):
    """Cut every file of this module after so many claims."""
    monkeypatch.setattr(loader, "CHUNK", request.param)
    return request.param


def a_claim(number: int, paid: str = "10") -> str:
    line = svc(paid=paid, cas=[("CO", "97", "90")])
    return clp(f"PCN{number}", line, paid=paid, control=f"ICN{number}")


def created(ingest, *payments: str, control: str = "000000001") -> tuple[int, int, int]:
    """Bring a file in; return its new claims, their payments' rows and its denials."""
    report = ingest(interchange(*payments, control=control))
    assert report["status"] == "accepted", report
    counts = report["created"]
    return counts["claims"], counts["remittance_claims"], counts["denials"]


def stored() -> list[tuple[str, str]]:
    """Return payment and claim of everything stored."""
    rows = RemittanceClaim.objects.values_list(
        "remittance__trace", "patient_control_number"
    )
    return sorted(rows)


def test_a_payment_whose_claims_go_over_several_chunks_is_one(site, ingest):
    plb = ["PLB*1999999984*20261231*WO:A*5"]
    long = payment(*map(a_claim, range(1, 6)), amount="45", plb=plb)
    assert created(ingest, long) == (5, 5, 5)
    row = Remittance.objects.get()
    assert (row.paid_total, row.plb_total, row.balances) == (50, 5, True)
    assert stored() == [("T1", f"PCN{n}") for n in range(1, 6)]


def test_a_claim_twice_in_one_payment_is_stored_once(site, ingest):
    twice = payment(a_claim(1), a_claim(2), a_claim(3), a_claim(1), a_claim(3))
    assert created(ingest, twice) == (3, 3, 3)
    assert Remittance.objects.get().paid_total == Decimal("30.00")
    assert Claim.objects.get(patient_control_number="PCN1").paid == Decimal("10.00")


def test_a_payment_twice_in_one_file_holds_the_claims_of_both_once(site, ingest):
    first = payment(a_claim(1), a_claim(2), plb=["PLB*1999999984*20261231*WO:A*5"])
    again = payment(
        *(a_claim(2), a_claim(1), a_claim(3)),
        plb=["PLB*1999999984*20261231*WO:A*5"],
        control="0002",
    )
    assert created(ingest, first, again) == (3, 3, 3)
    assert stored() == [("T1", "PCN1"), ("T1", "PCN2"), ("T1", "PCN3")]
    assert Remittance.objects.get().paid_total == Decimal("30.00")
    assert ProviderAdjustment.objects.count() == 1


def test_the_same_claim_in_two_payments_is_one_claim_paid_twice(site, ingest):
    other = payment(a_claim(1), trace="T2", control="0002")
    assert created(ingest, payment(a_claim(1)), other) == (1, 2, 2)
    assert stored() == [("T1", "PCN1"), ("T2", "PCN1")]
    assert Claim.objects.get().paid == Decimal("20.00")


def test_a_second_file_adds_to_a_known_payment_what_it_has_not_yet(site, ingest):
    created(ingest, payment(a_claim(1), a_claim(2)))
    more = payment(a_claim(2), a_claim(3), a_claim(1), a_claim(4))
    assert created(ingest, more, control="000000002") == (2, 2, 2)
    assert stored() == [("T1", f"PCN{n}") for n in range(1, 5)]
    assert Remittance.objects.get().paid_total == Decimal("40.00")


def test_a_known_payment_beside_a_new_one_is_still_asked_for_its_claims(site, ingest):
    created(ingest, payment(a_claim(1), a_claim(2)))
    new = payment(a_claim(1), a_claim(3), trace="T2", control="0002")
    known = payment(a_claim(2), a_claim(1), a_claim(4), control="0003")
    assert created(ingest, new, known, control="000000002") == (2, 3, 3)
    assert stored() == [
        *(("T1", "PCN1"), ("T1", "PCN2"), ("T1", "PCN4")),
        *(("T2", "PCN1"), ("T2", "PCN3")),
    ]


def test_the_same_payments_in_another_file_add_nothing(site, ingest):
    both = [
        payment(*map(a_claim, range(1, 4))),
        payment(a_claim(1), a_claim(9), trace="T2", control="0002"),
    ]
    created(ingest, *both)
    report = ingest(interchange(*both, control="000000002"))
    assert report["status"] == "duplicate"
    assert (report["created"]["claims"], report["created"]["denials"]) == (0, 0)
    assert (Remittance.objects.count(), len(stored()), Denial.objects.count()) == (
        *(2, 5, 5),
    )
