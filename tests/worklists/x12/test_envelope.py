"""Envelopes: wrong counts and numbers are named, missing trailers end what they end."""

import pytest

from tests.worklists.x12.readings import CLAIM, HEAD, read, remittance, sample
from worklists.x12 import Limits

pytestmark = pytest.mark.unit


def test_wrong_counts_and_control_numbers():
    reading = read(sample("wrong_envelope"))
    assert [(f.code, f.segment) for f in reading.findings] == [
        ("segment_outside_transaction", 2),
        ("se_count_mismatch", 17),
        ("se_control_mismatch", 17),
        ("ge_count_mismatch", 18),
        ("ge_control_mismatch", 18),
        ("iea_count_mismatch", 19),
        ("iea_control_mismatch", 19),
    ]
    assert {f.level for f in reading.findings} == {"warning"}
    assert len(reading.claims) == 1
    assert reading.claims[0].complete
    assert reading.end.complete


def test_findings_stand_at_their_segment():
    data = sample("wrong_envelope")
    for finding in read(data).findings:
        tag = {"segm": b"REF", "se_c": b"SE*", "ge_c": b"GE*", "iea_": b"IEA"}
        assert data[finding.position :].startswith(tag[finding.code[:4]])


def test_counts_in_words_a_person_reads():
    messages = [finding.message for finding in read(sample("wrong_envelope")).findings]
    assert messages[0] == "A segment stands outside of a transaction (REF)."
    assert messages[1] == "SE says 99 segments, 14 were read."
    assert messages[3] == "GE says 5 transactions, 1 were read."


def test_missing_trailers_keep_what_was_read():
    reading = read(sample("without_trailers"))
    assert [claim.complete for claim in reading.claims] == [True, True, False]
    assert [end.complete for end in reading.ends] == [False, False, False]
    assert [end.incomplete_claims for end in reading.ends] == [0, 0, 1]
    assert reading.codes == [
        "se_missing", "se_missing", "ge_missing", "se_missing", "claim_incomplete",
        "ge_missing", "iea_missing",
    ]  # fmt: skip
    assert not reading.end.complete
    assert (reading.end.groups, reading.end.transactions) == (2, 3)


def test_file_cut_in_the_middle_of_a_claim():
    data = sample("two_payments")
    cut = data[: data.index(b"CAS*CO*197*400") + 10]
    reading = read(cut)
    assert [claim.complete for claim in reading.claims] == [True, False]
    assert reading.codes[0] == "last_segment_unterminated"
    assert "claim_incomplete" in reading.codes
    assert not reading.end.complete
    assert reading.ends[0].incomplete_claims == 1
    whole = read(data)
    assert reading.claims[0].digest == whole.claims[0].digest


def test_claim_before_the_cut_ends_at_the_end_of_the_file():
    cut = sample("two_payments")[:1200]
    claim = read(cut).claims[-1]
    assert claim.position + claim.length == 1200


@pytest.mark.parametrize("trailers", [b"", b"IEA*1*000000001~", b"GE*1*7~"])
def test_claim_is_complete_if_an_envelope_follows(trailers):
    data = remittance(*HEAD, *CLAIM)
    cut = data[: data.index(b"SE*")] + trailers
    assert read(cut).claims[0].complete == bool(trailers)


def test_last_terminator_missing_behind_iea_is_no_fault():
    data = sample("two_payments").rstrip(b"~\n")
    reading = read(data)
    assert reading.codes == []
    assert reading.end.complete


def test_several_kinds_in_one_file():
    reading = read(sample("several_kinds"))
    assert [(s.kind, s.name, s.supported) for s in reading.starts] == [
        ("837", "837P", True),
        ("277", "277CA", True),
        ("835", "835", True),
        ("999", "999", False),
    ]
    assert reading.codes == ["unsupported_transaction"]
    assert "999" in reading.findings[0].message
    assert [end.claims for end in reading.ends] == [2, 2, 1, 0]
    assert reading.end.structure["transaction_types"] == {
        "837": 1, "277": 1, "835": 1, "999": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("st", "gs08", "name", "supported"),
    [
        ("837", "005010X223A2", "837I", True),
        ("837", "005010X224A2", "837D", False),
        ("837", "004010X098A1", "837P", True),
        ("277", "005010X212", "277", False),
        ("276", "005010X212", "276", False),
        ("834", "005010X220A1", "834", False),
        ("", "", "", False),
    ],
)
def test_what_is_read_and_what_is_only_named(st, gs08, name, supported):
    data = remittance("BHT*1").replace(b"ST*835", f"ST*{st}".encode())
    reading = read(data.replace(b"005010X221A1", gs08.encode()))
    assert (reading.starts[0].name, reading.starts[0].supported) == (name, supported)
    assert ("unsupported_transaction" in reading.codes) is not supported


def test_interchange_acknowledgment_is_named():
    data = remittance(*HEAD, *CLAIM).replace(b"GS*HP", b"TA1*1*260310*0602*A*000~GS*HP")
    reading = read(data)
    assert reading.codes == ["unsupported_transaction"]
    assert len(reading.claims) == 1


def test_empty_transaction():
    reading = read(remittance())
    assert reading.codes == ["bpr_missing", "trn_missing"]
    assert reading.headers[0].payer_id == ""
    assert (reading.ends[0].payment, reading.ends[0].balances) == (None, False)
    assert not reading.end.readable


def test_same_interchange_twice_is_reported_as_it_is():
    reading = read(sample("two_payments") * 2)
    assert len(reading.claims) == 12
    assert reading.digests()[:6] == reading.digests()[6:]
    assert reading.codes == []


def test_claims_outside_of_a_transaction_are_an_error():
    data = remittance(*HEAD, *CLAIM).replace(b"ST*835*0001~", b"")
    reading = read(data)
    assert reading.claims == []
    lost = [f for f in reading.findings if f.code == "claims_outside_transaction"]
    assert [f.level for f in lost] == ["error"]
    assert lost[0].position == data.index(b"CLP*")
    assert not reading.end.readable


def test_segments_before_any_claim_are_named():
    reading = read(remittance("CAS*CO*45*5", "SVC*HC:1*5*5", *HEAD, *CLAIM))
    assert reading.codes == ["orphan_segment", "orphan_segment"]
    assert len(reading.claims) == 1
    assert reading.claims[0].lines == []


def test_findings_of_one_code_are_capped_and_counted():
    body = ["CLP*A*1*10*5*0*12*I"] * 12
    reading = read(remittance(*HEAD, *body), limits=Limits(same_findings=5))
    assert reading.codes.count("claim_not_balanced") == 5
    assert reading.end.suppressed == {"claim_not_balanced": 7}
    assert len(reading.claims) == 12


def test_payment_out_of_balance_is_a_warning_with_both_sums():
    reading = read(remittance(*HEAD, *CLAIM, "PLB*1*20261231*WO*10"))
    [finding] = reading.findings
    assert finding.code == "payment_not_balanced"
    assert finding.message == "The payment is 90, its claims less PLB are 80."


def test_finding_as_the_contract_wants_it():
    finding = read(sample("wrong_envelope")).findings[1]
    assert finding.as_json == {
        "code": "se_count_mismatch",
        "segment": 17,
        "position": 499,
        "message": "SE says 99 segments, 14 were read.",
    }
