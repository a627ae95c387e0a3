"""``ingest_835``: claims per second from file to committed rows and items.

The reference reads and splits the same file and copies the same rows into tables of
the same columns, indexes and checks, without foreign keys and triggers, in one
transaction. ``CLAIMS`` claims a file, a new file each run.
"""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connection

from config import embedded
from denials.services.profiles import load_shipped_profiles
from seeds.taxonomy import read_taxonomy
from tests.benchmarks.figures import Figure, interleaved
from worklists import models
from worklists.services.batches import ingest_path

CLAIMS = 44_000
RUNS = 3

# What a file adds, as conditions on the batch that brought it.
_CLAIMS = "SELECT id FROM denials_remittanceclaim WHERE batch_id = %(batch)s"
_ITEMS = (
    "SELECT item_id FROM denials_denial WHERE item_id IS NOT NULL "
    f"AND remittance_claim_id IN ({_CLAIMS})"
)
TABLES = {
    "denials_remittance": "batch_id = %(batch)s",
    "worklists_claim": (
        "id IN (SELECT claim_id FROM denials_remittanceclaim "
        "WHERE batch_id = %(batch)s)"
    ),
    "denials_remittanceclaim": "batch_id = %(batch)s",
    "denials_remittanceline": f"remittance_claim_id IN ({_CLAIMS})",
    "denials_adjustment": f"remittance_claim_id IN ({_CLAIMS})",
    "denials_remark": f"remittance_claim_id IN ({_CLAIMS})",
    "denials_denial": f"remittance_claim_id IN ({_CLAIMS})",
    "worklists_workitem": f"id IN ({_ITEMS})",
    "worklists_itemclock": f"item_id IN ({_ITEMS})",
    "trail_event": f"subject_kind = 'item' AND subject_id IN ({_ITEMS})",
}


@dataclass(slots=True)
class Copied:
    """The rows of one file, table by table, as COPY text."""

    columns: str
    text: bytes


def measure() -> Figure:
    """Return the figure; each run brings in a file that nobody has seen before."""
    _set_up()
    with tempfile.TemporaryDirectory() as folder:
        files = _files(Path(folder))
        with psycopg.connect(embedded.database_url("owner"), autocommit=True) as owner:
            _make_tables(owner)
            return _run(files, owner)


def _run(files: Iterator[Path], owner: psycopg.Connection[Any]) -> Figure:
    last: list[Path] = []
    rows: dict[str, Copied] = {}

    def ours() -> float:
        last[:] = [next(files)]
        begun = time.perf_counter()
        report = ingest_path(last[0])
        took = time.perf_counter() - begun
        assert report["created"]["remittance_claims"] == CLAIMS, report["created"]
        rows.update(_rows(report["sha256"]))
        return CLAIMS / took

    def theirs() -> float:
        begun = time.perf_counter()
        _split(last[0])
        _copy(owner, rows)
        took = time.perf_counter() - begun
        _empty(owner)
        return CLAIMS / took

    found = interleaved("ingest_835", "claims/s", ours, theirs, runs=RUNS)
    megabytes = last[0].stat().st_size / 1e6
    found.more = {"claims": CLAIMS, "megabytes": round(megabytes, 1)}
    return found


def _files(folder: Path) -> Iterator[Path]:
    seed = time.time_ns() % 1_000_000_000
    while True:
        seed += 1
        path = folder / f"{seed}.835"
        call_command(
            "make_x12",
            kind="835",
            claims=CLAIMS,
            out=path,
            seed=seed,
            stdout=io.StringIO(),
        )
        yield path


def _split(path: Path) -> int:
    segments = path.read_bytes().split(b"~")
    return sum(len(segment.split(b"*")) for segment in segments)


def _rows(sha256: str) -> dict[str, Copied]:
    batch = models.IngestBatch.objects.filter(sha256=sha256).latest("id")
    return {
        table: _out(table, condition, batch.pk) for table, condition in TABLES.items()
    }


def _out(table: str, condition: str, batch_id: int) -> Copied:
    columns = ", ".join(f'"{name}"' for name in _columns(table))
    where = condition.replace("%(batch)s", str(batch_id))
    text = bytearray()
    with connection.cursor() as cursor:
        query = f"COPY (SELECT {columns} FROM {table} WHERE {where}) TO STDOUT"
        with cursor.copy(query) as out:
            for block in out:
                text += block
    return Copied(columns, bytes(text))


def _columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name = %s "
            "AND is_generated = 'NEVER' ORDER BY ordinal_position",
            [table],
        )
        return [row[0] for row in cursor.fetchall()]


def _make_tables(owner: psycopg.Connection[Any]) -> None:
    owner.execute("DROP SCHEMA IF EXISTS bench_reference CASCADE")
    owner.execute("CREATE SCHEMA bench_reference")
    for table in TABLES:
        owner.execute(
            f"CREATE TABLE bench_reference.{table} (LIKE public.{table} INCLUDING ALL)"
        )


def _copy(owner: psycopg.Connection[Any], rows: dict[str, Copied]) -> None:
    with owner.transaction(), owner.cursor() as cursor:
        for table, copied in rows.items():
            query = f"COPY bench_reference.{table} ({copied.columns}) FROM STDIN"
            with cursor.copy(query) as into:
                into.write(copied.text)


def _empty(owner: psycopg.Connection[Any]) -> None:
    for table in TABLES:
        owner.execute(f"TRUNCATE bench_reference.{table}")


def _set_up() -> None:
    """Have what a site needs to take remittances; keep what is there."""
    load_shipped_profiles()
    if not models.Facility.objects.filter(is_default=True).exists():
        models.Facility.objects.filter(slug="bench").update(is_default=True)
    if not models.Taxonomy.objects.exists():
        _load_taxonomy()
    if not models.RoutingRule.objects.filter(kind="denial").exists():
        _make_queue()


def _load_taxonomy() -> None:
    taxonomy = models.Taxonomy.objects.create(
        version=1, name="Shipped", effective_from="2020-01-01"
    )
    models.DefectRule.objects.bulk_create(
        models.DefectRule(
            taxonomy=taxonomy, **{name: getattr(row, name) for name in row.__slots__}
        )
        for row in read_taxonomy()
    )


def _make_queue() -> None:
    like = models.Queue.objects.get(slug="bench-0")
    queue = models.Queue.objects.create(
        slug="bench-denials", name="Bench denials", kind="denial", purpose="-",
        team=like.team, supervisor=like.supervisor, review_on="2030-01-01",
        sla_policy=like.sla_policy, template=like.template,
        review_policy=like.review_policy,
    )  # fmt: skip
    models.RoutingRule.objects.create(
        kind="denial", position=1, name="all", queue=queue, conditions=[]
    )
