"""What waits for seniors; authority to review: what is lent, lend it, take it back."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from worklists.api.base import ApiView, answered
from worklists.api.pagination import TAKES, cursor_of, paged, size_of
from worklists.api.schema import PAGE, described, page_of
from worklists.api.serializers.bodies import EmptyBody
from worklists.api.serializers.delegations import (
    BacklogSerializer,
    DelegationSerializer,
    LendBody,
)
from worklists.models import ReviewDelegation
from worklists.policies import may_see_delegations
from worklists.selectors.access import access_of
from worklists.selectors.backlog import backlog_of
from worklists.selectors.delegations import delegations_for
from worklists.selectors.keyset import Key, Ordering
from worklists.selectors.keyset import page as keyset_page
from worklists.selectors.people import id_of
from worklists.services import delegating
from worklists.services.idempotency import Answer

NEWEST = Ordering("-id", (Key("id", descending=True),))


def _answer(status: int, delegation: ReviewDelegation) -> Answer:
    return answered(status, DelegationSerializer(delegation).data)


class Backlog(ApiView):
    """What waits for seniors in the queues a person manages or reviews."""

    policy = may_see_delegations

    @described({200: BacklogSerializer}, operation_id="review_backlog")
    def get(self, request: Request) -> Response:
        """Return it by queue and by reviewer; the 1,000 that wait longest count."""
        access = access_of(request.user)
        found = backlog_of(request.user, access.manage | access.review)
        return Response(BacklogSerializer(found).data)


class Delegations(ApiView):
    """Authority that was lent: by oneself, to oneself, by one's people."""

    policy = may_see_delegations
    takes = TAKES

    @described(
        {200: page_of("Delegation", DelegationSerializer)},
        parameters=PAGE,
        operation_id="delegations",
    )
    def get(self, request: Request) -> Response:
        """Return them, the newest first."""
        found = keyset_page(
            delegations_for(request.user),
            NEWEST,
            cursor=cursor_of(request.query_params),
            size=size_of(request.query_params),
        )
        rows = DelegationSerializer(found.rows, many=True).data
        return Response(paged(request, rows, found))

    @described(
        {201: DelegationSerializer},
        request=LendBody,
        refuses=(404,),
        writes=True,
        operation_id="delegation_lend",
    )
    def post(self, request: Request) -> Response:
        """Lend it; without ``delegator`` it is one's own."""
        given = self.read_body(LendBody)
        return self.write(lambda: self._lend(request, given))

    def _lend(self, request: Request, given: dict[str, Any]) -> Answer:
        lender = given.pop("delegator", None)
        given["delegator_id"] = id_of(lender) if lender else request.user.pk
        return _answer(201, delegating.lend(actor=request.user, **given))


class DelegationEnd(ApiView):
    """The early end of a delegation."""

    policy = may_see_delegations

    @described(
        {200: DelegationSerializer},
        request=EmptyBody,
        refuses=(404,),
        writes=True,
        operation_id="delegation_end",
    )
    def post(self, request: Request, delegation_id: int) -> Response:
        """Take it back at once."""
        self.read_body(EmptyBody)
        return self.write(
            lambda: _answer(
                200,
                delegating.take_back(actor=request.user, delegation_id=delegation_id),
            )
        )
