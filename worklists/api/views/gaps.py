"""Evidence gaps as a measure."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from worklists.api import schema
from worklists.api.base import ApiView
from worklists.api.schema import described
from worklists.api.serializers.gaps import GapsSerializer
from worklists.filters import GAPS, window_asked
from worklists.policies import may_measure
from worklists.selectors.gaps import gaps_for
from worklists.services.reading import record_gaps_read


class EvidenceGaps(ApiView):
    """What stops submits and what lies open, in the queues the person manages."""

    policy = may_measure
    takes = GAPS

    @described(
        {200: GapsSerializer}, parameters=schema.GAPS, operation_id="evidence_gaps"
    )
    def get(self, request: Request) -> Response:
        """Return one line for each queue and version of its evidence template."""
        days = window_asked(request.query_params)
        found = gaps_for(request.user, days=days)
        record_gaps_read(actor=request.user, days=days)
        return Response(GapsSerializer(found).data)
