"""The task-class table; what the system did by itself, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from worklists.api.base import ApiView
from worklists.api.pagination import TAKES, cursor_of, paged, size_of
from worklists.api.schema import PAGE, described, page_of
from worklists.api.serializers.items import ItemDetail
from worklists.api.serializers.task_classes import (
    DoneSerializer,
    ReverseBody,
    TableSerializer,
)
from worklists.api.views.acts import item_answer
from worklists.errors import BadInput
from worklists.models import User
from worklists.policies import anyone
from worklists.selectors.automatic_acts import (
    ALL,
    BACK,
    LEFT,
    automatic_acts,
    may_see_automatic,
)
from worklists.selectors.task_classes import table
from worklists.services.idempotency import Answer
from worklists.services.reversing import reverse
from worklists.task_classes import SYSTEM, TABLE

SHOWS = (BACK, ALL, LEFT)
SHOW = OpenApiParameter(
    "show",
    str,
    enum=SHOWS,
    default=BACK,
    description="What can be taken back, everything, or what was left to people.",
)
ACTS = [act.code for act in SYSTEM]
ACT = OpenApiParameter("act", str, enum=ACTS)


@dataclass(frozen=True, slots=True)
class _Neighbours:
    next: str | None
    previous: str | None


class TaskClasses(ApiView):
    """Which acts are human only, assisted and automatic."""

    policy = anyone

    @described({200: TableSerializer}, operation_id="task_classes")
    def get(self, _request: Request) -> Response:
        """Return the table in force with its version."""
        holds = table()
        shown: dict[str, Any] = {"version": holds.version, "acts": TABLE}
        return Response(TableSerializer(shown, context={"table": holds}).data)


class AutomaticActs(ApiView):
    """What the system did to items without a person, newest first."""

    policy = may_see_automatic
    takes = TAKES | {"show", "act"}

    @described(
        {200: page_of("AutomaticAct", DoneSerializer)},
        parameters=(*PAGE, SHOW, ACT),
        operation_id="automatic_acts",
    )
    def get(self, request: Request) -> Response:
        """Return one page. It may hold fewer rows than asked for and still lead on."""
        params = request.query_params
        found = automatic_acts(
            request.user,
            show=_one_of("show", params.get("show") or BACK, SHOWS),
            act=_one_of("act", params.get("act") or "", ("", *ACTS)),
            cursor=cursor_of(params),
            size=size_of(params),
        )
        rows = DoneSerializer(found.rows, many=True).data
        around = _Neighbours(
            found.next or found.further or None, found.previous or None
        )
        return Response(paged(request, rows, around))


def _one_of(name: str, value: str, known: Any) -> str:
    if value in known:
        return value
    message = f"Choose one of {', '.join(filter(None, map(str, known)))}."
    raise BadInput(message, fields={name: [message]})


class AutomaticActReverse(ApiView):
    """Taking one act of the system back."""

    policy = may_see_automatic

    @described(
        {200: ItemDetail},
        request=ReverseBody,
        refuses=(404,),
        writes=True,
        operation_id="automatic_act_reverse",
    )
    def post(self, request: Request, event_id: int) -> Response:
        """Do it as an act of the person; 409 where it was done, or the item went on."""
        body = self.read_body(ReverseBody)
        return self.write(lambda: self._reverse(request.user, event_id, body))

    def _reverse(self, user: User, event_id: int, body: dict[str, Any]) -> Answer:
        done = reverse(actor=user, event_id=event_id, **body)
        return item_answer(user, done.item)
