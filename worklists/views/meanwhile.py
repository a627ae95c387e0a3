"""What changed while a form was open: the warning, and the choice field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from worklists.errors import BadInput
from worklists.event_words import sentence
from worklists.evidence import Field, expand
from worklists.forms import ActForm, checked
from worklists.models import WorkItem
from worklists.selectors.evidence import Asked, asked_of
from worklists.selectors.item import item_for
from worklists.selectors.merging import Merged
from worklists.selectors.upstream import AnswerChange, Since, changes_since
from worklists.services import reading
from worklists.templatetags.codetrail import moment
from worklists.templatetags.wording import dollars
from worklists.views.access import page, people_at_work
from worklists.views.answers import as_words, full_label

CHOICES = frozenset({"mine", "theirs", "both"})
FACTS = {"amount": "At stake", "reason_code": "What failed", "risk_class": "Class"}
ANSWERED = frozenset({"item.evidence_saved", "item.submitted"})


@dataclass(frozen=True, slots=True)
class Clash:
    """One field with two answers, ready to be drawn: whose, in words, what to choose."""

    name: str
    label: str
    theirs: str
    mine: str
    by: str
    takes_both: bool


def context_of(asked: Asked, found: Merged) -> dict[str, Any]:
    """Return what the warning is drawn from."""
    fields = {field.name: field for field in expand(asked.fields, asked.parts)}
    return {
        "since": lines_of(asked, found.since, skip=found.clashes),
        "clashes": [
            _clash(asked, fields[name], change, found.answers[name])
            for name, change in found.clashes.items()
            if name in fields
        ],
    }


def lines_of(
    asked: Asked, since: Since, skip: Mapping[str, Any] | None = None
) -> list[dict[str, str]]:
    """Return what changed in short lines: what, before, now, by whom."""
    fields = {field.name: field for field in expand(asked.fields, asked.parts)}
    facts = [
        {"what": FACTS.get(f.name, f.name), **_pair(_fact(f.name, f.before, f.now))}
        for f in since.facts
    ]
    answers = [
        {
            "what": full_label(asked, fields[name]),
            **_pair(_words(fields[name], change)),
            "by": _by(change),
        }
        for name, change in since.answers.items()
        if name in fields and name not in (skip or {})
    ]
    acts = [
        {
            "what": f"{act.by} {sentence(act.action, act.facts)}",
            "by": moment(act.at),
        }
        for act in since.acts
        if act.action not in ANSWERED
    ]
    return [*facts, *answers, *acts]


def _pair(words: tuple[str, str]) -> dict[str, str]:
    return dict(zip(("before", "now"), words, strict=True))


def _fact(name: str, before: Any, now: Any) -> tuple[str, str]:
    if name == "amount":
        return dollars(before), dollars(now)
    return str(before), str(now)


def _words(field: Field, change: AnswerChange) -> tuple[str, str]:
    return as_words(field, change.before), as_words(field, change.now)


def _by(change: AnswerChange) -> str:
    return f"{change.by} {moment(change.at)}"


def _clash(asked: Asked, field: Field, change: AnswerChange, mine: Any) -> Clash:
    now, own = as_words(field, change.now), as_words(field, mine)
    return Clash(
        name=field.name,
        label=full_label(asked, field),
        theirs=now,
        mine=own,
        by=_by(change),
        takes_both=field.type == "text" and bool(now and own),
    )


def chosen_of(request: HttpRequest) -> tuple[str, str]:
    """Return the field and the choice of a pressed button; both empty without one."""
    choice, _, field = request.POST.get("choose", "").partition(":")
    if choice and choice not in CHOICES:
        raise BadInput("Choose yours, theirs or both.")
    return field, choice


@page(people_at_work)
def look(request: HttpRequest, item_id: int) -> HttpResponse:
    """Say what changed since the form was drawn, a logged read; 204 when nothing did."""
    item = item_for(request.user, item_id)
    since = changes_since(item, checked(ActForm(request.GET))["version"])
    if not since:
        return HttpResponse(status=204)
    reading.record_item_read(
        actor=request.user,
        item_id=item_id,
        facility_id=item.facility_id,
        queue_id=item.queue_id,
    )
    return warning(request, item, since)


def warning(
    request: HttpRequest, item: WorkItem, since: Since, draft_seen: str = ""
) -> HttpResponse:
    """Draw the warning that is put above a form somebody is typing into."""
    lines = lines_of(asked_of(item), since)
    context = {"item": item, "since": lines, "draft_seen": draft_seen}
    return render(request, "worklists/items/_changed.html", context)
