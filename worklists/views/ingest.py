"""Bringing a file in: upload, live progress, and what became of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from worklists import policies
from worklists.errors import NotVisible
from worklists.forms import UploadForm, checked
from worklists.models import IngestBatch, User
from worklists.selectors.access import access_of
from worklists.selectors.batches import batches_for, exceptions_of
from worklists.selectors.keyset import Key, Ordering
from worklists.selectors.keyset import page as keyset_page
from worklists.services import batches, reading
from worklists.services.batches.receiving import UPLOAD_LIMIT
from worklists.services.batches.report import of_batch
from worklists.tasks import process_batch
from worklists.throttles import Uploads, spend
from worklists.views.access import page
from worklists.views.answering import go
from worklists.views.batch_page import WORDS, page_of

NEWEST = Ordering("-id", (Key("id", descending=True),))
SIZE = 25


@page(policies.may_upload, ("GET", "HEAD", "POST"))
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file and lead to its page; else show the form and the newest files."""
    if request.method == "POST":
        return _take(request)
    rows = batches_for(request.user)
    found = keyset_page(rows, NEWEST, cursor=request.GET.get("cursor", ""), size=SIZE)
    context = {
        "files": [(row, *WORDS[row.status]) for row in found.rows],
        "max_bytes": UPLOAD_LIMIT,
        "next_url": f"?cursor={found.next}" if found.next else "",
        "previous_url": f"?cursor={found.previous}" if found.previous else "",
    }
    return render(request, "worklists/upload.html", context)


def _take(request: HttpRequest) -> HttpResponse:
    spend(request, Uploads)
    file = checked(UploadForm(request.POST, request.FILES))["file"]
    batch = batches.receive_upload(stream=file, file_name=file.name, actor=request.user)
    process_batch.delay_on_commit(batch.pk)
    return go(request, reverse("worklists:batch", args=[batch.pk]))


@page(policies.may_read_file)
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Show one file: progress while it is read, its report when it is done."""
    found = _batch(request.user, batch_id)
    reading.record_batch_read(actor=request.user, batch_id=found.pk)
    may_upload = policies.may_upload(access_of(request.user)) is None
    context = {**_context(request.user, found), "may_upload": may_upload}
    return render(request, "worklists/batch.html", context)


@page(policies.may_read_file)
def progress(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Answer the page's own question how far it is; the report ends the asking."""
    found = _batch(request.user, batch_id)
    context = _context(request.user, found)
    return render(request, "worklists/batches/_batch.html", context)


def _batch(user: User, batch_id: int) -> IngestBatch:
    found = batches_for(user).filter(pk=batch_id).first()
    if found is None:
        raise NotVisible("There is no such file.")
    return found


def _context(user: User, found: IngestBatch) -> dict[str, Any]:
    return page_of(found, of_batch(found), list(exceptions_of(found)[:200]), user)
