"""How old the work is, as it was counted when the day began."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from worklists import priority
from worklists.api import schema
from worklists.api.base import ApiView
from worklists.api.schema import described
from worklists.api.serializers.aging import AgingSerializer
from worklists.filters import AGES, ages_asked
from worklists.policies import may_read_items
from worklists.selectors.aging import aging_for


class Aging(ApiView):
    """The newest daily count by age of the queues and facilities the person sees."""

    policy = may_read_items
    takes = AGES

    @described({200: AgingSerializer}, parameters=schema.AGES, operation_id="aging")
    def get(self, request: Request) -> Response:
        """Return the newest day; ``day`` is null before anything was counted."""
        asked = ages_asked(request.user, request.query_params)
        found = aging_for(request.user, basis=asked.basis, facilities=asked.ids)
        bands = [{"first": a, "last": b} for a, b in priority.age_bands()]
        said = {"basis": asked.basis, "bands": bands, "aging": found}
        return Response(AgingSerializer(said).data)
