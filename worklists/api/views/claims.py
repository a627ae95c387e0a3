"""Claims as the kernel knows them."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from worklists.api.base import ApiView
from worklists.api.schema import described
from worklists.api.serializers.claims import (
    ClaimDetail,
    ClaimSerializer,
    NameSerializer,
)
from worklists.api.serializers.items import ItemRow
from worklists.policies import may_read_items
from worklists.selectors.claims import claim_for, items_of_claim
from worklists.services import reading
from worklists.throttles import Everything, Names


class Claim(ApiView):
    """One claim, its patient masked, with the items of it the person sees."""

    policy = may_read_items

    @described({200: ClaimDetail}, refuses=(404,), operation_id="claim")
    def get(self, request: Request, claim_id: int) -> Response:
        """Return the claim; that it was read is recorded on the person's chain."""
        claim = claim_for(request.user, claim_id)
        reading.record_claim_read(actor=request.user, claim=claim)
        items = ItemRow(items_of_claim(request.user, claim.pk), many=True).data
        return Response({**ClaimSerializer(claim).data, "items": items})


class ClaimName(ApiView):
    """The patient's name of a claim: asked for one at a time, each time recorded."""

    policy = may_read_items
    throttle_classes = (Everything, Names)

    @described(
        {200: NameSerializer}, request=None, refuses=(404,), operation_id="claim_name"
    )
    def post(self, request: Request, claim_id: int) -> Response:
        """Return the name; that it was read is recorded on the person's chain."""
        claim = claim_for(request.user, claim_id)
        reading.record_claim_name_read(actor=request.user, claim=claim)
        return Response({"patient_name": claim.patient_name})
