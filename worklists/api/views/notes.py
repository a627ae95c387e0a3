"""Notes of an item."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from worklists.api.base import ApiView, answered
from worklists.api.pagination import paged
from worklists.api.schema import described, page_of
from worklists.api.serializers.bodies import EmptyBody
from worklists.api.serializers.notes import NoteBody, NoteMarks, NoteSerializer
from worklists.api.views.items import record_read
from worklists.models import User
from worklists.policies import may_read_items
from worklists.selectors.item import item_for
from worklists.selectors.notes import notes_of
from worklists.services.idempotency import Answer
from worklists.services.notes import withdraw_note, write_note


class Notes(ApiView):
    """The notes on an item that the person may read."""

    policy = may_read_items

    @described(
        {200: page_of("Note", NoteSerializer)}, refuses=(404,), operation_id="notes"
    )
    def get(self, request: Request, item_id: int) -> Response:
        """Return the notes, newest first, and record that the item was read."""
        item = item_for(request.user, item_id)
        record_read(request, item)
        rows = NoteSerializer(notes_of(request.user, item), many=True).data
        return Response(paged(request, rows))

    @described(
        {201: NoteMarks},
        request=NoteBody,
        refuses=(404,),
        writes=True,
        operation_id="write_note",
    )
    def post(self, request: Request, item_id: int) -> Response:
        """Write a note; a private one is read by its author alone."""
        body = self.read_body(NoteBody)
        return self.write(lambda: self._write(request.user, item_id, body))

    def _write(self, user: User, item_id: int, body: dict[str, Any]) -> Answer:
        note = write_note(item_id=item_id, actor=user, **body)
        return answered(201, _shown(user, item_id, note.pk))


class NoteWithdraw(ApiView):
    """Taking one's own note back."""

    policy = may_read_items

    @described(
        {200: NoteMarks},
        request=EmptyBody,
        refuses=(404,),
        writes=True,
        operation_id="withdraw_note",
    )
    def post(self, request: Request, item_id: int, note_id: int) -> Response:
        """Mark the note as withdrawn; it stays readable."""
        self.read_body(EmptyBody)
        return self.write(lambda: self._withdraw(request.user, item_id, note_id))

    def _withdraw(self, user: User, item_id: int, note_id: int) -> Answer:
        withdraw_note(item_id=item_id, actor=user, note_id=note_id)
        return answered(200, _shown(user, item_id, note_id))


def _shown(user: User, item_id: int, note_id: int) -> dict[str, Any]:
    notes = notes_of(user, item_for(user, item_id))
    return dict(NoteMarks(next(n for n in notes if n.id == note_id)).data)
