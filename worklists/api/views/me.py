"""Oneself and the queues one sees."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from worklists.api.base import ApiView
from worklists.api.pagination import paged
from worklists.api.schema import described, page_of
from worklists.api.serializers.people import (
    CountsSerializer,
    MeSerializer,
    MeWithCounts,
    PendReasonSerializer,
    QueueSerializer,
    RateSerializer,
)
from worklists.policies import anyone, may_read_items
from worklists.selectors.deferrals import active_pend_reasons
from worklists.selectors.people import me
from worklists.selectors.queues import queues_for
from worklists.selectors.review_facts import rates_of
from worklists.selectors.shell import waiting_for


class Me(ApiView):
    """The person who asks: roles, grants, and what waits for them."""

    policy = anyone

    @described({200: MeWithCounts}, operation_id="me")
    def get(self, request: Request) -> Response:
        """Return oneself."""
        counts = CountsSerializer(waiting_for(request.user).counts).data
        return Response({**MeSerializer(me(request.user)).data, "counts": counts})


class Queues(ApiView):
    """The active queues the person sees, with their figures."""

    policy = may_read_items

    @described({200: page_of("Queue", QueueSerializer)}, operation_id="queues")
    def get(self, request: Request) -> Response:
        """Return every queue at once: a site has dozens, not thousands."""
        rows = QueueSerializer(queues_for(request.user), many=True).data
        return Response(paged(request, rows))


class PendReasons(ApiView):
    """What ``pend`` takes as ``reason_code``."""

    policy = may_read_items

    @described(
        {200: page_of("PendReason", PendReasonSerializer)},
        operation_id="pend_reasons",
    )
    def get(self, request: Request) -> Response:
        """Return every reason that can be chosen now."""
        rows = PendReasonSerializer(active_pend_reasons(), many=True).data
        return Response(paged(request, rows))


class ReviewRates(ApiView):
    """How much of one's own work a senior looks at, by queue, and why."""

    policy = may_read_items

    @described({200: page_of("ReviewRate", RateSerializer)}, operation_id="rates")
    def get(self, request: Request) -> Response:
        """Return the rate of every queue the person works."""
        found = [
            {"queue": queue.slug, "rate": rate}
            for queue, rate in rates_of(request.user)
        ]
        return Response(paged(request, RateSerializer(found, many=True).data))
