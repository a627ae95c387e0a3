"""All sample files of the workshop against their facts; skipped where they are not.

The files stay where they are: nothing of them is in this repository.
"""

import json
import os
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest

from tests.worklists.x12.readings import read
from tests.worklists.x12.test_chunks import misplaced

SHARED = Path(
    os.environ.get("CODETRAIL_SHARED_DATA")
    or Path(__file__).parents[3].parent / "shared" / "data"
)
FOLDER = SHARED / "x12"
EXPECTED = FOLDER / "expected.json"
FILES = json.loads(EXPECTED.read_text())["files"] if EXPECTED.exists() else {}

pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.skipif(not FILES, reason=f"no sample files at {FOLDER}"),
]
SECTIONS = ("835", "837", "27x")
WORDS = {
    "utf8_bom": "utf8_bom",
    "isa_not_106_characters": "isa_length",
    "no_ISA_segment": "isa_missing",
    "newline_is_the_segment_terminator": "newline_terminator",
    "last_segment_not_terminated": "last_segment_unterminated",
    "delimiters_differ_between_interchanges": "delimiters_differ",
    "leading_bytes_before_ISA": "leading_bytes",
    "GS06_GE02_mismatch": "ge_control_mismatch",
    "ISA13_IEA02_mismatch": "iea_control_mismatch",
    "SE01_count_mismatch": "se_count_mismatch",
    "GE01_count_mismatch": "ge_count_mismatch",
    "IEA01_count_mismatch": "iea_count_mismatch",
    "SE_missing": "se_missing",
    "GE_missing": "ge_missing",
    "IEA_missing": "iea_missing",
    "segment_outside_transaction": "segment_outside_transaction",
}


def expected_of(name: str) -> dict:
    """The facts of a file; of derived files those that a recovering reader finds."""
    entry = FILES[name]
    facts = entry.get("facts") or entry.get("facts_when_recovered") or entry
    for interchange in facts.get("per_interchange", ()):
        facts = {
            **facts,
            **{key: interchange[key] for key in SECTIONS if key in interchange},
        }
    return facts


def plain(value):
    """The value with amounts as decimals, so that 5 and 5.00 are the same."""
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    try:
        return Decimal(value) if isinstance(value, (int, str)) else value
    except InvalidOperation:
        return value


def asked_for(section: dict) -> dict:
    left_out = ("_ids", "_first_3", "claim_detail", "transactions")
    return {key: value for key, value in section.items() if not key.endswith(left_out)}


@pytest.mark.parametrize("name", FILES or ["none"])
def test_facts_of_a_sample(name):
    facts = expected_of(name)
    sections = read((FOLDER / name).read_bytes()).facts.sections()
    wanted = {key: asked_for(facts[key]) for key in SECTIONS if key in facts}
    assert plain(sections) == plain(wanted)


@pytest.mark.parametrize("name", FILES or ["none"])
def test_transactions_of_a_sample(name):
    wanted = expected_of(name).get("835", {}).get("transactions", [])
    found = [
        entry
        for entry in read((FOLDER / name).read_bytes()).facts.transactions()
        if entry["type"] == "835"
    ]
    assert [(e["st02"], e["balances"], e["claims"]) for e in wanted] == [
        (e["control"], e["balances"], e["claims"]) for e in found
    ]
    plb = [sum((Decimal(p["amount"]) for p in e["plb"]), Decimal(0)) for e in wanted]
    assert plb == [Decimal(entry["plb_total"]) for entry in found]


@pytest.mark.parametrize("name", FILES or ["none"])
def test_envelopes_of_a_sample(name):
    reading = read((FOLDER / name).read_bytes())
    structure = expected_of(name).get("structure", {})
    found = reading.end.structure
    for key in set(structure) - {"issues", "mixed_delimiters"}:
        assert plain(found[key]) == plain(structure[key]), key
    parts = expected_of(name).get("per_interchange", ())
    issues = [issue for part in parts for issue in part["structure"]["issues"]]
    issues += structure.get("issues", ())
    wanted = {WORDS[issue.split(":")[0]] for issue in issues}
    assert wanted == set(found["issues"]) & set(WORDS.values())


@pytest.mark.parametrize("name", FILES or ["none"])
def test_chunks_and_places_of_a_sample(name):
    data = (FOLDER / name).read_bytes()
    reading = read(data)
    assert misplaced(reading.events, len(data)) == []
    size = 997 if len(data) > 20_000 else 13
    assert read(data, chunk_size=size).events == reading.events
