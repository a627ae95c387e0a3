"""The component sheet: every part of the visual language in every state.

It reads nothing and changes nothing; its facts are made up.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from worklists.context import now
from worklists.enums import State
from worklists.views import sheet_facts as facts


class SheetForm(forms.Form):
    """A form with one field of each sort, one of them wrong."""

    name = forms.CharField(label="Queue name", help_text="As people say it.")
    payer = forms.ChoiceField(label="Payer", choices=[("", "Choose")])
    watch = forms.BooleanField(label="Put the payer on watch", required=False)


def sheet(request: HttpRequest) -> HttpResponse:
    """Show every component with made-up facts."""
    at = now()
    context = {
        "trail": [("Start", "/"), ("Component sheet", "")],
        "colours": facts.COLOURS,
        "figures": facts.FIGURES,
        "payers": facts.PAYERS,
        "views": facts.VIEWS,
        "clocks": facts.clocks(at),
        "badges": facts.badges(at),
        "rows": facts.rows(at),
        "fields": facts.fields(),
        "read_field": facts.READ_FIELD,
        "events": facts.events(at),
        "gaps": facts.GAPS,
        "states": State.values,
        "form": SheetForm({"name": "Bundling denials", "payer": "nobody"}),
        "trend": facts.TREND,
        "checklist": facts.CHECKLIST,
        "outcomes": facts.outcomes(),
        "diff": facts.DIFF,
        "decisions": facts.DECISIONS,
        "amount": Decimal(2140),
        "refund": Decimal("-412.3"),
        "nothing": None,
        "ahead": at + timedelta(days=1),
        "digest": facts.DIGEST,
        "sources": facts.SOURCES,
        "upload_url": request.path,
        "draft_url": request.path,
    }
    return render(request, "components/sheet.html", context)
