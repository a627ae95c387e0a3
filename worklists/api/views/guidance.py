"""Guidance to be read: the shelf, and one source with everything it says and said."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from worklists.api.base import ApiView
from worklists.api.pagination import paged
from worklists.api.schema import described, page_of
from worklists.api.serializers.guidance import GuidanceSerializer, SourceSerializer
from worklists.policies import anyone
from worklists.selectors.guidance_pages import Asked, shelf, shelf_line, whole
from worklists.selectors.site import site_today


class GuidanceList(ApiView):
    """Every source that is not retired, with its version in force today."""

    policy = anyone

    @described({200: page_of("Guidance", SourceSerializer)}, operation_id="guidance")
    def get(self, request: Request) -> Response:
        """Return the sources at once: a site has dozens, not thousands."""
        lines = shelf(Asked(), site_today())
        return Response(paged(request, SourceSerializer(lines, many=True).data))


class Guidance(ApiView):
    """One source with all its versions, also a retired one."""

    policy = anyone

    @described({200: GuidanceSerializer, 404: None}, operation_id="source")
    def get(self, _request: Request, slug: str) -> Response:
        """Return the source; an answer cites it by ``slug`` and ``number``."""
        found = whole(slug)
        line = shelf_line(found, site_today())
        said = {name: getattr(line, name) for name in ("source", "holds", "stale")}
        return Response(GuidanceSerializer(said | {"versions": found.versions}).data)
