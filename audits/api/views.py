"""The trail of a subject, or what meets the filters."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from audits.forms import TrailSearch
from audits.selectors import trail
from audits.selectors.trail_search import Filters, page_of, search
from worklists.api.base import ApiView
from worklists.api.pagination import TAKES, cursor_of, paged, size_of
from worklists.api.schema import PAGE, described
from worklists.api.schema import page_of as page_shape
from worklists.api.serializers.trail import EventSerializer
from worklists.errors import BadInput
from worklists.policies import may_read_trail
from worklists.selectors.item_trail import view_of
from worklists.services import reading

FILTERS = frozenset(TrailSearch.base_fields)


class SubjectEvent(EventSerializer):
    """One act and the chain it stands in."""

    subject = serializers.CharField(help_text="item:1, claim:1, user:1 or batch:1.")
    object = serializers.CharField(help_text="What a read or search was about.")
    seal = serializers.IntegerField(
        allow_null=True, help_text="The number of the seal that holds it, if any yet."
    )


class Trail(ApiView):
    """Events newest first; a claim's trail includes its items."""

    policy = may_read_trail
    takes = TAKES | FILTERS

    @described(
        {200: page_shape("SubjectEvent", SubjectEvent)},
        parameters=(
            OpenApiParameter("subject", str, description="Such as claim:1."),
            OpenApiParameter("action", str, description="Such as item.submitted."),
            OpenApiParameter("actor", str, description="A username, or worker."),
            OpenApiParameter("family", str, description="Such as read or item."),
            OpenApiParameter("nature", str, description="changes, reads or logins."),
            OpenApiParameter("role", str, description="A role held that day."),
            OpenApiParameter("kind", str, description="Of the chain: item, user …"),
            OpenApiParameter("queue", str, description="Slug of the queue."),
            OpenApiParameter("facility", str, description="Slug of the facility."),
            OpenApiParameter("source", str),
            OpenApiParameter("since", str, description="A day, such as 2026-11-01."),
            OpenApiParameter("until", str, description="A day, included."),
            *PAGE,
        ),
        refuses=(404,),
        operation_id="trail",
    )
    def get(self, request: Request) -> Response:
        """Return one page; the reading is recorded with the names of the filters."""
        params: Any = request.query_params
        filters = _filters(params)
        asked = search(request.user, filters)
        looked = page_of(asked, cursor=cursor_of(params), size=size_of(params))
        found = looked.page
        if looked.further:  # an empty page may have a next one: it looks further back
            found = replace(found, next=looked.further)
        _record(request, filters.subject, len(found.rows))
        events = [_event(line) for line in trail.lines(request.user, found.rows)]
        return Response(paged(request, SubjectEvent(events, many=True).data, found))


def _filters(params: QueryDict) -> Filters:
    form = TrailSearch(params)
    if not form.is_valid():
        raise BadInput(
            "Some filters cannot be read: " + ", ".join(sorted(form.errors)) + ".",
            fields={name: [*map(str, texts)] for name, texts in form.errors.items()},
        )
    return form.filters()


def _event(line: trail.Line) -> dict[str, Any]:
    event = line.event
    about = f"{event.object_kind}:{event.object_id}" if event.object_kind else ""
    return asdict(view_of(event, line.reason)) | {
        "subject": f"{event.subject_kind}:{event.subject_id}",
        "object": about,
        "seal": line.seal,
    }


def _record(request: Request, subject: str, rows: int) -> None:
    kind, number = trail.parse_subject(subject) if subject else ("", 0)
    reading.record(
        actor=request.user,
        action="read.trail" if subject else "search.trail",
        about=reading.subject(kind, number) if subject else None,
        facts={"filters": sorted(request.query_params), "rows": rows},
    )
