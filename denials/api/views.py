"""The list of denials."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from denials.api.serializers import DenialSerializer
from denials.enums import DenialKind, DenialStatus
from denials.filters import PAGING, DenialFilter, filtered
from worklists.api.base import ApiView
from worklists.api.pagination import cursor_of, paged, size_of
from worklists.api.schema import PAGE, described, page_of
from worklists.policies import may_read_items
from worklists.selectors.keyset import Key, Ordering, page

NEWEST = Ordering("-id", (Key("id", descending=True),))
_ID = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
FILTERS = (
    OpenApiParameter("kind", str, enum=DenialKind.values),
    OpenApiParameter("status", str, enum=DenialStatus.values),
    OpenApiParameter("item", _ID),
    OpenApiParameter("claim", _ID),
    OpenApiParameter("carc", str, description="CARC, such as 97."),
    OpenApiParameter("defect_class", str),
    *PAGE,
)


class Denials(ApiView):
    """Denials the person sees, newest first; deciding one is an act on its item."""

    policy = may_read_items
    takes = frozenset(DenialFilter.base_filters) | PAGING

    @described(
        {200: page_of("Denial", DenialSerializer)},
        parameters=FILTERS,
        operation_id="denials",
    )
    def get(self, request: Request) -> Response:
        """Return one page."""
        params = request.query_params
        rows = filtered(request.user, params).select_related("decided_by")
        found = page(rows, NEWEST, cursor=cursor_of(params), size=size_of(params))
        return Response(
            paged(request, DenialSerializer(found.rows, many=True).data, found)
        )
