"""What cannot be read: named with its place, never a traceback, never silently 0."""

import io
import os

import pytest

from tests.worklists.x12.readings import CLAIM, HEAD, isa, read, remittance, sample
from worklists.x12 import Finding, Limits, Unreadable, read_file

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def unreadable():
    return read(sample("unreadable"))


def test_unreadable_amounts_keep_their_text(unreadable):
    claim = unreadable.claims[0]
    assert [(u.element, u.text, u.segment) for u in claim.unreadable] == [
        ("CLP03", "1E3", 9),
        ("CLP04", "ten", 9),
        ("SVC02", "NaN", 10),
        ("SVC05", "1_0", 10),
        ("DTM02", "20260230", 11),
        ("CAS03", "$5", 12),
        ("CAS04", "x", 12),
        ("AMT02", "99999999999999999999", 13),
    ]
    assert (claim.charge, claim.paid, claim.patient_responsibility) == (0, 0, 5)
    assert claim.lines[0].units is None
    assert claim.lines[0].paid == 10
    assert claim.lines[0].date_from is None


def test_unreadable_elements_know_their_place(unreadable):
    data = sample("unreadable")
    for claim in unreadable.claims:
        for found in claim.unreadable:
            assert data[found.position :].startswith(found.element[:3].encode())


def test_empty_charge_is_not_zero(unreadable):
    claim = unreadable.claims[1]
    assert claim.unreadable[0] == Unreadable("CLP03", "", 14, 438)
    assert claim.charge == 0
    assert claim.paid == 50


def test_more_than_six_digits_behind_the_point_is_no_amount(unreadable):
    assert ("CAS03", "0.0000001") in [u[:2] for u in unreadable.claims[1].unreadable]


def test_claim_without_number_and_with_no_status(unreadable):
    claim = unreadable.claims[2]
    assert (claim.patient_control, claim.status) == ("", "99X")
    codes = [f.code for f in unreadable.findings if f.segment == 16]
    assert codes == ["claim_id_missing", "claim_status_unusable"]


def test_claim_out_of_balance(unreadable):
    [finding] = [f for f in unreadable.findings if f.code == "claim_not_balanced"]
    assert (finding.claim, finding.segment) == ("BAD-4", 17)
    assert not unreadable.claims[3].balanced


def test_unreadable_payment(unreadable):
    header = unreadable.headers[0]
    assert (header.amount, header.date, header.date_text) == (0, None, "20261399")
    assert [u.element for u in header.unreadable] == ["BPR16", "BPR02"]
    assert unreadable.ends[0].payment is None
    assert not unreadable.ends[0].balances


def test_unreadable_plb(unreadable):
    [event] = unreadable.outside
    assert [(pair.reason, pair.amount) for pair in event.adjustments] == [
        ("WO", 0),
        ("L6", 1),
    ]
    assert [u.element for u in event.unreadable] == ["PLB02", "PLB04"]


def test_findings_of_a_claim_stand_right_behind_it(unreadable):
    last = ""
    for event in unreadable.events:
        if hasattr(event, "patient_control"):
            last = event.patient_control
        elif isinstance(event, Finding) and event.claim:
            assert event.claim == last


def test_no_text_of_the_file_in_a_message(unreadable):
    for finding in unreadable.findings:
        for text in ("1E3", "ten", "lots", "BAD", "HARBOR"):
            assert text not in finding.message


@pytest.mark.parametrize(
    "text", [b"", b"   \r\n\r\n", b"\xef\xbb\xbf", b"\x00\x00\x00"]
)
def test_empty_file(text):
    reading = read(text)
    assert reading.codes[-1] == "empty_file"
    assert reading.findings[-1].level == "error"
    assert (reading.end.segments, reading.end.readable) == (0, False)


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7 and so on",
        b"PK\x03\x04" + bytes(range(256)) * 400,
        b"patient,charge,paid\n1,2,3\n" * 5000,
        b"ISA",
        b"ISA*",
        b"ISA*00*",
        os.urandom(200_000),
        b"isa*isa*isa*" * 20_000,
    ],
    ids=["pdf", "zip", "csv", "isa", "isa*", "isa*00*", "noise", "isas"],
)
def test_no_x12(data):
    reading = read(data)
    assert reading.codes[-1] == "not_x12"
    assert reading.claims == []
    assert not reading.end.readable
    assert reading.end.bytes == len(data) or len(data) > Limits().leading_bytes


def test_search_for_a_beginning_ends_somewhere():
    stream = io.BytesIO(b"nothing here " * 1_000_000)
    events = list(read_file(stream))
    assert [event.code for event in events[:-1]] == ["not_x12"]
    assert stream.tell() < 2 * Limits().leading_bytes


def test_isa_and_nothing_else():
    reading = read(isa().encode())
    assert reading.codes == ["iea_missing"]
    assert not reading.end.readable


def test_noise_behind_an_isa():
    noise = bytes(range(256)) * 300
    reading = read(isa().encode() + b"GS*HP~ST*835*1~BPR*I*5~" + noise)
    assert reading.claims == []
    assert not reading.end.complete


@pytest.mark.parametrize(
    ("body", "charges", "adjusted"),
    [
        # In the first nothing shows it but the balance: it is named, not parted.
        (["CLP*A*1*9*5*0*12*ICNCAS*CO*45*4", "CLP*B*1*1*1"], [9, 1], [0, 0]),
        (["CLP*A*1*9*5*0*12*I", "CAS*CO*45*3CAS*PR*1*1"], [9], [4]),
        (["CLP*A*1*9*5*0*12*I", "CAS*CO*45*4CLP*B*1*7*7*0*12*J"], [9, 7], [4, 0]),
        (["CLP*A*1*9*5*0*12*I", "AMT*AU*5CLP*B*1*7*7*0*12*J"], [9, 7], [0, 0]),
        (["CLP*A*1*9*5*0*12*I", "NM1*QC*1*X*Y****MI*1SVC*HC:1*9*5**1", "CAS*CO*45*4"],
         [9], [4]),
    ],
)  # fmt: skip
def test_terminator_missing_within_a_line(body, charges, adjusted):
    reading = read(remittance(*HEAD, *body))
    assert "terminator_missing" in reading.codes
    assert [claim.charge for claim in reading.claims] == charges
    sums = []
    for claim in reading.claims:
        lines = [a for line in claim.lines for a in line.adjustments]
        sums.append(sum(a.amount for a in [*claim.adjustments, *lines]))
    assert sums == adjusted


def test_a_name_that_ends_like_a_tag_is_a_name():
    names = ["NM1*QC*1*MCCLP*SVC****MI*CAS*", "NM1*IL*1*ADTM*X****MI*9*1*2*3"]
    reading = read(remittance(*HEAD, CLAIM[0], *CLAIM[1:3], *names))
    assert reading.codes == []
    assert reading.claims[0].patient.last == "MCCLP"


def test_segment_that_cannot_be_told_apart_is_named_by_the_count():
    body = [*HEAD, CLAIM[0], *CLAIM[1:3], "NM1*QC*1*ROWAN*TESSREF*EA*7"]
    data = remittance(*body).replace(b"SE*11*", b"SE*12*")
    assert read(data).codes == ["se_count_mismatch"]


def test_short_segments_are_read_as_far_as_they_go():
    body = [*HEAD, "CLP*A", "CAS*CO", "SVC", "DTM*472", "REF", "AMT*B6", "NM1", "LQ*HE",
            "MOA", "MIA", "QTY", "PLB"]  # fmt: skip
    reading = read(remittance(*body))
    [claim] = reading.claims
    assert (claim.charge, claim.paid, len(claim.lines)) == (0, 0, 1)
    assert {u.element for u in claim.unreadable} == {"CLP03", "CLP04"}
    assert claim.adjustments == ()


def test_unknown_segments_stay_in_the_raw_text():
    reading = read(
        remittance(*HEAD, *CLAIM, "ZZZ*1*2", "K3*HELLO", "*1*2", "LONGTAG*1")
    )
    [claim] = reading.claims
    assert "ZZZ*1*2~\nK3*HELLO~\n" in claim.raw
    assert reading.codes == ["segment_unknown", "segment_unknown"]


def test_elements_beyond_the_limit():
    body = [*HEAD, "CLP*A*1*9*5*0*12*I", "CAS*CO" + "*45*1*" * 30]
    reading = read(remittance(*body), limits=Limits(elements=41))
    assert "too_many_elements" in reading.codes
    assert len(reading.claims[0].adjustments) == 13


def test_claim_beyond_the_limit_is_not_complete_and_the_next_one_is():
    lines = ["SVC*HC:99213*5*5**1", "DTM*472*20260101"] * 30
    body = [
        *HEAD,
        "CLP*A*1*150*150*0*12*I",
        *lines,
        "CLP*B*1*7*7*0*12*J",
        "PLB*1*20261231*WO*2",
    ]
    reading = read(remittance(*body), limits=Limits(claim_segments=21))
    first, second = reading.claims
    assert (first.complete, first.raw.count("~\n"), len(first.lines)) == (False, 21, 10)
    assert (second.complete, second.patient_control) == (True, "B")
    assert reading.codes[:2] == ["claim_segments_dropped", "claim_incomplete"]
    assert reading.outside[0].adjustments[0].amount == 2
    assert [end.incomplete_claims for end in reading.ends] == [1]


def test_segments_beyond_the_limit():
    reading = read(sample("two_payments"), limits=Limits(segments=40))
    assert "too_many_segments" in reading.codes
    assert reading.end.segments == 40
    assert not reading.end.complete


def test_errors_and_warnings_are_apart():
    facts = read(sample("without_trailers")).facts
    assert [entry["code"] for entry in facts.errors()] == ["claim_incomplete"]
    assert len(facts.warnings()) == 6
