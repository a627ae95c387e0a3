"""Acts on many items at once: looked at first, done, taken back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from worklists.api.base import ApiView, answered
from worklists.api.schema import PREVIEW, described
from worklists.api.serializers.bodies import (
    DeferBody,
    EmptyBody,
    ManyBody,
    PrioritizeBody,
    ReassignBody,
)
from worklists.api.serializers.found import BulkDone
from worklists.enums import BulkKind
from worklists.errors import BadInput
from worklists.filters import filtered
from worklists.models import BulkAct, User
from worklists.policies import may_act_on_many, may_read_items
from worklists.selectors.access import visible_to
from worklists.services.approving import approve_many, preview_approval
from worklists.services.bulk_rows import MOST, Plan
from worklists.services.bulk_writing import Done
from worklists.services.deferring import defer, preview_deferral
from worklists.services.idempotency import Answer
from worklists.services.placing import by_person
from worklists.services.prioritizing import preview_priority, prioritize
from worklists.services.reassigning import preview, reassign
from worklists.services.releasing import preview_release, release
from worklists.services.taking_back import take_back


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


def plan_answer(plan: Plan, act: BulkAct | None, kind: str) -> Answer:
    """Return what was done, or would be, and every item that stays with its reason."""
    said = {
        "bulk_act": act.pk if act else None,
        "done": len(plan.placings),
        "by_person": by_person(plan) if kind == BulkKind.REASSIGNED else {},
        "refused": [
            {"id": left.id, "number": left.number, "why": left.why}
            for left in plan.left
        ],
    }
    return answered(200, BulkDone(said).data)


class BulkView(ApiView, ABC):
    """One act on many items: looked at with ``?preview=1``, or done."""

    policy = may_act_on_many
    takes = frozenset({"preview"})
    body: type[ManyBody]
    kind: BulkKind

    @abstractmethod
    def look(self, user: User, chosen: list[int], body: dict[str, Any]) -> Plan:
        """Return what would be done."""

    @abstractmethod
    def do(self, user: User, chosen: list[int], body: dict[str, Any]) -> Done:
        """Do it."""

    def answer(self, request: Request) -> Response:
        """Do it, or say what would be done and change nothing."""
        body = self.read_body(self.body)
        chosen = chosen_by(request.user, body)
        if self.only_looks():
            plan = self.look(request.user, chosen, body)
            return Response(plan_answer(plan, None, self.kind).body)
        return self.write(lambda: self._done(request.user, chosen, body))

    def _done(self, user: User, chosen: list[int], body: dict[str, Any]) -> Answer:
        done = self.do(user, chosen, body)
        return plan_answer(done.plan, done.act, self.kind)


def _bulk(name: str, body: type[ManyBody]) -> Callable[[Any], Any]:
    return described(
        {200: BulkDone},
        request=body,
        parameters=(PREVIEW,),
        writes=True,
        operation_id=f"bulk_{name}",
    )


class BulkReassign(BulkView):
    """Giving many items to a person, to several in turn, or back to the pool."""

    body = ReassignBody
    kind = BulkKind.REASSIGNED

    @_bulk("reassign", ReassignBody)
    def post(self, request: Request) -> Response:
        """Do it, or with ``?preview=1`` say what would be done and change nothing."""
        return self.answer(request)

    def look(self, user: User, chosen: list[int], body: dict[str, Any]) -> Plan:
        """Return who would get what."""
        return preview(actor=user, chosen=chosen, **_whom(body))

    def do(self, user: User, chosen: list[int], body: dict[str, Any]) -> Done:
        """Give the items away."""
        reason = body.get("reason", "")
        return reassign(actor=user, chosen=chosen, reason=reason, **_whom(body))


def _whom(body: dict[str, Any]) -> dict[str, Any]:
    return {"to": body["to"], "even_away": body.get("even_away", False)}


class BulkDefer(BulkView):
    """Letting many items rest until a moment."""

    body = DeferBody
    kind = BulkKind.DEFERRED

    @_bulk("defer", DeferBody)
    def post(self, request: Request) -> Response:
        """Do it, or with ``?preview=1`` say what would be done and change nothing."""
        return self.answer(request)

    def look(self, user: User, chosen: list[int], body: dict[str, Any]) -> Plan:
        """Return which would rest."""
        asked = {name: body[name] for name in ("until", "reason_code")}
        return preview_deferral(actor=user, chosen=chosen, **asked)

    def do(self, user: User, chosen: list[int], body: dict[str, Any]) -> Done:
        """Let them rest."""
        asked = {name: body[name] for name in ("until", "reason_code")}
        reason = body.get("reason", "")
        return defer(actor=user, chosen=chosen, reason=reason, **asked)


class BulkPrioritize(BulkView):
    """Raising or lowering many items by hand."""

    body = PrioritizeBody
    kind = BulkKind.PRIORITIZED

    @_bulk("prioritize", PrioritizeBody)
    def post(self, request: Request) -> Response:
        """Do it, or with ``?preview=1`` say what would be done and change nothing."""
        return self.answer(request)

    def look(self, user: User, chosen: list[int], body: dict[str, Any]) -> Plan:
        """Return which would be raised or lowered."""
        return preview_priority(actor=user, chosen=chosen, level=body["level"])

    def do(self, user: User, chosen: list[int], body: dict[str, Any]) -> Done:
        """Raise or lower them."""
        level, reason = body["level"], body.get("reason", "")
        return prioritize(actor=user, chosen=chosen, level=level, reason=reason)


class BulkRelease(BulkView):
    """Giving many items that one holds back to their queues."""

    body = ManyBody
    kind = BulkKind.RELEASED

    @_bulk("release", ManyBody)
    def post(self, request: Request) -> Response:
        """Do it, or with ``?preview=1`` say what would be done and change nothing."""
        return self.answer(request)

    def look(
        self,
        user: User,
        chosen: list[int],
        body: dict[str, Any],  # noqa: ARG002 - asked of every act on many
    ) -> Plan:
        """Return which would go back."""
        return preview_release(actor=user, chosen=chosen)

    def do(self, user: User, chosen: list[int], body: dict[str, Any]) -> Done:
        """Give them back."""
        return release(actor=user, chosen=chosen, reason=body.get("reason", ""))


class BulkApprove(BulkView):
    """Approving several reviews at once; what was flagged stays. Not undone."""

    body = ManyBody
    kind = BulkKind.APPROVED

    @_bulk("approve", ManyBody)
    def post(self, request: Request) -> Response:
        """Do it, or with ``?preview=1`` say what would be done and change nothing."""
        return self.answer(request)

    def look(
        self,
        user: User,
        chosen: list[int],
        body: dict[str, Any],  # noqa: ARG002 - asked of every act on many
    ) -> Plan:
        """Return which would be approved."""
        return preview_approval(actor=user, chosen=dict.fromkeys(chosen))

    def do(self, user: User, chosen: list[int], body: dict[str, Any]) -> Done:
        """Approve them."""
        reason = body.get("reason", "")
        return approve_many(actor=user, chosen=dict.fromkeys(chosen), reason=reason)


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
        kind = done.act.kind if done.act else ""
        return plan_answer(done.plan, done.act, kind)
