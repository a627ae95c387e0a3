"""A file of 200 MB takes no more memory than a small one, and every claim is there."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import Sum

from denials.models import RemittanceClaim
from seeds.x12_writer import write_835
from tests.heavy.ingesting import empty_site, most_memory_ingesting
from worklists.models import Event, IngestBatch, WorkItem

pytestmark = [pytest.mark.heavy, pytest.mark.django_db(transaction=True)]

CLAIMS = 450_000
MEGABYTE = 1_000_000


def test_a_file_of_200_megabytes_is_stored_within_300_megabytes(tmp_path: Path) -> None:
    file = tmp_path / "big.835"
    with file.open("w", encoding="ascii") as out:
        write_835(out, claims=CLAIMS, seed=77)
    assert file.stat().st_size > 200 * MEGABYTE
    empty_site()

    held = most_memory_ingesting(file)

    assert 50 * MEGABYTE < held < 300 * MEGABYTE
    batch = IngestBatch.objects.get()
    assert batch.status == "accepted"
    assert RemittanceClaim.objects.count() == CLAIMS
    paid = RemittanceClaim.objects.aggregate(Sum("paid"))["paid__sum"]
    assert paid == _paid_in(file)
    items = WorkItem.objects.count()
    assert Event.objects.filter(action="item.opened").count() == items > 10_000


def _paid_in(file: Path) -> Decimal:
    """Add up CLP04 without our reader."""
    segments = file.read_text(encoding="ascii").split("~")
    claims = (one.lstrip().split("*") for one in segments if "CLP*" in one[:6])
    return sum((Decimal(elements[4]) for elements in claims), Decimal(0))
