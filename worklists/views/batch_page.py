"""The report of a file (CONTRACT 2) as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from worklists.enums import BatchStatus
from worklists.models import ExceptionDetail, IngestBatch, User, WorkItem
from worklists.policies import may_read_trail
from worklists.selectors.access import access_of, visible_to
from worklists.selectors.batches import items_of
from worklists.templatetags.wording import counted, dollars

MOST_ITEMS = 10
CREATED = (
    ("claims", "claim"),
    ("remittance_claims", "remittance claim"),
    ("denials", "denial"),
    ("items", "item"),
    ("ingest_exceptions", "exception"),
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
# Of the file's own totals those that people compare, with their words; money or not.
Fact = tuple[str, str, bool]
FACTS: Mapping[str, tuple[Fact, ...]] = {
    "835": (
        ("claims", "claims", False),
        ("service_lines", "service lines", False),
        ("total_charge", "charged", True),
        ("total_paid", "paid", True),
        ("total_patient_resp", "patient’s share", True),
        ("cas_total", "adjusted (CAS)", True),
        ("plb_total", "outside claims (PLB)", True),
        ("service_line_charge", "charged on lines", True),
        ("service_line_paid", "paid on lines", True),
        ("claims_paid_zero", "claims paid nothing", False),
        ("denied_claims_clp02_4", "claims with status 4", False),
        ("reversals_clp02_22", "reversals (status 22)", False),
        ("claims_not_in_balance", "claims not in balance", False),
        ("claims_with_unreadable_amounts", "claims with unreadable amounts", False),
    ),
    "837": (
        ("claims", "claims", False),
        ("service_lines", "service lines", False),
        ("total_charge", "charged", True),
        ("service_line_charge", "charged on lines", True),
        ("diagnosis_codes", "diagnosis codes", False),
        ("distinct_diagnoses", "different diagnoses", False),
    ),
    "27x": (
        ("stc_count", "statuses", False),
        ("claim_level_stc", "statuses of claims", False),
        ("claim_level_accept_WQ", "claims accepted", False),
        ("claim_level_reject_U", "claims refused", False),
    ),
}
TITLES = {
    "835": "The remittance’s own totals",
    "837": "The claim file’s own totals",
    "27x": "The status file’s own totals",
}


def page_of(
    batch: IngestBatch,
    report: Mapping[str, Any],
    exceptions: Sequence[ExceptionDetail],
    user: User,
) -> dict[str, Any]:
    """Return what the page of one file is drawn from."""
    words, icon, tone = WORDS[batch.status]
    items = list(items_of(batch, user)[:MOST_ITEMS]) if batch.finished_at else []
    return {
        "batch": batch,
        "report": report,
        "progress": report["progress"],
        "status": words,
        "status_icon": icon,
        "status_tone": tone,
        "stopped": report.get("stopped") if not batch.finished_at else None,
        "line": _line(report),
        "figures": _figures(report, items, exceptions),
        "totals": _totals(report),
        "findings": _findings(report),
        "items": items,
        "exceptions": _seen(exceptions, user),
        "reads_trail": may_read_trail(access_of(user)) is None,
    }


def _line(report: Mapping[str, Any]) -> str:
    """Say what of the file's claims is new, so that its count and ours can be compared."""
    named = report.get("835", {}).get("claims", 0)
    if not named:
        return ""
    new = report["created"].get("remittance_claims", 0)
    said = f"The file names {counted(named, 'claim')}: {new:,} new"
    rest = named - new
    return f"{said}, {rest:,} known already or not stored." if rest else f"{said}."


def _figures(
    report: Mapping[str, Any],
    items: Sequence[WorkItem],
    exceptions: Sequence[ExceptionDetail],
) -> list[dict[str, Any]]:
    """Return what the file brought; a figure leads to its rows where they are shown."""
    made = report["created"]
    rows = {"items": items, "ingest_exceptions": exceptions}
    places = {"items": "#opened", "ingest_exceptions": "#exceptions"}
    figures = [
        {
            "value": f"{made.get(name, 0):,}",
            "label": counted(made.get(name, 0), word).split(" ", 1)[1],
            "href": places[name] if rows.get(name) else "",
        }
        for name, word in CREATED
    ]
    denied = {"value": dollars(made.get("denied_amount", "0")), "label": "denied"}
    return [*figures, denied]


def _totals(report: Mapping[str, Any]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return the file's own control totals: section, its title, words and values."""
    return [
        (
            section,
            TITLES[section],
            [
                (words, dollars(facts[name]) if is_money else f"{facts[name]:,}")
                for name, words, is_money in known
                if name in facts
            ],
        )
        for section, known in FACTS.items()
        if (facts := report.get(section))
    ]


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
