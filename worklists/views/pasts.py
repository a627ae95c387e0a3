"""What an answer was before: every version, who wrote it, when, and what changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from worklists.evidence import Field, expand
from worklists.models import WorkItem
from worklists.selectors.answer_history import FileUse, Past, Version, pasts_of
from worklists.selectors.evidence import Asked, asked_of
from worklists.selectors.item import FieldView, item_for
from worklists.services import reading
from worklists.templatetags.codetrail import moment
from worklists.templatetags.wording import counted
from worklists.views.access import page, people_at_work
from worklists.views.answers import ShownField, as_words, part_label, plain_label
from worklists.views.item_crumbs import crumbs_of
from worklists.views.text_diff import Mark, marks

DID = {
    "item.fixed_and_approved": "as the senior's fix",
    "item.submitted": "with the submit",
}


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """One version, ready to be drawn: what changed against the one before."""

    number: int
    marks: Sequence[Mark]
    who: str
    role: str
    did: str
    at: datetime
    form: str
    destroyed: bool


@dataclass(frozen=True, slots=True)
class ShownPast:
    """One field's history, ready to be drawn."""

    name: str
    label: str
    gone: bool
    versions: Sequence[ShownVersion]
    files: Sequence[FileUse]


@page(people_at_work)
def answers(request: HttpRequest, item_id: int) -> HttpResponse:
    """Show what stood in every field, or in one; a read of the item that is logged."""
    item = item_for(request.user, item_id)
    reading.record_item_read(
        actor=request.user,
        item_id=item_id,
        facility_id=item.facility_id,
        queue_id=item.queue_id,
    )
    field = request.GET.get("field", "")
    context = {
        "item": item,
        "field": field,
        "pasts": shown_pasts(asked_of(item), pasts_of(item, field)),
        "crumbs": [
            *crumbs_of(item)[:-1],
            (item.number, reverse("worklists:item", args=[item.pk])),
            ("Answers", ""),
        ],
    }
    name = "items/_past_drawer.html" if request.htmx else "answers.html"
    return render(request, f"worklists/{name}", context)


def shown_pasts(asked: Asked, pasts: Iterable[Past]) -> list[ShownPast]:
    """Return histories in the order of the form; what is asked no more comes last."""
    fields = {field.name: field for field in expand(asked.fields, asked.parts)}
    order = {name: place for place, name in enumerate(fields)}
    rows = sorted(pasts, key=lambda past: order.get(past.name, len(order)))
    return [_shown(asked, fields.get(past.name), past) for past in rows]


def _shown(asked: Asked, field: Field | None, past: Past) -> ShownPast:
    label = plain_label(asked, past.name)
    if field and field.part and len(asked.parts) > 1:
        label = f"{label}, {part_label(asked, field.part)}"
    meant = field or _base(asked, past.name)
    return ShownPast(
        name=past.name,
        label=label,
        gone=field is None,
        versions=[_version(meant, row) for row in past.versions],
        files=past.files,
    )


def _base(asked: Asked, name: str) -> Field | None:
    """Return the field of a part that is not asked any more, for its words."""
    base = name.partition(".")[0]
    return next((field for field in asked.fields if field.name == base), None)


def _version(field: Field | None, row: Version) -> ShownVersion:
    before, after = (
        as_words(field, value) if field else str(value or "")
        for value in (row.before, row.value)
    )
    return ShownVersion(
        number=row.number,
        marks=_marked(field, before, after),
        who=str(row.by),
        role=row.role.replace("+", ", "),
        did=DID.get(row.action, ""),
        at=row.at,
        form=row.form,
        destroyed=row.redacted_at is not None,
    )


def _marked(field: Field | None, before: str, after: str) -> list[Mark]:
    """Return words of a text one by one; anything else changes as a whole."""
    if field and field.type == "text":
        return marks(before, after)
    pairs = (("removed", before), ("added", after))
    return [Mark(kind, text) for kind, text in pairs if text]


def with_pasts(
    item: WorkItem, rows: Iterable[ShownField], views: Iterable[FieldView]
) -> None:
    """Let every field that was answered say by whom, and lead to its history."""
    known = {view.field.name: view for view in views if view.version}
    address = reverse("worklists:answers", args=[item.pk])
    for row in rows:
        view = known.get(row.name)
        if view and view.saved_at:
            who = f"{view.saved_name} {moment(view.saved_at)}"
            row.past = f"{counted(view.version, 'version')}, last by {who}"
            row.past_url = f"{address}?field={row.name}"
