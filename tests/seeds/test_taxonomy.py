"""The taxonomy that is shipped: whole, in closed words, and as the contract says."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from seeds.taxonomy import REFERENCE, read_taxonomy
from worklists.enums import RootCause, Stage
from worklists.taxonomy import Pattern

pytestmark = pytest.mark.unit

PATTERNS = read_taxonomy()
ROWS = {pattern.carc: pattern for pattern in PATTERNS if not pattern.remark}
NEVER_CLASSES = {"contractual", "patient_responsibility", "payment_mechanics"}
CODING_RELATED = {
    *("4", "5", "6", "7", "9", "10", "11", "12", "49", "54", "59", "97", "107", "146"),
    *("150", "151", "152", "153", "154", "167", "181", "182", "189", "234", "236"),
}


def test_shipped_rows_never_deny_what_the_contract_excludes():
    for carc, row in ROWS.items():
        never = row.defect_class in NEVER_CLASSES or carc in {"23", "P5", "P12"}
        assert row.is_denial is not never, carc
        assert row.appealable is row.is_denial, carc
    assert not ROWS["42"].is_denial
    assert not ROWS["A2"].is_denial


def test_shipped_rows_speak_closed_words_of_a_length_that_fits():
    for row in PATTERNS:
        assert row.root_cause in RootCause.values
        assert row.failed_stage in {"", *Stage.values}
        assert len(row.label) <= 160
        assert len(row.defect_class) <= 40
        assert len(row.owner) <= 60
        assert len(row.first_route) <= 40
        assert len(row.carc) <= 8
        assert row.remark or row.label, row.carc


def test_shipped_coding_related_set_is_the_documented_one():
    assert {carc for carc, row in ROWS.items() if row.coding_related} == CODING_RELATED


def test_shipped_stage_and_owner_of_single_codes():
    stage = {carc: (row.failed_stage, row.owner) for carc, row in ROWS.items()}
    assert stage["97"] == ("coding", "coder")
    assert stage["107"] == ("charge", "charge capture")
    assert stage["252"] == ("documentation", "HIM")
    assert stage["197"] == ("front_end", "access team")
    assert stage["45"] == ("contract", "contracting")
    assert stage["193"] == ("appeals", "appeals")


def test_every_denial_of_a_known_class_has_stage_owner_and_route():
    for row in PATTERNS:
        if row.is_denial and row.defect_class not in {"", "deactivated"}:
            assert row.failed_stage, row
            assert row.owner, row
            assert row.first_route, row


def test_only_two_shipped_rows_hold_for_any_carc():
    assert [p for p in PATTERNS if p.carc == "*"] == [
        Pattern("*", "N211", appealable=False),
        Pattern("*", "MA130", appealable=False),
    ]


def test_refinements_are_of_known_codes():
    assert {p.carc for p in PATTERNS if p.remark} - {"*"} <= set(ROWS)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("root_cause", "laziness", "laziness"),
        ("failed_stage", "moon", "moon"),
        ("appealable", "maybe", "maybe"),
    ],
)
def test_reader_names_file_and_line_of_a_wrong_word(tmp_path, column, value, message):
    for name in ("taxonomy.csv", "taxonomy_remarks.csv"):
        tmp_path.joinpath(name).write_bytes(REFERENCE.joinpath(name).read_bytes())
    path = tmp_path / "taxonomy.csv"
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    rows[2][column] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(ValueError, match=rf"taxonomy\.csv, line 4: .*{message}"):
        read_taxonomy(tmp_path)


ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("CODETRAIL_SHARED_DATA", ROOT / "../shared/data"))
needs_code_lists = pytest.mark.skipif(
    not SHARED.joinpath("codesets").is_dir(),
    reason="the code lists of CODETRAIL_SHARED_DATA are not here",
)


@pytest.mark.shared_data
@needs_code_lists
def test_shipped_rows_carry_our_columns_of_the_code_list():
    with (SHARED / "codesets/carc.csv").open(newline="") as file:
        source = {row["code"]: row for row in csv.DictReader(file)}
    assert set(source) == set(ROWS)
    for carc, row in source.items():
        ours = ROWS[carc]
        if carc in {"42", "A2"}:
            continue  # retired, yet never denials: they need a class
        assert ours.defect_class == row["our_category"]
        if row["our_category"] != "deactivated":
            assert (ours.label, ours.first_route) == (
                row["our_label"],
                row["our_first_route"],
            )


@pytest.mark.shared_data
@needs_code_lists
def test_refining_remarks_are_in_the_remark_list():
    with (SHARED / "codesets/rarc.csv").open(newline="") as file:
        known = {row["code"] for row in csv.DictReader(file)}
    assert {p.remark for p in PATTERNS if p.remark} <= known
