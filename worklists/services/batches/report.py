"""What became of a file, in the shape of CONTRACT 2."""

from __future__ import annotations

from typing import Any

from worklists.enums import BatchStatus
from worklists.models import IngestBatch
from worklists.services.batches.findings import counted
from worklists.services.batches.handlers import Created
from worklists.services.batches.reading import Reading
from worklists.services.batches.troubles import CUT, EXCEPTIONAL, Trouble
from worklists.x12 import Finding

MANDATORY: dict[str, Any] = {"transactions": [], "warnings": [], "errors": []}


def make(
    reading: Reading, shown_as: str, sha256: str, created: Created
) -> dict[str, Any]:
    """Return the report of a file that was read and, where possible, stored."""
    warnings, errors = _findings(reading)
    return {
        "file": shown_as,
        "sha256": sha256,
        "status": status_of(reading, created).value,
        "transactions": reading.facts.transactions(),
        **reading.facts.sections(),
        "created": created.as_json(),
        "warnings": warnings,
        "errors": errors,
    }


def status_of(reading: Reading, created: Created) -> BatchStatus:
    """Return what became of the file.

    Rejected when no claim of it can be loaded, duplicate when all of it was known.
    """
    if not reading.loadable_claims:
        return BatchStatus.REJECTED
    if not created.anything:
        return BatchStatus.DUPLICATE
    if created.ingest_exceptions:
        return BatchStatus.WITH_EXCEPTIONS
    return BatchStatus.ACCEPTED


def refused(shown_as: str, code: str, message: str) -> dict[str, Any]:
    """Return the report of a file that could not even be opened."""
    error = {"code": code, "segment": 0, "position": 0, "message": message}
    return {
        "file": shown_as,
        "sha256": "",
        "status": BatchStatus.REJECTED.value,
        **MANDATORY,
        "created": Created().as_json(),
        "errors": [error],
    }


def of_batch(batch: IngestBatch) -> dict[str, Any]:
    """Return a batch's report with its progress, also while it is being read.

    Every key that CONTRACT 2 makes mandatory is there from the start.
    """
    empty = {**MANDATORY, "created": Created().as_json()}
    known = {"file": batch.file_name, "sha256": batch.sha256, "status": batch.status}
    share = 100 * batch.bytes_read // batch.size if batch.size else 0
    return {
        **empty,
        **known,
        **batch.report,
        "batch": batch.pk,
        "progress": {
            "bytes_read": batch.bytes_read,
            "size": batch.size,
            "percent": 100 if batch.finished_at else min(share, 99),
            "finished": batch.finished_at is not None,
        },
    }


def _findings(reading: Reading) -> tuple[list[Any], list[Any]]:
    """Split what was found: errors are what somebody has to look at."""
    rejected = not reading.loadable_claims
    mild = frozenset() if rejected or reading.troubles.truncated else CUT
    serious = EXCEPTIONAL if mild else EXCEPTIONAL | CUT
    noted, wrong = reading.facts.warnings(), reading.facts.errors()
    errors = [entry for entry in noted if entry["code"] in serious]
    errors += [entry for entry in wrong if entry["code"] not in mild]
    warnings = [entry for entry in noted if entry["code"] not in serious]
    warnings += [entry for entry in wrong if entry["code"] in mild]
    warnings += [counted(code, more) for code, more in reading.suppressed.items()]
    for handler in reading.handlers.values():
        warnings += handler.findings().as_json()
    if reading.troubles.truncated:
        errors.append(_entry(reading.troubles.found[0]))
    if not rejected:
        return warnings + reading.not_loaded.as_json(), errors
    return warnings, errors + _why_rejected(reading)


def _why_rejected(reading: Reading) -> list[Any]:
    unloaded = reading.not_loaded.as_json()
    if unloaded and not reading.handlers:
        return unloaded
    return [*unloaded, NOTHING_READABLE.as_json]


def _entry(trouble: Trouble) -> dict[str, Any]:
    place = {"segment": trouble.segment, "position": trouble.position}
    return {"code": trouble.code, **place, "message": trouble.message}


NOTHING_READABLE = Finding(
    code="no_readable_claim",
    segment=0,
    position=0,
    message=(
        "No claim of this file can be read, so nothing was stored. The other messages "
        "say what was found; ask the sender for the file again."
    ),
    level="error",
)
