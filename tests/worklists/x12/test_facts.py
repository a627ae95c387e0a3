"""The sections of the report, exactly, for our own files."""

from decimal import Decimal

import pytest

from tests.worklists.x12.readings import read, remittance, sample
from worklists.x12 import FileFacts, Limits

pytestmark = pytest.mark.unit


def test_835_section():
    facts = read(sample("two_payments")).facts.sections()["835"]
    cas = {(r["level"], r["group"], r["reason"]): r for r in facts.pop("cas")}
    assert facts == {
        "claims": 6,
        "status_counts": {"1": 3, "4": 1, "22": 1, "2": 1},
        "denied_claims_clp02_4": 1,
        "reversals_clp02_22": 1,
        "claims_paid_zero": 2,
        "total_charge": "1800",
        "total_paid": "600",
        "total_patient_resp": "80",
        "service_lines": 6,
        "service_line_charge": "800",
        "service_line_paid": "200",
        "cas_total": "1200",
        "rarc_counts": {"MA01": 1, "N130": 1, "N54": 1, "M62": 1, "MA07": 1, "N45": 1,
                        "N46": 1},
        "plb_total": "24.5",
        "claims_with_unreadable_amounts": 0,
        "claims_not_in_balance": 0,
    }  # fmt: skip
    assert (cas["line", "CO", "45"]["count"], cas["line", "CO", "45"]["amount"]) == (
        4,
        "25",
    )
    assert cas["claim", "PR", "1"]["amount"] == "25"
    assert len(cas) == 15


def test_837_section():
    facts = read(sample("several_kinds")).facts.sections()["837"]
    assert facts == {
        "form_by_service_segment": "837P",
        "claims": 2,
        "total_charge": "350",
        "frequency_codes": {"1": 1, "7": 1},
        "service_lines": 3,
        "service_line_charge": "350",
        "hl_levels": {"20": 1, "22": 1},
        "diagnosis_codes": 3,
        "distinct_diagnoses": 2,
        "modifiers": {"25": 1, "59": 1},
        "billing_npis": ["1234567893"],
        "payers": ["HARBOR LIGHT HEALTH"],
        "other_payer_lines_svd": 1,
        "cas": [{"group": "CO", "reason": "45", "count": 1, "amount": "20"}],
    }


def test_27x_section():
    facts = read(sample("several_kinds")).facts.sections()["27x"]
    assert facts["hl_levels"] == {"20": 1, "21": 1, "19": 1, "PT": 2}
    assert facts["trn"][2] == {"level_hl03": "PT", "type": "2", "id": "ELM-2001"}
    assert facts["stc"][2] == {
        "level_hl03": "PT",
        "status": ["A7:562:85", "A3:21"],
        "date": "20260310",
        "action": "U",
        "amount": "50",
        "paid": "",
    }
    assert (facts["stc_count"], facts["claim_level_stc"]) == (3, 2)
    assert (facts["claim_level_accept_WQ"], facts["claim_level_reject_U"]) == (1, 1)
    assert facts["category_counts"] == {"A1": 1, "A2": 1, "A7": 1}


def test_sections_without_such_a_transaction_are_left_out():
    assert list(read(sample("two_payments")).facts.sections()) == ["835"]
    assert list(read(sample("several_kinds")).facts.sections()) == ["835", "837", "27x"]
    assert read(b"nothing").facts.sections() == {}


def test_transactions():
    facts = read(sample("several_kinds")).facts
    assert facts.transactions()[0] == {
        "type": "837",
        "control": "0001",
        "balances": False,
        "payment": None,
        "plb_total": "0",
        "claims": 2,
    }
    assert facts.transactions()[2] == {
        "type": "835",
        "control": "0001",
        "balances": True,
        "payment": "0",
        "plb_total": "0",
        "claims": 1,
    }


def test_what_cannot_be_read_counts_as_zero_and_is_counted():
    facts = read(sample("unreadable")).facts.sections()["835"]
    assert facts["claims"] == 4
    assert facts["claims_with_unreadable_amounts"] == 2
    assert facts["claims_not_in_balance"] == 1
    assert facts["total_charge"] == "20"
    assert facts["total_paid"] == "65"


def test_sections_of_two_files_add_up():
    facts = FileFacts()
    for _ in range(2):
        for event in read(sample("several_kinds")).events:
            facts.add(event)
    assert facts.sections()["837"]["claims"] == 4
    assert facts.sections()["837"]["distinct_diagnoses"] == 2
    assert facts.sections()["27x"]["stc_count"] == 6
    assert Decimal(facts.sections()["837"]["cas"][0]["amount"]) == 40


def test_tables_of_the_facts_are_bounded():
    body = []
    for number in range(40):
        body += [
            f"CLP*A*{number + 1}*5*0*0*12*I",
            f"CAS*CO*X{number}*5",
            f"LQ*HE*N{number}",
        ]
    facts = FileFacts(Limits(distinct=10))
    for event in read(remittance(*body)).events:
        facts.add(event)
    section = facts.sections()["835"]
    assert sum(section["status_counts"].values()) == 40
    assert len(section["status_counts"]) == len(section["rarc_counts"]) == 11
    assert section["cas_total"] == "200"
    assert len(section["cas"]) == 11
