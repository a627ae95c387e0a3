"""One file as a unit of work: read, stored in one transaction, reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection, transaction

from worklists import trail
from worklists.context import now
from worklists.enums import BatchStatus
from worklists.errors import Refusal
from worklists.models import IngestBatch
from worklists.selectors.task_classes import read_once
from worklists.services.batches import receiving, report, troubles
from worklists.services.batches.handlers import Created, Stored
from worklists.services.batches.parties import Parties
from worklists.services.batches.progress import Progress
from worklists.services.batches.reading import Reading

# Advisory locks: one a batch while a process is at it, one for all while a file is
# read and stored. Two-key locks of classes nobody else uses.
BATCH_LOCK = 0x1B47
STORE_LOCK = 0x1B48


class Source(NamedTuple):
    """The file to read: where it lies and how its owner calls it."""

    path: Path
    shown_as: str
    sha256: str


def ingest_path(path: Path, *, dry_run: bool = False) -> dict[str, Any]:
    """Bring in one file from the command line and return its report (CONTRACT 2).

    Effects: the file is kept, a batch row, and what the file adds; with ``dry_run``
    none of it, and the same report. Raises ``OSError`` when the file cannot be read
    and a ``Refusal`` when the site is not set up for it; then the batch is closed.
    """
    if dry_run:
        _, sha256 = receiving.digest_of(path)
        return _rehearse(Source(path, str(path), sha256))
    with path.open("rb") as stream:
        kept = receiving.keep(stream)
    batch = receiving.make_batch(kept, file_name=path.name, actor=None)
    try:
        done = process_batch(batch.pk, shown_as=str(path))
    except Refusal as refusal:
        _give_up(batch, report.refused(str(path), refusal.code, refusal.detail))
        raise
    return done if done is not None else report.of_batch(batch)


def process_batch(batch_id: int, *, shown_as: str = "") -> dict[str, Any] | None:
    """Process a waiting batch, or one whose process died, and return its report.

    None when another process is at it right now. A batch that is done stays as it is
    and its report is returned. What a file adds is stored in one transaction; a
    process killed before its end leaves only the batch row, and a later call does the
    whole work. A ``Refusal`` puts the batch back to waiting and is raised again.
    """
    with _holding(batch_id) as held:
        batch = IngestBatch.objects.get(pk=batch_id)
        if batch.finished_at is not None:
            report: dict[str, Any] = batch.report
            return report
        if not held:
            return None
        _mark_reading(batch)
        name = shown_as or batch.file_name
        source = Source(receiving.place_of(batch), name, batch.sha256)
        try:
            return _run(source, batch)
        except Refusal as refusal:
            _put_back(batch, refusal.code, refusal.detail)
            raise
        except OSError as error:
            _put_back(batch, "file_not_readable", f"{error.strerror}.")
            raise


@contextmanager
def _holding(batch_id: int) -> Iterator[bool]:
    """Hold the batch for this session; a dead session gives it up by itself."""
    keys = [BATCH_LOCK, batch_id % (1 << 31)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", keys)
        held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        if held and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", keys)


def _mark_reading(batch: IngestBatch) -> None:
    batch.status = BatchStatus.READING
    batch.started_at = now()
    batch.bytes_read = 0
    batch.report = {}  # why it stopped the last time is no word on this time
    batch.save(update_fields=["status", "started_at", "bytes_read", "report"])


def _put_back(batch: IngestBatch, code: str, detail: str) -> None:
    batch.status = BatchStatus.WAITING
    batch.report = {"stopped": {"code": code, "detail": detail}}
    batch.save(update_fields=["status", "report"])


def _give_up(batch: IngestBatch, said: Mapping[str, Any]) -> None:
    # Who typed the command is there to do it again; no worker shall do it later.
    with transaction.atomic():
        _close(batch, said, 0)


def _run(source: Source, batch: IngestBatch) -> dict[str, Any]:
    with closing(Progress(batch)) as progress, read_once(), transaction.atomic():
        return _read_and_store(source, batch, progress.tell)


def _rehearse(source: Source) -> dict[str, Any]:
    with transaction.atomic():
        kept = receiving.Kept("", 0, source.sha256)
        batch = receiving.make_batch(kept, file_name="dry run", actor=None)
        said = _read_and_store(source, batch, lambda _read: None)
        transaction.set_rollback(True)
    return said


def _read_and_store(
    source: Source, batch: IngestBatch, tell: Callable[[int], None]
) -> dict[str, Any]:
    """Read a file, store what it adds and close its batch, in one transaction."""
    _wait_for_turn()
    stored = Stored(batch, now())
    with closing(Reading(Parties(), stored)) as reading:
        reading.read(source.path, tell)
        created = reading.created
        if created.anything:
            created += _open_exceptions(reading, source, stored)
        said = report.make(reading, source.shown_as, source.sha256, created)
    _close(batch, said, reading.size)
    return said


def _wait_for_turn() -> None:
    # One file is stored at a time: its rows decide what is new in the next, and two
    # files that name the same claims can never wait for each other in a ring.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [STORE_LOCK])


def _open_exceptions(reading: Reading, source: Source, stored: Stored) -> Created:
    found = reading.troubles.all()
    if not found:
        return Created()
    segments = {trouble.segment for trouble in found if trouble.of_claim}
    claims: dict[int, int] = {}
    for handler in reading.handlers.values():
        claims.update(handler.claims_at(segments))
    opened = troubles.open_exceptions(
        found,
        stored=stored,
        path=source.path,
        default_facility_id=reading.parties.default_facility_id,
        claims=claims,
    )
    return Created(ingest_exceptions=opened)


def _close(batch: IngestBatch, said: Mapping[str, Any], size: int) -> None:
    batch.status = said["status"]
    batch.report = dict(said)
    batch.bytes_read = size
    batch.finished_at = now()
    batch.save(update_fields=["status", "report", "bytes_read", "finished_at"])
    trail.append_event(
        trail.Subject("batch", batch.pk),
        action="batch.finished",
        actor=None,
        facts={"status": said["status"], "sha256": batch.sha256, **said["created"]},
    )
