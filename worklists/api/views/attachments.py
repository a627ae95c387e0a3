"""Files of an item."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.http import FileResponse
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from worklists.api.base import ApiView, answered
from worklists.api.pagination import paged
from worklists.api.schema import VERSION, described, page_of
from worklists.api.serializers.bodies import AttachmentBody, VersionBody
from worklists.api.serializers.found import AttachmentAdded
from worklists.api.serializers.items import AttachmentSerializer
from worklists.policies import may_read_items
from worklists.selectors.item import attachments_of, item_for
from worklists.services import reading
from worklists.services.attachments import (
    Attached,
    Incoming,
    NewFile,
    detach,
    open_file,
    put,
    taken_in,
)
from worklists.services.idempotency import Answer
from worklists.services.showing import open_page
from worklists.throttles import Everything, Uploads

WORDS_BESIDE = 64 * 1024


class Attachments(ApiView):
    """The files in use on an item."""

    policy = may_read_items
    parser_classes = (MultiPartParser,)
    throttle_classes = (Everything, Uploads)

    def largest_body(self) -> int:
        """One file and the few words beside it."""
        return int(settings.ATTACHMENT_MAX_BYTES) + WORDS_BESIDE

    @described(
        {200: page_of("Attachment", AttachmentSerializer)},
        refuses=(404,),
        operation_id="attachments",
    )
    def get(self, request: Request, item_id: int) -> Response:
        """Return the files, in the order they were added: the item is read, and logged."""
        item = item_for(request.user, item_id)
        reading.record_item_read(
            actor=request.user,
            item_id=item.pk,
            facility_id=item.facility_id,
            queue_id=item.queue_id,
        )
        rows = AttachmentSerializer(attachments_of(item.pk), many=True).data
        return Response(paged(request, rows))

    @described(
        {200: AttachmentAdded, 201: AttachmentAdded},
        request={"multipart/form-data": AttachmentBody},
        refuses=(404,),
        writes=True,
        operation_id="attach",
    )
    def post(self, request: Request, item_id: int) -> Response:
        """Add a file to a field; the same one again answers with the first."""
        body = self.read_body(AttachmentBody)
        asked = {
            "item_id": item_id,
            "actor": request.user,
            "expected_version": body.get("version"),
        }
        with ExitStack() as stack:
            # Drawing takes long: the key's transaction must not hold the item meanwhile.
            waiting: list[Incoming] = []

            def take_in() -> None:
                file = self._file(body)
                waiting.append(stack.enter_context(taken_in(file=file, **asked)))

            def act() -> Answer:
                if not waiting:  # the key had an answer, which went out of date by now
                    take_in()
                return self._answer(put(incoming=waiting[0], **asked))

            return self.write(act, before=take_in)

    def _file(self, body: dict[str, Any]) -> NewFile:
        upload = body["file"]
        return NewFile(
            chunks=upload.chunks(),
            file_name=upload.name,
            content_type=upload.content_type or "",
            field=body["field"],
            source=body["source"],
            dated_on=body.get("date"),
            page=body.get("page", ""),
        )

    def _answer(self, done: Attached) -> Answer:
        said = {
            "id": done.attachment.pk,
            "sha256": done.attachment.sha256,
            "version": done.item.version,
        }
        return answered(201 if done.is_new else 200, said)


class AttachmentFile(ApiView):
    """One file of an item."""

    policy = may_read_items
    takes = frozenset({"version"})

    @described(
        {(200, "application/octet-stream"): bytes},
        refuses=(404,),
        operation_id="download_attachment",
    )
    def get(self, request: Request, item_id: int, attachment_id: int) -> FileResponse:
        """Return the original; the download is recorded on the person's chain."""
        row, content = open_file(
            actor=request.user, item_id=item_id, attachment_id=attachment_id
        )
        return as_download(content, row.file_name, row.content_type)

    @described(
        {200: AttachmentAdded},
        parameters=(VERSION,),
        refuses=(404,),
        writes=True,
        operation_id="detach",
    )
    def delete(self, request: Request, item_id: int, attachment_id: int) -> Response:
        """Take the file off the item; the file and its history are kept."""
        reader = VersionBody(data=request.query_params.dict())
        reader.is_valid(raise_exception=True)
        version = reader.validated_data["version"]
        return self.write(lambda: self._detach(item_id, attachment_id, version))

    def _detach(self, item_id: int, attachment_id: int, version: int) -> Answer:
        item = detach(
            item_id=item_id,
            actor=self.request.user,
            attachment_id=attachment_id,
            expected_version=version,
        )
        return answered(200, {"id": attachment_id, "version": item.version})


class AttachmentPage(ApiView):
    """One page of a file as a picture."""

    policy = may_read_items

    @described(
        {(200, "image/png"): bytes}, refuses=(400, 404), operation_id="attachment_page"
    )
    def get(
        self, request: Request, item_id: int, attachment_id: int, number: int
    ) -> FileResponse:
        """Return the page, drawn anew as PNG; the look is recorded."""
        path = open_page(
            actor=request.user,
            item_id=item_id,
            attachment_id=attachment_id,
            number=number,
        )
        return FileResponse(path.open("rb"), content_type="image/png")


def as_download(content: Any, file_name: str, content_type: str) -> FileResponse:
    """Return a file that no browser shows in place or runs."""
    response = FileResponse(
        content, as_attachment=True, filename=file_name, content_type=content_type
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response
