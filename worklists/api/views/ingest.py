"""Bringing files in, and what became of them."""

from __future__ import annotations

from typing import Any

from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from worklists.api.base import ApiView, answered
from worklists.api.schema import described
from worklists.api.serializers.batches import BatchSerializer, Received
from worklists.api.serializers.bodies import UploadBody
from worklists.errors import NotVisible
from worklists.models import User
from worklists.policies import may_upload
from worklists.selectors.batches import batches_for
from worklists.services import reading
from worklists.services.batches import receive_upload
from worklists.services.batches.receiving import UPLOAD_LIMIT
from worklists.services.batches.report import of_batch
from worklists.services.idempotency import Answer
from worklists.tasks import process_batch
from worklists.throttles import Everything, Uploads

WORDS_BESIDE = 64 * 1024


class Ingest(ApiView):
    """Taking a file in. A worker reads it; ask for its batch to see how far."""

    policy = may_upload
    parser_classes = (MultiPartParser,)
    throttle_classes = (Everything, Uploads)

    def largest_body(self) -> int:
        """One file."""
        return UPLOAD_LIMIT + WORDS_BESIDE

    @described(
        {202: Received},
        request={"multipart/form-data": UploadBody},
        writes=True,
        operation_id="ingest",
    )
    def post(self, request: Request) -> Response:
        """Keep the file and answer with its batch before it is read."""
        file = self.read_body(UploadBody)["file"]
        return self.write(lambda: self._receive(request.user, file))

    def _receive(self, user: User, file: Any) -> Answer:
        batch = receive_upload(stream=file, file_name=file.name, actor=user)
        process_batch.delay_on_commit(batch.pk)
        return answered(202, {"batch": batch.pk})


class Batch(ApiView):
    """What became of one file (CONTRACT 2), and how far it has been read."""

    policy = may_upload

    @described({200: BatchSerializer}, refuses=(404,), operation_id="batch")
    def get(self, request: Request, batch_id: int) -> Response:
        """Return the report; that it was read is recorded on the person's chain."""
        batch = batches_for(request.user).filter(pk=batch_id).first()
        if batch is None:
            raise NotVisible("There is no such file.")
        reading.record_batch_read(actor=request.user, batch_id=batch.pk)
        return Response(of_batch(batch))
