"""An ingest killed by SIGKILL at random moments ends as an undisturbed one does."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum

from audits.services.verification import verify_trail
from denials.models import Denial, Remittance, RemittanceClaim
from seeds.x12_writer import write_835
from tests.heavy.ingesting import empty_site, ingesting
from worklists.models import Claim, Event, IngestBatch, WorkItem

pytestmark = [pytest.mark.heavy, pytest.mark.django_db(transaction=True)]

CLAIMS = 3_000
KILLS = 25


def test_a_killed_ingest_leaves_its_batch_and_the_next_one_the_whole_file(
    tmp_path: Path,
) -> None:
    file = tmp_path / "big.835"
    with file.open("w", encoding="ascii") as out:
        write_835(out, claims=CLAIMS, seed=11)
    empty_site()
    started = time.monotonic()
    assert ingesting(file).wait() == 0
    whole, took = _picture(), time.monotonic() - started
    empty_site()
    rng = random.Random(3)  # noqa: S311 - the same moments for the same seed
    for _ in range(KILLS):
        one = ingesting(file)
        try:
            one.wait(timeout=rng.uniform(0.1, 0.9) * took)
        except subprocess.TimeoutExpired:
            one.send_signal(signal.SIGKILL)
            one.wait()
            # Nothing or everything: a file is one unit of work.
            assert RemittanceClaim.objects.count() in {0, CLAIMS}
    assert ingesting(file).wait() == 0
    assert _picture() == whole
    assert verify_trail().whole


def _picture() -> dict[str, Any]:
    """Return what the file came to, without row numbers and their order."""
    return {
        "claims": Claim.objects.count(),
        "payments": Remittance.objects.count(),
        "paid": RemittanceClaim.objects.aggregate(Sum("paid")),
        "remittance_claims": RemittanceClaim.objects.count(),
        "denials": sorted(
            Denial.objects.values_list(
                "patient_control_number", "carc", "line_mark", "amount", "status"
            )
        ),
        "items": sorted(
            WorkItem.objects.values_list(
                "claim__patient_control_number",
                "queue__slug",
                "reason_code",
                "amount",
                "state",
            )
        ),
        "opened": Event.objects.filter(action="item.opened").count(),
        "stored": IngestBatch.objects.filter(status="accepted").count(),
    }
