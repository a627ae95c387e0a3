"""Made-up facts for the component sheet. No person, claim or payer here is real."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from worklists.enums import State

Facts = list[dict[str, Any]]

COLOURS = [
    ("bg", "page"),
    ("surface", "surface"),
    ("sunken", "sunken"),
    ("control", "control edge"),
    ("text", "text"),
    ("text2", "text 2"),
    ("text3", "text 3"),
    ("accent", "accent"),
    ("soft", "accent soft"),
    ("soon", "due soon"),
    ("over", "overdue"),
    ("review", "review"),
    ("returned", "returned"),
    ("done", "done"),
]
PAYERS = [
    ("meridian", "Meridian PPO", 17),
    ("summit", "Summit Medicaid", 9),
    ("northgate", "Northgate MA", 4),
]
ROUTES = [
    ("resend", "Correct, resend"),
    ("appeal", "Appeal"),
    ("other_payer", "Other payer"),
    ("bill", "Bill patient"),
]
SOURCES = [("ehr", "EHR"), ("lab", "Lab"), ("payer", "Payer")]
DIGEST = "9c41a0de55b7f3c2a86d3f6e1b0c94d7e1f52a3846bb70c95de2481f6a9be07b"
TREND = [96, 98, 103, 100, 106, 110, 113, 117, 122, 128]
FIGURES: Facts = [
    {"value": 128, "label": "open", "href": "?state=open"},
    {"value": 3, "label": "overdue", "tone": "over", "href": "?clock=overdue"},
    {"value": 11, "label": "due in 3 days", "tone": "soon", "href": "?clock=3d"},
    {"value": "$41,870.30", "label": "at risk, deadline in 14 days", "href": "?r=14"},
    {"value": "14 in · 9 out", "label": "today"},
]
VIEWS: Facts = [
    {"label": "Mine and unassigned", "href": "?v=1", "count": 46, "current": True},
    {"label": "Due this week", "href": "?v=2", "count": 11},
]
GAPS: Facts = [
    {"field": "decision", "label": "Decision"},
    {"field": "note", "label": "Document and page"},
]
CHECKLIST: Facts = [
    {"name": "note", "label": "Signed note is there", "hint": "p. 3", "checked": True},
    {"name": "policy", "label": "Payer policy read", "hint": "RP-114"},
]
READ_FIELD = {
    "name": "root",
    "label": "Root cause",
    "type": "choice",
    "state": "complete",
    "shown": "Payer policy",
}
DECISIONS: Facts = [
    {"key": "1", "label": "Approve", "value": "approve", "note": "starts the appeal"},
    {"key": "2", "label": "Fix and approve", "value": "fix", "note": "is a finding"},
    {"key": "3", "label": "Return", "note": "to Ana", "dialog": "s-dialog"},
    {"key": "4", "label": "Reject", "value": "reject", "note": "stays denied"},
    {"key": "5", "label": "Escalate", "refused": "nobody to tell in this queue"},
]


def _diff(field: str, before: str, after: str, kind: str, note: str = "") -> Any:
    return {
        "field": field,
        "before": before,
        "after": after,
        "kind": kind,
        "before_note": note,
    }


DIFF: Facts = [
    _diff("Decision", "", "Appeal, level 1", "added"),
    _diff("Line 2", "45380-59, 1 unit", "45380-59, 1 unit", "same"),
    _diff("Root cause", "Knowledge", "Payer policy", "changed", "suggested"),
    _diff("Evidence", "note p. 2", "note p. 3", "moved"),
    _diff("Dx B", "K63.5", "", "removed"),
]


def outcomes() -> Facts:
    """Return the last ten of one payer and pair, newest first."""
    words = {
        "R": ("reversed", "won"),
        "U": ("upheld", "lost"),
        "P": ("paid in part", "part"),
        "W": ("waits", ""),
    }
    return [
        {"letter": each, "word": words[each][0], "tone": words[each][1], "when": "Oct"}
        for each in "WRRUPRURRU"
    ]


def _clock(label: str, due_at: datetime | None, kind: str, **more: Any) -> Any:
    return {"label": label, "kind": kind, "due_at": due_at, **more}


def clocks(at: datetime) -> Facts:
    """Return the clocks of one item, the nearest first."""
    soon, met = at + timedelta(days=1, hours=9), at - timedelta(days=9)
    return [
        _clock("payer appeal, level 1", soon, "legal", detail="30 days from remit"),
        _clock("Internal", at + timedelta(days=4), "internal", detail="paused 14 d"),
        _clock("Timely filing", at + timedelta(days=85), "legal", detail="corrected"),
        _clock("Provider answer", met, "internal", met_at=met, detail="in 14 d"),
        _clock("Overpayment", None, "legal", detail="nothing paid in error"),
    ]


def badges(at: datetime) -> Facts:
    """Return one clock of each sort: plain, due soon, over, paused, met."""
    met = at - timedelta(days=9)
    return [
        _clock("payer appeal level 1", at + timedelta(days=11), "legal"),
        _clock("payer appeal level 1", at + timedelta(days=1, hours=9), "legal"),
        _clock("internal", at - timedelta(hours=5), "internal"),
        _clock("provider answer", at + timedelta(days=4), "internal", paused_at=at),
        _clock("provider answer", met, "internal", met_at=met),
    ]


def rows(at: datetime) -> Facts:
    """Return the rows of a small list."""
    names = ("score", "why", "number", "patient", "amount", "evidence", "state", "who")
    facts = [
        (96, "returned first", "DN-48102", "Dana Fuller", "1318.40", "6/6"),
        (91, "deadline, dollars", "DN-48213", "Jordan Doe", "2140.00", "4/6"),
        (88, "overdue, deadline", "DN-48340", "Henrik Vale", "1962.50", "0/6"),
        (66, "age, dollars", "DN-48305", "William Hart", "912.00", "3/6"),
    ]
    ends = [
        (State.RETURNED, "A. Ruiz"),
        (State.IN_PROGRESS, "A. Ruiz"),
        (State.OPEN, "nobody"),
        (State.PENDING, "A. Ruiz"),
    ]
    drawn = []
    for fact, end, clock in zip(facts, ends, badges(at), strict=False):
        row: dict[str, Any] = dict(zip(names, (*fact, *end), strict=True))
        row |= {"clock": clock, "amount": Decimal(row["amount"])}
        drawn.append(row)
    return drawn


def events(at: datetime) -> Facts:
    """Return three events, newest first."""
    names = ("at", "icon", "who", "role", "what", "seal")
    facts = [
        (at, "send", "Ana Ruiz", "coder", "submitted, version 10", "seals at 09:00"),
        (
            at - timedelta(days=9),
            "player-play",
            "Worker",
            "by schedule",
            "answer to DQ-3107 arrived; internal clock goes on",
            "sealed",
        ),
        (
            at - timedelta(days=10),
            "eye",
            "Helen Marsh",
            "auditor",
            "read the item, reason: payer audit",
            "sealed",
        ),
    ]
    return [dict(zip(names, fact, strict=True)) for fact in facts]


def fields() -> Facts:
    """Return an evidence field of every type, in every state."""
    pages = [{"name": "Procedure note", "page": 3, "digest": DIGEST}]
    policy = {"cite": "RP-114", "edition": "2026"}
    asked: Facts = [
        {"label": "Decision", "type": "choice", "choices": ROUTES, "state": "missing"},
        {"label": "Why", "type": "text", "rows": 2, "value": "Two lesions, note p. 3"},
        {
            "label": "Document and page",
            "type": "document",
            "files": pages,
            "key": "a",
            "state": "not_accepted",
            "messages": ["The note has 4 pages. Choose 1 to 4."],
        },
        {
            "label": "Policy",
            "type": "policy",
            "value": policy,
            "state": "not_checked",
            "help": "We hold no text for this policy on 08/14/2026, "
            "so nobody could check it.",
        },
        {"label": "Expected if paid", "type": "money", "value": "412.30"},
        {"label": "Code", "type": "code", "state": "optional"},
        {"label": "Remit date", "type": "date", "value": "2026-10-21"},
        {"label": "Units", "type": "number", "value": "1"},
        {"label": "Pathology agrees", "type": "yes_no", "value": True},
        {
            "label": "Both sites stand in the signed note",
            "type": "step",
            "value": {"state": "not_applicable"},
            "state": "not_accepted",
            "may_skip": True,
            "why_skip": True,
            "messages": ["Say in a few words why this step does not apply."],
        },
        {
            "label": "Rejected",
            "type": "multichoice",
            "choices": ROUTES,
            "value": ["resend"],
        },
    ]
    return [
        {
            "number": place,
            "name": field["label"].lower().replace(" ", "_"),
            "state": "complete",
            **field,
        }
        for place, field in enumerate(asked, start=1)
    ]
