"""Rules of the house, to be read: what decides today, and what decided before."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from worklists.api.base import ApiView
from worklists.api.pagination import paged
from worklists.api.schema import described, page_of
from worklists.api.serializers.rules import RuleLineSerializer, RuleSerializer
from worklists.enums import RuleKind
from worklists.errors import NotVisible
from worklists.policies import anyone
from worklists.selectors import rules


class Rules(ApiView):
    """Every rule, with the version in force and the one that waits."""

    policy = anyone

    @described({200: page_of("Rule", RuleLineSerializer)}, operation_id="rules")
    def get(self, request: Request) -> Response:
        """Return every rule at once: a site has dozens, not thousands."""
        lines = [line for _, lines in rules.index() for line in lines]
        return Response(paged(request, RuleLineSerializer(lines, many=True).data))


class Rule(ApiView):
    """One rule with all its versions."""

    policy = anyone

    @described({200: RuleSerializer, 404: None}, operation_id="rule")
    def get(self, _request: Request, kind: str, slug: str) -> Response:
        """Return the rule; ``content`` is what its kind of rule says."""
        if kind not in RuleKind.values:
            raise NotVisible("There is no such kind of rule.")
        versions = rules.versions_of(kind, slug)
        holds = rules.in_force_of(versions)
        said = {
            "kind": kind,
            "slug": slug,
            "in_force": holds.number if holds else None,
            "versions": versions,
        }
        return Response(RuleSerializer(said).data)
