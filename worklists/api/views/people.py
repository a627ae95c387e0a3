"""A manager's people; absences: known, recorded, changed, ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from worklists.api.base import ApiView, answered
from worklists.api.pagination import TAKES, cursor_of, paged, size_of
from worklists.api.schema import PAGE, PREVIEW, described, page_of
from worklists.api.serializers.bodies import EmptyBody
from worklists.api.serializers.staff import (
    AbsenceBody,
    AbsenceSerializer,
    MovedSerializer,
    PersonRow,
    UntilBody,
)
from worklists.models import Absence
from worklists.policies import anyone, may_see_people
from worklists.selectors.absences import absences_for
from worklists.selectors.keyset import Key, Ordering
from worklists.selectors.keyset import page as keyset_page
from worklists.selectors.pages.people import people_for
from worklists.selectors.people import id_of
from worklists.services import absences
from worklists.services.bulk_rows import Plan
from worklists.services.idempotency import Answer
from worklists.services.placing import by_person

NEWEST = Ordering("-id", (Key("id", descending=True),))


class People(ApiView):
    """The people below a manager or lead, as their page shows them."""

    policy = may_see_people

    @described({200: page_of("Person", PersonRow)}, operation_id="people")
    def get(self, request: Request) -> Response:
        """Return everybody at once: a manager has dozens, not thousands."""
        rows = PersonRow(people_for(request.user), many=True).data
        return Response(paged(request, rows))


def moved(
    status: int,
    absence: Absence | None,
    plan: Plan | None,
    passed_by: Mapping[str, Sequence[str]] | None = None,
    warnings: Sequence[str] = (),
) -> Answer:
    """Return what was moved, or would be."""
    plan = plan or Plan()
    said = {
        "absence": absence,
        "done": len(plan.placings),
        "by_person": by_person(plan),
        "passed_by": [
            {"why": why, "items": list(items)}
            for why, items in (passed_by or {}).items()
        ],
        "refused": plan.left,
        "warnings": list(warnings),
    }
    return answered(status, MovedSerializer(said).data)


class Absences(ApiView):
    """Absences: one's own, those one stands in for, and those of one's people."""

    policy = anyone
    takes = TAKES | {"preview"}

    @described(
        {200: page_of("Absence", AbsenceSerializer)},
        parameters=PAGE,
        operation_id="absences",
    )
    def get(self, request: Request) -> Response:
        """Return them, the newest first."""
        found = keyset_page(
            absences_for(request.user),
            NEWEST,
            cursor=cursor_of(request.query_params),
            size=size_of(request.query_params),
        )
        rows = AbsenceSerializer(found.rows, many=True).data
        return Response(paged(request, rows, found))

    @described(
        {200: MovedSerializer, 201: MovedSerializer},
        request=AbsenceBody,
        parameters=(PREVIEW,),
        refuses=(404,),
        writes=True,
        operation_id="absence_record",
    )
    def post(self, request: Request) -> Response:
        """Record one, or with ``?preview=1`` say what would happen."""
        given = self.read_body(AbsenceBody)
        given["user_id"] = id_of(given.pop("user"))
        if self.only_looks():
            seen = absences.preview_absence(actor=request.user, **given)
            done = seen.hand_over
            answer = moved(200, None, done.plan, done.passed_by, seen.warnings)
            return Response(answer.body)
        return self.write(lambda: self._record(request, given))

    def _record(self, request: Request, given: dict[str, Any]) -> Answer:
        absence, done = absences.record_absence(actor=request.user, **given)
        if done is None:
            return moved(201, absence, None)
        return moved(201, absence, done.plan, done.passed_by)


class AbsenceUntil(ApiView):
    """Another last day of an absence."""

    policy = anyone

    @described(
        {200: AbsenceSerializer},
        request=UntilBody,
        refuses=(404,),
        writes=True,
        operation_id="absence_until",
    )
    def post(self, request: Request, absence_id: int) -> Response:
        """Move the last day."""
        given = self.read_body(UntilBody)
        return self.write(lambda: self._change(request, absence_id, given))

    def _change(
        self, request: Request, absence_id: int, given: dict[str, Any]
    ) -> Answer:
        absence = absences.change_absence(
            actor=request.user, absence_id=absence_id, **given
        )
        return answered(200, AbsenceSerializer(absence).data)


class AbsenceEnd(ApiView):
    """The end of an absence: cancelled before it began, else the person is back."""

    policy = anyone

    @described(
        {200: MovedSerializer},
        request=EmptyBody,
        refuses=(404,),
        writes=True,
        operation_id="absence_end",
    )
    def post(self, request: Request, absence_id: int) -> Response:
        """End it and say what came back."""
        self.read_body(EmptyBody)
        return self.write(lambda: self._end(request, absence_id))

    def _end(self, request: Request, absence_id: int) -> Answer:
        absence, plan = absences.end_absence(actor=request.user, absence_id=absence_id)
        return moved(200, absence, plan)
