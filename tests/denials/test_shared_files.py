"""Every sample remittance of the shared data, as ``ingest --json`` reports it."""

import json
import os
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest

from denials.models import Denial, Remittance, RemittanceClaim
from worklists.models import Claim, IngestBatch, WorkItem

pytestmark = [pytest.mark.django_db, pytest.mark.shared_data]

HERE = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("CODETRAIL_SHARED_DATA", HERE.parent / "shared" / "data"))
FOLDER = SHARED / "x12"
LISTED = FOLDER / "expected.json"
EXPECTED: dict[str, Any] = (
    json.loads(LISTED.read_text())["files"] if LISTED.exists() else {}
)
NAMES = [
    name for name in EXPECTED if name.startswith(("835/", "derived/", "mixed/"))
] or [pytest.param("", marks=pytest.mark.skip(reason=f"{FOLDER} is not here"))]
MANDATORY = {
    "file",
    "sha256",
    "status",
    "transactions",
    "created",
    "warnings",
    "errors",
}
STATUSES = {"accepted", "accepted_with_exceptions", "rejected", "duplicate"}
STORED = (Claim, Remittance, RemittanceClaim, Denial, WorkItem)
LEFT_OUT = ("_ids", "claim_detail", "transactions")


def facts_of(name: str) -> dict[str, Any]:
    """Return the sections a file is expected to have."""
    entry = EXPECTED[name]
    facts = entry.get("facts_when_recovered") or entry.get("facts") or entry
    if "per_interchange" not in facts:
        return facts
    merged: dict[str, Any] = {}
    for part in facts["per_interchange"]:
        merged |= {key: part[key] for key in part if key in {"835", "837", "27x"}}
    return merged


def same(ours: Any, theirs: Any) -> bool:
    """Compare values; numbers and amounts as decimals, lists of rows as sets."""
    if isinstance(theirs, dict):
        return set(ours) == set(theirs) and all(
            same(ours[key], theirs[key]) for key in theirs
        )
    if isinstance(theirs, list):
        return len(ours) == len(theirs) and all(
            any(same(mine, one) for mine in ours) for one in theirs
        )
    try:
        return Decimal(str(ours)) == Decimal(str(theirs))
    except InvalidOperation:
        return bool(ours == theirs)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_reported_and_stored_as_the_contract_says(site, ingest, name):
    content = (FOLDER / name).read_bytes()
    tried = ingest(content, dry_run=True)
    assert counts() == [0] * len(STORED)

    report = ingest(content)
    agrees_with_contract(report, facts_of(name))
    assert tried["transactions"] == report["transactions"]
    agrees_with_rows(report)

    before = counts()
    again = ingest(content)
    rejected = report["status"] == "rejected"
    assert again["status"] == ("rejected" if rejected else "duplicate")
    assert counts() == before
    assert IngestBatch.objects.count() == 2
    if rejected:
        assert before == [0] * len(STORED)
        assert report["errors"]


def agrees_with_contract(report: dict[str, Any], expected: dict[str, Any]) -> None:
    """Assert the shape of a report and every figure that is expected of its file."""
    assert set(report) >= MANDATORY
    assert report["status"] in STATUSES
    for section in ("835", "837", "27x"):
        assert (section in report) == (section in expected)
        for key, value in expected.get(section, {}).items():
            if not key.endswith(LEFT_OUT[0]) and not key.startswith(LEFT_OUT[1:]):
                assert same(report[section][key], value), (section, key)
    for finding in (*report["warnings"], *report["errors"]):
        assert set(finding) >= {"code", "segment", "position", "message"}
    json.dumps(report)
    agrees_by_transaction(report, expected.get("835", {}).get("transactions", []))


def agrees_by_transaction(report: dict[str, Any], expected: list[Any]) -> None:
    """Assert claims, balance, payment and PLB of each 835 of a file."""
    ours = [entry for entry in report["transactions"] if entry["type"] == "835"]
    assert [entry["control"] for entry in ours] == [e["st02"] for e in expected]
    for mine, theirs in zip(ours, expected, strict=True):
        assert mine["claims"] == theirs["claims"]
        assert mine["balances"] is theirs["balances"]
        plb = sum((Decimal(pair["amount"]) for pair in theirs["plb"]), Decimal(0))
        assert Decimal(mine["plb_total"]) == plb
        if theirs["payment"] is not None:
            assert Decimal(mine["payment"]) == Decimal(theirs["payment"])


def agrees_with_rows(report: dict[str, Any]) -> None:
    """Assert that what a report says was created is there, and all of it has work."""
    created = report["created"]
    denials = Denial.objects.filter(kind="denial")
    amount = sum((row.amount for row in denials), Decimal(0))
    items = WorkItem.objects.filter(kind="denial")
    exceptions = WorkItem.objects.filter(kind="ingest_exception")
    assert created["claims"] == Claim.objects.count()
    assert created["remittance_claims"] == RemittanceClaim.objects.count()
    assert created["denials"] == denials.count()
    assert Decimal(created["denied_amount"]) == amount
    assert created["items"] == items.count()
    assert created["ingest_exceptions"] == exceptions.count()
    assert not denials.filter(status="open", item=None).exists()
    reversals = RemittanceClaim.objects.filter(status="22")
    assert not reversals.filter(denials__isnull=False).exists()


def counts() -> list[int]:
    return [model.objects.count() for model in STORED]
