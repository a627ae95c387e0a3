"""The history of an item's answers."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from worklists.api.base import ApiView
from worklists.api.pagination import paged
from worklists.api.schema import described, page_of
from worklists.api.serializers.answers import PastSerializer
from worklists.api.views.items import record_read
from worklists.policies import may_read_items
from worklists.selectors.answer_history import pasts_of
from worklists.selectors.item import item_for

FIELD = OpenApiParameter("field", str, description="One field only, by its name.")


class Answers(ApiView):
    """Every version of every answer of an item, and the files that stood for them."""

    policy = may_read_items
    takes = frozenset({"field"})

    @described(
        {200: page_of("Past", PastSerializer)},
        parameters=(FIELD,),
        refuses=(404,),
        operation_id="answers",
    )
    def get(self, request: Request, item_id: int) -> Response:
        """Return the histories and record that the item was read."""
        item = item_for(request.user, item_id)
        record_read(request, item)
        pasts = pasts_of(item, request.query_params.get("field", ""))
        return Response(paged(request, PastSerializer(pasts, many=True).data))
