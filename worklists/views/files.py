"""Files as evidence: adding one in place, and the logged download."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render

from worklists.forms import ActForm, AttachForm, checked
from worklists.models import User, WorkItem
from worklists.selectors.item import draft_of, item_view
from worklists.services import attachments, drafts
from worklists.throttles import Uploads, spend
from worklists.views.access import ACT, page, people_at_work
from worklists.views.answering import to_item
from worklists.views.item_page import SOURCES, form_of


@page(people_at_work, ACT)
def attach(request: HttpRequest, item_id: int) -> HttpResponse:
    """Add a file to a field; the form around it stays as it was typed."""
    spend(request, Uploads)
    version = checked(ActForm(request.GET))["version"]
    given = checked(AttachForm(request.POST, request.FILES))
    added = attachments.attach(
        item_id=item_id,
        actor=request.user,
        file=_new_file(given),
        expected_version=version,
    )
    said = f"{added.attachment.file_name} is added."
    return in_place(request, added.item, version, said)


@page(people_at_work, ACT)
def detach(request: HttpRequest, item_id: int, file_id: int) -> HttpResponse:
    """Take a file off an item; the file itself and its event stay."""
    version = checked(ActForm(request.POST))["version"]
    item = attachments.detach(
        item_id=item_id,
        actor=request.user,
        attachment_id=file_id,
        expected_version=version,
    )
    return in_place(request, item, version, "The file is taken off.")


def in_place(
    request: HttpRequest, item: WorkItem, version: int, said: str
) -> HttpResponse:
    """Answer with the parts of the page that a file changes, or with the page."""
    _carry_draft(request.user, item.pk, version)
    if not request.htmx:
        return to_item(request, item, said)
    context = form_of(request.user, item_view(request.user, item.pk))
    context |= {"sources": SOURCES, "said": said}
    return render(request, "worklists/items/_attached.html", context)


def _new_file(given: dict[str, Any]) -> attachments.NewFile:
    upload = given["file"]
    return attachments.NewFile(
        chunks=upload.chunks(),
        file_name=upload.name,
        field=given["field"],
        source=given["source"],
        content_type=upload.content_type or "",
        dated_on=given["date"],
        page=given["page"],
    )


def _carry_draft(user: User, item_id: int, version: int) -> None:
    """One's own file makes one's own draft no older."""
    draft = draft_of(user, item_id)
    if draft and draft.item_version == version:
        drafts.save_draft(item_id=item_id, actor=user, answers=draft.answers)


@page(people_at_work, ACT)
def download(request: HttpRequest, item_id: int, file_id: int) -> FileResponse:
    """Hand out an original; the click is an event."""
    found, stream = attachments.open_file(
        actor=request.user, item_id=item_id, attachment_id=file_id
    )
    return FileResponse(
        stream,
        as_attachment=True,
        filename=found.file_name,
        content_type="application/octet-stream",
    )
