"""Acts on many items at once: looked at first, done, taken back."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from worklists.api.base import ApiView, answered
from worklists.api.schema import PREVIEW, described
from worklists.api.serializers.bodies import EmptyBody, ReassignBody
from worklists.api.serializers.found import BulkDone
from worklists.errors import BadInput
from worklists.filters import filtered
from worklists.models import BulkAct, User
from worklists.policies import may_read_items
from worklists.selectors.access import visible_to
from worklists.services.idempotency import Answer
from worklists.services.placing import MOST, Plan
from worklists.services.reassigning import preview, reassign, take_back


def chosen_by(user: User, body: dict[str, Any]) -> list[int]:
    """Return the ids of the items that a body names or its filter finds."""
    if ("items" in body) == ("filter" in body):
        raise BadInput(
            "Name items or a filter, one of the two.",
            fields={"items": ["Name items or a filter, one of the two."]},
        )
    if "items" in body:
        return list(dict.fromkeys(body["items"]))
    rows = filtered(user, body["filter"], visible_to(user)).order_by("pk")
    found = list(rows.values_list("pk", flat=True)[: MOST + 1])
    if not found or len(found) > MOST:
        why = f"more than {MOST:,} items: narrow it" if found else "no item"
        raise BadInput(f"This filter finds {why}.", fields={"filter": [why]})
    return found


def plan_answer(plan: Plan, act: BulkAct | None) -> Answer:
    """Return what was done, or would be, and every item that stays with its reason."""
    said = {
        "bulk_act": act.pk if act else None,
        "done": len(plan.placings),
        "by_person": plan.by_person(),
        "refused": [
            {"id": left.id, "number": left.number, "why": left.why}
            for left in plan.left
        ],
    }
    return answered(200, BulkDone(said).data)


class BulkReassign(ApiView):
    """Giving many items to a person, to several in turn, or back to the pool."""

    policy = may_read_items
    takes = frozenset({"preview"})

    @described(
        {200: BulkDone},
        request=ReassignBody,
        parameters=(PREVIEW,),
        writes=True,
        operation_id="bulk_reassign",
    )
    def post(self, request: Request) -> Response:
        """Do it, or with ``?preview=1`` say what would be done and change nothing."""
        body = self.read_body(ReassignBody)
        chosen = chosen_by(request.user, body)
        looked = request.query_params.get("preview", "0")
        if looked not in {"0", "1"}:
            raise BadInput("preview is 1 or 0.", fields={"preview": ["1 or 0"]})
        if looked == "1":
            plan = preview(actor=request.user, chosen=chosen, to=body["to"])
            answer = plan_answer(plan, None)
            return Response(answer.body)
        return self.write(lambda: self._act(request.user, chosen, body))

    def _act(self, user: User, chosen: list[int], body: dict[str, Any]) -> Answer:
        done = reassign(
            actor=user, chosen=chosen, to=body["to"], reason=body.get("reason", "")
        )
        return plan_answer(done.plan, done.act)


class BulkActUndo(ApiView):
    """Taking one's own bulk act back within half an hour."""

    policy = may_read_items

    @described(
        {200: BulkDone},
        request=EmptyBody,
        refuses=(404,),
        writes=True,
        operation_id="bulk_act_undo",
    )
    def post(self, request: Request, bulk_act_id: int) -> Response:
        """Put the items back; those that changed since stay and are named."""
        self.read_body(EmptyBody)
        return self.write(lambda: self._act(request.user, bulk_act_id))

    def _act(self, user: User, bulk_act_id: int) -> Answer:
        done = take_back(actor=user, bulk_act_id=bulk_act_id)
        return plan_answer(done.plan, done.act)
