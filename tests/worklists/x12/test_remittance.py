"""The 835: every element that the product uses, by exact value."""

from datetime import date
from decimal import Decimal as D  # noqa: N817 - exact amounts, many of them

import pytest

from tests.worklists.x12.readings import CLAIM, HEAD, read, remittance, sample
from worklists.x12 import Adjustment, Amount, Party, ProviderAdjustment, Reference

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def reading():
    return read(sample("two_payments"))


def test_nothing_is_odd_about_our_own_file(reading):
    assert reading.codes == []
    assert reading.end.complete
    assert reading.end.readable
    assert (reading.end.segments, reading.end.transactions) == (87, 2)


def test_interchange_says_who_sent_it(reading):
    [start] = reading.interchanges
    assert (start.sender, start.receiver) == ("HARBORLIGHT", "ELMSTREET")
    assert (start.control, start.version, start.usage) == ("000000041", "00501", "T")
    assert start.delimiters == ("*", ":", "^", "~")
    assert (start.segment, start.position) == (1, 0)


def test_transaction_knows_its_envelopes(reading):
    start = reading.starts[1]
    assert (start.kind, start.name, start.control) == ("835", "835", "0002")
    assert (start.version, start.functional_id) == ("005010X221A1", "HP")
    assert (start.group_control, start.interchange_control) == ("7", "000000041")
    assert start.supported


def test_header_of_a_payment(reading):
    header = reading.headers[0]
    assert header.amount == D("575.5")
    assert (header.handling, header.credit_debit, header.method) == ("I", "C", "ACH")
    assert header.date == date(2026, 3, 10)
    assert header.date_text == "20260310"
    assert (header.trace, header.originator) == ("EFT8801", "1770000009")
    assert header.production_date == date(2026, 3, 9)
    assert (header.control, header.version) == ("0001", "005010X221A1")


def test_header_names_payer_and_payee(reading):
    first, second = reading.headers
    assert (first.payer_name, first.payee_name) == (
        "HARBOR LIGHT HEALTH",
        "ELM STREET CLINIC",
    )
    assert (first.payer_id, first.payer_id_source) == ("1770000009", "TRN03")
    assert (first.payee_id, first.payee_id_qualifier) == ("1234567893", "XX")
    assert (first.payee_npi, first.payee_tax_id) == ("1234567893", "770000111")
    assert (second.payee_npi, second.payee_tax_id) == ("1093817465", "770000111")
    assert Reference("EV", "SITE1") in first.references
    assert first.raw.startswith("ST*835*0001~\nBPR*I*575.5*C") is False
    assert first.raw.startswith("BPR*I*575.5*C")


@pytest.mark.parametrize(
    ("body", "known_by"),
    [
        (("TRN*1*T*1770000009",), ("1770000009", "TRN03")),
        (("BPR*I*1*C*ACH******9911",), ("9911", "BPR10")),
        (("N1*PR*PLAN", "REF*2U*HL01"), ("HL01", "REF")),
        (("N1*PR*PLAN*XV*P77",), ("P77", "N104")),
        (("N1*PR*PLAN",), ("PLAN", "N102")),
        ((), ("", "")),
    ],
)
def test_payer_is_known_by_the_best_id_there_is(body, known_by):
    header = read(remittance(*body)).headers[0]
    assert (header.payer_id, header.payer_id_source) == known_by


def test_claim_as_the_payer_answers_it(reading):
    claim = reading.claims[0]
    assert (claim.patient_control, claim.status) == ("ELM-1001", "1")
    assert (claim.charge, claim.paid, claim.patient_responsibility) == (250, 180, 20)
    assert (claim.filing_indicator, claim.payer_control) == ("12", "HL900001")
    assert (claim.facility_code, claim.frequency, claim.drg) == ("11", "1", "")
    assert claim.number == 1
    assert claim.balanced
    assert claim.complete


def test_people_of_a_claim(reading):
    claim = reading.claims[0]
    assert claim.patient == Party(
        "QC", "1", "ROWAN", "TESS", "M", "", "JR", "MI", "HL5550001"
    )
    assert claim.corrected_patient == Party("74", "1", "", "TESSA", "", "", "", "", "")
    assert claim.rendering.id == "1093817465"
    assert claim.insured is None
    assert reading.claims[2].insured.last == "ABARA"


def test_dates_of_a_claim(reading):
    claim = reading.claims[0]
    assert (claim.date_from, claim.date_to) == (date(2026, 2, 1), date(2026, 2, 3))
    assert claim.received_date == date(2026, 2, 15)
    assert claim.statement_dates == {
        "232": date(2026, 2, 1),
        "233": date(2026, 2, 3),
        "050": date(2026, 2, 15),
    }
    assert (claim.service_from, claim.service_to) == (claim.date_from, claim.date_to)


def test_service_dates_come_from_the_lines_where_the_claim_has_none(reading):
    corrected = reading.claims[4]
    assert corrected.date_from is None
    assert corrected.service_from == corrected.service_to == date(2026, 1, 10)


def test_amounts_and_references_of_a_claim(reading):
    claim = reading.claims[0]
    assert claim.amounts == [Amount("AU", D(200))]
    assert claim.references == [Reference("EA", "MRN-77")]
    assert reading.claims[2].quantities == [Amount("CA", D(4))]


def test_first_line(reading):
    line = reading.claims[0].lines[0]
    assert (line.number, line.qualifier, line.code) == (1, "HC", "99214")
    assert (line.modifiers, line.text) == (("25",), "HC:99214:25")
    assert (line.charge, line.paid, line.units) == (200, 150, 1)
    assert line.date_from == date(2026, 2, 1)
    assert line.date_to is None
    assert line.control == "L1"
    assert line.allowed == 170
    assert line.references == [Reference("0K", "POL7")]
    assert line.adjustments == (
        Adjustment("CO", "45", D(30), None),
        Adjustment("PR", "3", D(20), None),
    )


def test_line_whose_procedure_the_payer_changed(reading):
    line = reading.claims[0].lines[1]
    assert (line.code, line.original_code) == ("80053", "80050")
    assert (line.original_qualifier, line.original_modifiers) == ("HC", ("59",))
    assert (line.units, line.original_units) == (2, 1)
    assert line.revenue_code == "0300"
    assert (line.date_from, line.date_to) == (date(2026, 2, 2), date(2026, 2, 3))
    assert line.amounts == [Amount("KH", D("1.25"))]
    assert line.quantities == [Amount("ZK", D(3))]


def test_two_triplets_in_one_segment(reading):
    assert reading.claims[0].lines[1].adjustments == (
        Adjustment("CO", "45", D(15), None),
        Adjustment("CO", "253", D(5), None),
    )


def test_six_triplets_in_one_segment(reading):
    assert reading.claims[2].adjustments == (
        Adjustment("CO", "45", D(100), D(1)),
        Adjustment("CO", "97", D(90), D(2)),
        Adjustment("CO", "253", D(80), None),
        Adjustment("CO", "131", D(70), None),
        Adjustment("CO", "94", D(60), None),
        Adjustment("CO", "223", D(140), None),
        Adjustment("PR", "1", D(25), None),
        Adjustment("PR", "2", D(20), None),
        Adjustment("PR", "3", D(15), None),
    )
    assert reading.claims[2].drg == "470"


def test_more_than_six_triplets_are_all_read():
    triplets = "".join(f"*{reason}*5*" for reason in range(1, 9))
    body = [*HEAD, "CLP*A*1*50*10*0*12*I", f"CAS*CO{triplets}"]
    claim = read(remittance(*body)).claims[0]
    assert [entry.reason for entry in claim.adjustments] == [
        str(n) for n in range(1, 9)
    ]
    assert claim.balanced


def test_empty_triplet_is_none():
    body = [*HEAD, "CLP*A*1*10*5*0*12*I", "CAS*CO*45*2*****253*3"]
    claim = read(remittance(*body)).claims[0]
    assert [(a.reason, a.amount) for a in claim.adjustments] == [("45", 2), ("253", 3)]


def test_remarks_of_claim_and_line(reading):
    assert reading.claims[1].remarks == ["MA01", "N130"]
    assert reading.claims[1].lines[0].remarks == ["N54", "M62"]
    assert reading.claims[2].remarks == ["MA07", "N45", "N46"]
    assert reading.claims[0].remarks == ()


def test_reversal_and_corrected_claim(reading):
    reversal, corrected = reading.claims[3:5]
    assert (reversal.status, corrected.status) == ("22", "1")
    assert reversal.patient_control == corrected.patient_control == "ELM-0991"
    assert (reversal.charge, reversal.paid) == (-300, -120)
    assert reversal.lines[0].adjustments[0] == Adjustment("CO", "45", D(-150), None)
    assert (corrected.frequency, corrected.paid) == ("7", 140)
    assert reversal.balanced
    assert corrected.balanced


def test_secondary_claim_and_drug_or_revenue_line(reading):
    claim = reading.claims[5]
    assert (claim.status, claim.number) == ("2", 1)
    assert (claim.lines[0].qualifier, claim.lines[0].code) == ("NU", "0450")
    assert claim.lines[0].adjustments == (Adjustment("OA", "23", D(150), None),)


def test_money_outside_claims_with_all_its_pairs(reading):
    [event] = reading.outside
    assert event.adjustments == [
        ProviderAdjustment(
            "1234567893", date(2026, 12, 31), "WO", "ELM-0800", D("25.5")
        ),
        ProviderAdjustment("1234567893", date(2026, 12, 31), "L6", "", D(-1)),
    ]
    assert event.raw == "PLB*1234567893*20261231*WO:ELM-0800*25.5*L6*-1~\n"


def test_payment_balances_against_claims_less_plb(reading):
    first, second = reading.ends
    assert (first.payment, first.paid_sum, first.plb_total) == (
        D("575.5"),
        600,
        D("24.5"),
    )
    assert first.balances
    assert first.claims == 5
    assert (first.declared_segments, first.segments) == (first.segments, 69)
    assert second.balances
    assert second.payment == 0


def test_where_a_claim_stands_in_the_file(reading):
    data = sample("two_payments")
    for claim in reading.claims:
        found = data[claim.position : claim.position + claim.length]
        assert found.decode() == claim.raw
        assert claim.raw.count("~\n") == claim.last_segment - claim.segment + 1


def test_old_version_is_read_the_same_way():
    reading = read(sample("version_4010"))
    [claim] = reading.claims
    assert reading.codes == []
    assert (claim.charge, claim.paid, claim.balanced) == (120, 90, True)
    assert claim.lines[0].units is None
    assert (claim.facility_code, claim.frequency, claim.drg) == ("", "", "")
    assert reading.interchanges[0].delimiters.repetition == ""


def test_date_ranges_are_two_dates():
    body = [*HEAD, "CLP*A*1*5*5*0*12*I", "DTM*232****RD8*20260201-20260209"]
    body += ["SVC*HC:1*5*5", "DTM*472****RD8*20260203-20260204"]
    claim = read(remittance(*body)).claims[0]
    assert (claim.date_from, claim.date_to) == (date(2026, 2, 1), date(2026, 2, 9))
    assert claim.lines[0].date_to == date(2026, 2, 4)


def test_codes_are_compared_without_blanks_and_in_capitals():
    body = [*HEAD, "CLP*A*1*5*3*0*12*I", "CAS* co*b7 *2", "LQ*he*n30"]
    claim = read(remittance(*body)).claims[0]
    assert claim.adjustments == (Adjustment("CO", "B7", D(2), None),)
    assert claim.remarks == ["N30"]


def test_header_that_stands_twice_counts_as_it_stood_first():
    again = ["N1*PR*OTHER PLAN", "TRN*1*OTHER*99", "REF*2U*XX"]
    reading = read(remittance(*HEAD, *CLAIM, *again, "LX*2", *CLAIM))
    assert len(reading.headers) == 1
    assert reading.headers[0].payer_name == "HARBOR LIGHT HEALTH"
    assert len(reading.claims) == 2
    assert reading.claims[0].raw.count("~\n") == 4


def test_digest_is_of_the_elements_alone():
    plain = read(remittance(*HEAD, *CLAIM)).digests()
    trailing = read(remittance(*HEAD, CLAIM[0] + "**", *CLAIM[1:])).digests()
    other = read(remittance(*HEAD, CLAIM[0] + "*9", *CLAIM[1:])).digests()
    assert plain == trailing
    assert plain != other
    assert len(plain[0]) == 64


def test_payment_within_a_payment_is_one_of_its_own():
    reading = read(remittance(*HEAD, *CLAIM, *HEAD, *CLAIM))
    assert len(reading.headers) == 2
    assert [start.control for start in reading.starts] == ["0001", ""]
    assert {"se_missing", "st_missing"} <= set(reading.codes)
    assert [end.claims for end in reading.ends] == [1, 1]
