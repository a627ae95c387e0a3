"""The report of a file (CONTRACT 2) as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from worklists.enums import BatchStatus
from worklists.models import ExceptionDetail, IngestBatch, User
from worklists.selectors.access import visible_to

CREATED = (
    ("claims", "claims"),
    ("remittance_claims", "remittance claims"),
    ("denials", "denials"),
    ("items", "items"),
    ("ingest_exceptions", "exceptions"),
)
WORDS: Mapping[str, tuple[str, str, str]] = {
    BatchStatus.WAITING: ("Waiting for its turn", "hourglass", ""),
    BatchStatus.READING: ("Being read", "refresh", ""),
    BatchStatus.ACCEPTED: ("Accepted", "circle-check", "done"),
    BatchStatus.WITH_EXCEPTIONS: (
        "Accepted, with exceptions",
        "alert-triangle",
        "soon",
    ),
    BatchStatus.REJECTED: ("Rejected", "circle-x", "over"),
    BatchStatus.DUPLICATE: ("Known already, nothing was added", "copy", ""),
}
SECTIONS = ("835", "837", "27x")


def page_of(
    batch: IngestBatch,
    report: Mapping[str, Any],
    exceptions: Sequence[ExceptionDetail],
    user: User,
) -> dict[str, Any]:
    """Return what the page of one file is drawn from."""
    words, icon, tone = WORDS[batch.status]
    return {
        "batch": batch,
        "report": report,
        "progress": report["progress"],
        "status": words,
        "status_icon": icon,
        "status_tone": tone,
        "figures": _figures(report),
        "totals": _totals(report),
        "findings": _findings(report),
        "exceptions": _seen(exceptions, user),
    }


def _figures(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    made = report["created"]
    figures = [{"value": f"{made.get(k, 0):,}", "label": label} for k, label in CREATED]
    return [
        *figures,
        {"value": f"${made.get('denied_amount', '0')}", "label": "denied"},
    ]


def _totals(report: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, Any]]]]:
    """Return the file's own control totals by section, plain values only."""
    found = []
    for section in SECTIONS:
        facts = report.get(section)
        if facts:
            plain = [
                (name.replace("_", " "), value)
                for name, value in facts.items()
                if not isinstance(value, dict | list)
            ]
            found.append((section, plain))
    return found


def _findings(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    errors = [{**row, "level": "error"} for row in report["errors"]]
    return errors + [{**row, "level": "warning"} for row in report["warnings"]]


def _seen(
    exceptions: Sequence[ExceptionDetail], user: User
) -> list[tuple[ExceptionDetail, bool]]:
    """Return each exception and whether the person may open its item."""
    ids = [row.item_id for row in exceptions]
    seen = set(visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
    return [(row, row.item_id in seen) for row in exceptions]
