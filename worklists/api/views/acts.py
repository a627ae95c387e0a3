"""Acts on items: Next, the actions of the table, drafts."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from worklists.api.base import ApiView, answered
from worklists.api.schema import ACTION, described
from worklists.api.serializers.bodies import (
    OPTIONS,
    ActBody,
    DraftBody,
    EmptyBody,
    VersionBody,
)
from worklists.api.serializers.found import DraftKept
from worklists.api.serializers.items import (
    DraftSerializer,
    GapSerializer,
    ItemBrief,
    ItemDetail,
)
from worklists.errors import NotVisible
from worklists.models import User, WorkItem
from worklists.policies import may_read_items
from worklists.selectors.item import item_view
from worklists.services.drafts import save_draft
from worklists.services.idempotency import Answer
from worklists.services.next_item import next_item
from worklists.services.perform import perform
from worklists.services.undoing_next import undo_next


def item_answer(user: User, item: WorkItem) -> Answer:
    """Return the item as it now stands for the person who acted on it."""
    try:
        shown = ItemDetail(item_view(user, item.pk)).data
        return answered(200, shown, items=[item.pk])
    except NotVisible:
        return answered(200, ItemBrief(item).data, items=[])


def hand_next(user: User, slug: str | None) -> Answer:
    """Hand the next item to a person, or say with ``X-Reason`` why there is none."""
    result = next_item(actor=user, queue_slug=slug)
    if result.item is None:
        return answered(204, X_Reason=result.reason)
    return item_answer(user, result.item)


class Next(ApiView):
    """The best waiting item of all the person's queues, locked to them."""

    policy = may_read_items

    @described(
        {200: ItemDetail, 204: None},
        request=EmptyBody,
        writes=True,
        operation_id="next",
    )
    def post(self, request: Request) -> Response:
        """Return the item, or 204 with ``X-Reason`` why there is none."""
        self.read_body(EmptyBody)
        return self.write(lambda: hand_next(request.user, None))


class QueueNext(ApiView):
    """The best waiting item of one queue, locked to the person."""

    policy = may_read_items

    @described(
        {200: ItemDetail, 204: None},
        request=EmptyBody,
        refuses=(404,),
        writes=True,
        operation_id="queue_next",
    )
    def post(self, request: Request, slug: str) -> Response:
        """Return the item, or 204 with ``X-Reason`` why there is none."""
        self.read_body(EmptyBody)
        return self.write(lambda: hand_next(request.user, slug))


class UndoNext(ApiView):
    """Taking Next back: the item stands where it was, for half an hour."""

    policy = may_read_items

    @described(
        {200: ItemDetail},
        request=VersionBody,
        refuses=(404,),
        writes=True,
        operation_id="undo_next",
    )
    def post(self, request: Request, item_id: int) -> Response:
        """Put back what nobody touched since Next; 409 says why it cannot go back."""
        version = self.read_body(VersionBody)["version"]
        return self.write(lambda: self._undo(request.user, item_id, version))

    def _undo(self, user: User, item_id: int, version: int) -> Answer:
        item = undo_next(item_id=item_id, actor=user, expected_version=version)
        return item_answer(user, item)


class Act(ApiView):
    """One action of the transition table on one item."""

    policy = may_read_items

    @described(
        {200: ItemDetail},
        request=ActBody,
        parameters=(ACTION,),
        refuses=(404, 422),
        writes=True,
        operation_id="act",
    )
    def post(self, request: Request, item_id: int, action: str) -> Response:
        """Do it and return the item as it then stands."""
        body = self.read_body(ActBody)
        return self.write(lambda: self._act(request.user, item_id, action, body))

    def _act(
        self, user: User, item_id: int, action: str, body: dict[str, Any]
    ) -> Answer:
        item = perform(
            item_id=item_id,
            action=action,
            actor=user,
            expected_version=body["version"],
            reason=body.get("reason", ""),
            evidence=body.get("evidence"),
            options={name: body[name] for name in OPTIONS if name in body},
        )
        return item_answer(user, item)


class ItemDraft(ApiView):
    """What the person typed into an item and has not saved."""

    policy = may_read_items

    @described(
        {200: DraftKept},
        request=DraftBody,
        refuses=(404,),
        writes=True,
        operation_id="save_draft",
    )
    def put(self, request: Request, item_id: int) -> Response:
        """Keep the draft and say what would be missing with it; no event."""
        answers = self.read_body(DraftBody)["answers"]
        return self.write(lambda: self._keep(request.user, item_id, answers))

    def _keep(self, user: User, item_id: int, answers: dict[str, Any]) -> Answer:
        draft = save_draft(item_id=item_id, actor=user, answers=answers)
        gaps = item_view(user, item_id).asked.with_answers(answers).gaps()
        return answered(
            200,
            {
                **DraftSerializer(draft).data,
                "gaps": GapSerializer(gaps, many=True).data,
            },
        )
