"""The component sheet: every part of the visual language in every state, with made-up facts.

Wired by ``worklists.urls`` as ``path("components/", sheet.sheet, name="components")`` for people who build pages.
It reads nothing and changes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from worklists.context import now
from worklists.enums import State

COLOURS = [
    ("bg", "page"), ("surface", "surface"), ("sunken", "sunken"), ("control", "control edge"), ("text", "text"),
    ("text2", "text 2"), ("text3", "text 3"), ("accent", "accent"), ("soft", "accent soft"), ("soon", "due soon"),
    ("over", "overdue"), ("review", "review"), ("returned", "returned"), ("done", "done"),
]
PAYERS = [("meridian", "Meridian PPO", 17), ("summit", "Summit Medicaid", 9), ("northgate", "Northgate MA", 4)]
DIGEST = "9c41a0de55b7f3c2a86d3f6e1b0c94d7e1f52a3846bb70c95de2481f6a9be07b"


class SheetForm(forms.Form):
    """A form with one field of each sort, one of them wrong."""

    name = forms.CharField(label="Queue name", help_text="As people say it.", initial="Bundling denials")
    payer = forms.ChoiceField(label="Payer", choices=[("", "Choose")])
    watch = forms.BooleanField(label="Put the payer on watch", required=False)


def _clock(label: str, due_at: datetime | None, kind: str = "legal", **more: Any) -> dict[str, Any]:
    return {"label": label, "kind": kind, "due_at": due_at, **more}


def _clocks(at: datetime) -> list[dict[str, Any]]:
    return [
        _clock("payer appeal, level 1", at + timedelta(days=1, hours=9), detail="30 days from remit"),
        _clock("Internal", at + timedelta(days=4), "internal", detail="paused 14 d"),
        _clock("Timely filing", at + timedelta(days=85), detail="corrected claim"),
        _clock("Provider answer", at - timedelta(days=9), met_at=at - timedelta(days=9), detail="DQ-3107, in 14 d"),
        _clock("Overpayment", None, detail="nothing paid in error"),
    ]


def _badges(at: datetime) -> list[dict[str, Any]]:
    return [
        _clock("payer appeal level 1", at + timedelta(days=11)),
        _clock("payer appeal level 1", at + timedelta(days=1, hours=9)),
        _clock("internal", at - timedelta(hours=5), "internal"),
        _clock("provider answer", at + timedelta(days=4), "internal", paused_at=at),
        _clock("provider answer", at - timedelta(days=9), met_at=at - timedelta(days=9)),
    ]


def _rows(at: datetime) -> list[dict[str, Any]]:
    badges = _badges(at)
    facts = [
        (96, "returned first", "DN-48102", "Dana Fuller", "CO-97 · M15", "1318.40", "6/6", State.RETURNED, "A. Ruiz", badges[0]),
        (91, "deadline, dollars", "DN-48213", "Jordan Doe", "CO-97 · M15", "2140.00", "4/6", State.IN_PROGRESS, "A. Ruiz", badges[1]),
        (88, "overdue, deadline", "DN-48340", "Henrik Vale", "CO-236", "1962.50", "0/6", State.OPEN, "nobody", badges[2]),
        (66, "age, dollars", "DN-48305", "William Hart", "CO-97", "912.00", "3/6", State.PENDING, "A. Ruiz", badges[3]),
    ]
    names = ("score", "why", "number", "patient", "reason", "amount", "evidence", "state", "who", "clock")
    words = "included in another service"
    return [dict(zip(names, row, strict=True), words=words, amount=Decimal(row[5])) for row in facts]


def _fields() -> list[dict[str, Any]]:
    routes = [("resend", "Correct, resend"), ("appeal", "Appeal"), ("other_payer", "Other payer"), ("bill", "Bill patient")]
    pages = [{"name": "Procedure note", "page": 3, "digest": DIGEST}]
    return [
        {"number": 1, "name": "decision", "label": "Decision", "type": "choice", "choices": routes, "state": "missing"},
        {"number": 2, "name": "why", "label": "Why", "type": "text", "rows": 2, "state": "complete",
         "value": "Different lesions, note p. 3"},
        {"number": 3, "name": "note", "label": "Document and page", "type": "document", "files": pages, "key": "a",
         "state": "not_accepted", "messages": ["The note has 4 pages. Choose 1 to 4."]},
        {"number": 4, "name": "policy", "label": "Policy", "type": "policy", "state": "not_checked",
         "value": {"cite": "RP-114", "edition": "2026"},
         "help": "We hold no text for this policy on 08/14/2026, so nobody could check it."},
        {"number": 5, "name": "expected", "label": "Expected if paid", "type": "money", "state": "complete", "value": "412.30"},
        {"number": 6, "name": "code", "label": "Code", "type": "code", "state": "optional", "suggestions": [("XS", "separate structure")]},
        {"number": 7, "name": "remit_on", "label": "Remit date", "type": "date", "state": "complete", "value": "2026-10-21"},
        {"number": 8, "name": "units", "label": "Units", "type": "number", "state": "complete", "value": "1"},
        {"number": 9, "name": "pathology", "label": "Pathology agrees", "type": "yes_no", "state": "complete", "value": True},
        {"number": 10, "name": "rejected", "label": "Rejected", "type": "multichoice", "choices": routes, "value": ["resend"],
         "state": "complete"},
    ]


def _events(at: datetime) -> list[dict[str, Any]]:
    return [
        {"at": at, "icon": "send", "who": "Ana Ruiz", "role": "coder",
         "what": "submitted, version 10; review triggered by dollars", "seal": "seals at 09:00"},
        {"at": at - timedelta(days=9), "icon": "player-play", "who": "Worker", "role": "by schedule",
         "what": "answer to DQ-3107 arrived; internal clock goes on", "seal": "sealed"},
        {"at": at - timedelta(days=10), "icon": "eye", "who": "Helen Marsh", "role": "auditor",
         "what": "read the item, reason: payer audit", "seal": "sealed"},
    ]


def _review() -> dict[str, Any]:
    seen = {"R": ("reversed", "won"), "U": ("upheld", "lost"), "W": ("waits", ""), "P": ("paid in part", "part")}
    outcomes = [
        {"letter": letter, "word": seen[letter][0], "tone": seen[letter][1], "when": "Oct"} for letter in "WRRUPRURRU"
    ]
    diff = [
        {"field": "Decision", "before": "", "after": "Appeal, level 1", "kind": "added"},
        {"field": "Line 2", "before": "45380-59, 1 unit", "after": "45380-59, 1 unit", "kind": "same"},
        {"field": "Root cause", "before": "Knowledge", "before_note": "suggested", "after": "Payer policy", "kind": "changed"},
        {"field": "Evidence", "before": "note p. 2", "after": "note p. 3", "kind": "moved"},
        {"field": "Dx B", "before": "K63.5", "after": "", "kind": "removed"},
    ]
    decisions = [
        {"key": "1", "label": "Approve", "value": "approve", "note": "starts the appeal"},
        {"key": "2", "label": "Fix and approve", "value": "fix_and_approve", "note": "becomes a finding"},
        {"key": "3", "label": "Return", "value": "return", "note": "to Ana, first in her list", "dialog": "s-dialog"},
        {"key": "4", "label": "Reject", "value": "reject", "note": "stays denied"},
        {"key": "5", "label": "Escalate", "refused": "nobody to tell in this queue"},
    ]
    return {"outcomes": outcomes, "diff": diff, "decisions": decisions}


def sheet(request: HttpRequest) -> HttpResponse:
    """Show every component with made-up facts."""
    at = now()
    figures = [
        {"value": 128, "label": "open", "href": "?state=open"},
        {"value": 3, "label": "overdue", "tone": "over", "href": "?clock=overdue"},
        {"value": 11, "label": "due in 3 days", "tone": "soon", "href": "?clock=3d"},
        {"value": "$41,870.30", "label": "at risk, deadline in 14 days", "href": "?risk=14"},
        {"value": "14 in · 9 out", "label": "today"},
    ]
    form = SheetForm({"name": "Bundling denials", "payer": "nobody"})
    context = {
        "trail": [("Start", "/"), ("Component sheet", "")], "colours": COLOURS, "figures": figures, "payers": PAYERS,
        "views": [{"label": "Mine and unassigned", "href": "?v=1", "count": 46, "current": True},
                  {"label": "Due this week", "href": "?v=2", "count": 11}],
        "clocks": _clocks(at), "badges": _badges(at), "rows": _rows(at), "fields": _fields(), "events": _events(at),
        "read_field": {"name": "root", "label": "Root cause", "type": "choice", "state": "complete", "shown": "Payer policy"},
        "gaps": [{"field": "decision", "label": "Decision"}, {"field": "note", "label": "Document and page"}],
        "states": State.values, "form": form, "trend": [96, 98, 103, 100, 106, 110, 113, 117, 122, 128],
        "checklist": [{"name": "note", "label": "Signed procedure note is there", "hint": "p. 3", "checked": True},
                      {"name": "policy", "label": "Payer policy read", "hint": "RP-114, in force 07/01/2026"}],
        "amount": Decimal("2140"), "refund": Decimal("-412.3"), "nothing": None, "ahead": at + timedelta(days=1),
        "digest": DIGEST, "sources": [("ehr", "EHR"), ("lab", "Lab"), ("payer", "Payer")],
        "upload_url": request.path, "draft_url": request.path, **_review(),
    }
    return render(request, "components/sheet.html", context)
