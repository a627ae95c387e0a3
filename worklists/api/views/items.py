"""Items: lists, search, one item, its trail."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from worklists.api.base import ApiView, answered
from worklists.api.pagination import TAKES, cursor_of, paged, size_of
from worklists.api.schema import ITEM_LIST, PAGE, described, page_of
from worklists.api.serializers.bodies import OpenBody, SearchBody
from worklists.api.serializers.claims import ClaimBrief
from worklists.api.serializers.found import FoundSerializer
from worklists.api.serializers.items import ItemBrief, ItemDetail, ItemRow
from worklists.api.serializers.trail import EventSerializer
from worklists.filters import PAGING, ItemFilter, filtered, ordering_of
from worklists.models import User, WorkItem
from worklists.policies import may_read_items
from worklists.selectors.item import item_for, item_view
from worklists.selectors.item_trail import item_events
from worklists.selectors.items import item_page
from worklists.services import reading
from worklists.services.idempotency import Answer
from worklists.services.opening_by_hand import open_by_hand
from worklists.services.searching import search_items
from worklists.throttles import Everything, Searches


class Items(ApiView):
    """The items a person sees, filtered and ordered."""

    policy = may_read_items
    takes = frozenset(ItemFilter.base_filters) | PAGING

    @described(
        {200: page_of("ItemRow", ItemRow)}, parameters=ITEM_LIST, operation_id="items"
    )
    def get(self, request: Request) -> Response:
        """Return one page. Without ``state`` ended items are left out."""
        params = request.query_params
        page = item_page(
            request.user,
            filtered(request.user, params),
            ordering=ordering_of(params),
            cursor=cursor_of(params),
            size=size_of(params),
        )
        rows = ItemRow(page.rows, many=True).data
        return Response(paged(request, rows, page))

    @described(
        {201: ItemBrief},
        request=OpenBody,
        refuses=(404,),
        writes=True,
        operation_id="open_item",
    )
    def post(self, request: Request) -> Response:
        """Open an item about a claim; 409 ``duplicate`` names the one open already."""
        body = self.read_body(OpenBody)
        return self.write(lambda: self._open(request.user, body))

    def _open(self, user: User, body: dict[str, Any]) -> Answer:
        item = open_by_hand(
            actor=user,
            kind=body["kind"],
            claim_id=body["claim"],
            reason_code=body["reason_code"],
            reason_label=body["reason_label"],
        )
        return answered(201, ItemBrief(item).data, items=[])


class ItemSearch(ApiView):
    """Finding items by an item, claim or account number: in the body, logged."""

    policy = may_read_items
    throttle_classes = (Everything, Searches)

    @described(
        {200: FoundSerializer},
        request=SearchBody,
        refuses=(413, 415),
        operation_id="search_items",
    )
    def post(self, request: Request) -> Response:
        """Return what was found, at most 50 items; the search is recorded."""
        found = search_items(
            actor=request.user, text=self.read_body(SearchBody)["text"]
        )
        rows = ItemRow(found.items, many=True).data
        claims = ClaimBrief(found.claims, many=True).data
        more = {"matched": found.matched, "more": found.more, "claims": claims}
        return Response({**paged(request, rows), **more})


class Item(ApiView):
    """One item in full."""

    policy = may_read_items

    @described({200: ItemDetail}, refuses=(404,), operation_id="item")
    def get(self, request: Request, item_id: int) -> Response:
        """Return the item; that it was read is recorded on the person's chain."""
        view = item_view(request.user, item_id)
        record_read(request, view.item)
        return Response(ItemDetail(view).data)


def record_read(request: Request, item: WorkItem) -> None:
    """Record that the person read an item."""
    reading.record_item_read(
        actor=request.user,
        item_id=item.pk,
        facility_id=item.facility_id,
        queue_id=item.queue_id,
    )


class ItemTrail(ApiView):
    """What happened to an item, newest first."""

    policy = may_read_items
    takes = TAKES

    @described(
        {200: page_of("Event", EventSerializer)},
        parameters=PAGE,
        refuses=(404,),
        operation_id="item_trail",
    )
    def get(self, request: Request, item_id: int) -> Response:
        """Return a page of events; that the trail was read is recorded."""
        item = item_for(request.user, item_id)
        params: Any = request.query_params
        page = item_events(
            request.user, item.pk, cursor=cursor_of(params), size=size_of(params)
        )
        reading.record_trail_read(actor=request.user, item=item)
        rows = EventSerializer(page.events, many=True).data
        return Response(paged(request, rows, page))
