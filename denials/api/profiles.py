"""Payer profiles in the API: what holds, and a deadline counted by it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from denials.enums import ContractStatus, DayCount, StartEvent
from denials.selectors.profile_pages import ProfileRow, profile_rows
from denials.selectors.profiles import (
    counted_for,
    facility_of,
    profile_of,
    site_calendar,
)
from worklists.api.base import ApiView
from worklists.api.schema import described
from worklists.api.serializers.fields import MoneyField, Strict
from worklists.context import now
from worklists.policies import anyone


class FloorSerializer(serializers.Serializer):
    """The least amount in dispute in one year."""

    year = serializers.IntegerField()
    amount = MoneyField()
    source = serializers.CharField()
    verified_on = serializers.DateField(allow_null=True)


class LevelSerializer(serializers.Serializer):
    """One step; level 0 is filing the claim. A limit is in days or in months."""

    level = serializers.IntegerField()
    name = serializers.CharField()
    decided_by = serializers.CharField()
    days = serializers.IntegerField(allow_null=True)
    months = serializers.IntegerField(allow_null=True)
    count = serializers.ChoiceField(choices=DayCount.choices)
    start_event = serializers.ChoiceField(choices=StartEvent.choices)
    presumed_receipt_days = serializers.IntegerField()
    moves_to_business_day = serializers.BooleanField()
    answer_days = serializers.IntegerField(allow_null=True)
    margin_days = serializers.IntegerField(
        allow_null=True, help_text="Of the safety net; null as the service level says."
    )
    source = serializers.CharField()
    verified_on = serializers.DateField(allow_null=True)
    verified_by = serializers.CharField()
    floors = FloorSerializer(many=True)
    warnings = serializers.ListField(child=serializers.CharField())


FACTS = [
    name
    for name in LevelSerializer().get_fields()
    if name not in {"floors", "warnings"}
]


class ProfileSerializer(serializers.Serializer):
    """A profile and the version that holds for a decision of today."""

    slug = serializers.CharField()
    name = serializers.CharField()
    plan_type = serializers.CharField()
    contract = serializers.ChoiceField(choices=ContractStatus.choices)
    version = serializers.IntegerField(allow_null=True)
    effective_from = serializers.DateField(allow_null=True)
    waits = serializers.BooleanField(help_text="A version is written or waits.")
    payers = serializers.ListField(child=serializers.CharField())
    levels = LevelSerializer(many=True)


class ProfileListSerializer(serializers.Serializer):
    """All profiles: a site has a handful, so they come in one answer."""

    results = ProfileSerializer(many=True)


class DeadlineBody(Strict):
    """Which step, from which dates, on whose calendar."""

    level = serializers.IntegerField(min_value=0, max_value=20)
    notice = serializers.DateField(
        help_text="Date on the notice or remittance; for level 0 the last day of service."
    )
    received = serializers.DateField(required=False, allow_null=True)
    facility = serializers.SlugField(
        required=False, help_text="Whose business days count; the default one's."
    )


class DeadlineSerializer(serializers.Serializer):
    """A deadline and what it stands on."""

    due_on = serializers.DateField()
    act_by = serializers.DateField()
    start_event = serializers.ChoiceField(choices=StartEvent.choices)
    start_on = serializers.DateField()
    days = serializers.IntegerField()
    basis = serializers.CharField()
    source = serializers.CharField()
    verified_on = serializers.DateField(allow_null=True)
    version = serializers.IntegerField()
    floor = MoneyField(allow_null=True)
    warnings = serializers.ListField(child=serializers.CharField())


class Profiles(ApiView):
    """Payer profiles and what holds today."""

    policy = anyone

    @described({200: ProfileListSerializer}, operation_id="payer_profiles")
    def get(self, request: Request) -> Response:  # noqa: ARG002 - the same for everybody
        """Return all of them by name."""
        rows = profile_rows(timezone.localtime(now()).date())
        shown = {"results": [_shown(row) for row in rows]}
        return Response(ProfileListSerializer(shown).data)


class Deadline(ApiView):
    """A deadline by the version that holds for the notice; nothing is stored."""

    policy = anyone

    @described(
        {200: DeadlineSerializer},
        request=DeadlineBody,
        refuses=(404,),
        operation_id="payer_profile_deadline",
    )
    def post(self, request: Request, slug: str) -> Response:  # noqa: ARG002 - read below
        """Count it."""
        profile_of(slug)
        body = self.read_body(DeadlineBody)
        found = counted_for(
            slug,
            body["level"],
            notice_on=body["notice"],
            received_on=body.get("received"),
            calendar=site_calendar(facility_of(body.get("facility"))),
            today=timezone.localtime(now()).date(),
        )
        warnings = [w for w in (found.warning, found.floor_warning) if w]
        return Response(
            {
                **found.deadline.as_json(),
                "version": found.version.number,
                "floor": str(found.floor.amount) if found.floor else None,
                "warnings": warnings,
            }
        )


def _shown(row: ProfileRow) -> dict[str, Any]:
    profile, holds = row.profile, row.holds
    return {
        "slug": profile.slug,
        "name": profile.name,
        "plan_type": profile.plan_type,
        "contract": profile.contract,
        "version": holds.number if holds else None,
        "effective_from": holds.effective_from if holds else None,
        "waits": row.open is not None,
        "payers": [payer.slug for payer in row.payers],
        "levels": [
            {
                **{name: getattr(step.level, name) for name in FACTS},
                "floors": [floor for floor, _, _ in step.floors],
                "warnings": step.warnings,
            }
            for step in row.steps
        ],
    }
