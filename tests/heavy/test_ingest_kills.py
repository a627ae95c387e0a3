"""An ingest killed by SIGKILL at random moments ends as an undisturbed one does."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum

from audits.services.verification import verify_trail
from config import embedded
from denials.models import Denial, Remittance, RemittanceClaim
from seeds.loading import load_reference, load_site
from seeds.x12_writer import write_835
from worklists.models import Claim, Event, IngestBatch, Installation, WorkItem

pytestmark = [pytest.mark.heavy, pytest.mark.django_db(transaction=True)]

CLAIMS = 3_000
KILLS = 25


def test_a_killed_ingest_leaves_its_batch_and_the_next_one_the_whole_file(
    tmp_path: Path,
) -> None:
    file = tmp_path / "big.835"
    with file.open("w", encoding="ascii") as out:
        write_835(out, claims=CLAIMS, seed=11)
    _prepare()
    started = time.monotonic()
    assert _ingest(file).wait() == 0
    whole, took = _picture(), time.monotonic() - started
    _prepare()
    rng = random.Random(3)  # noqa: S311 - the same moments for the same seed
    for _ in range(KILLS):
        one = _ingest(file)
        try:
            one.wait(timeout=rng.uniform(0.1, 0.9) * took)
        except subprocess.TimeoutExpired:
            one.send_signal(signal.SIGKILL)
            one.wait()
            # Nothing or everything: a file is one unit of work.
            assert RemittanceClaim.objects.count() in {0, CLAIMS}
    assert _ingest(file).wait() == 0
    assert _picture() == whole
    assert verify_trail().whole


def _prepare() -> None:
    call_command("flush", interactive=False, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE trail_event")
    Installation.objects.create(purpose="test")
    load_reference()
    load_site()


def _ingest(file: Path) -> subprocess.Popen[bytes]:
    environment = {
        "PATH": "/usr/bin:/bin",
        "DATABASE_URL": embedded.database_url("app", connection.settings_dict["NAME"]),
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "ingest", str(file)],
        env=environment,
        cwd=settings.BASE_DIR,
        stdout=subprocess.DEVNULL,
    )


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
