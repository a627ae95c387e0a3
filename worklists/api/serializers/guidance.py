"""Guidance and its versions, as sources of decisions are read."""

from __future__ import annotations

from rest_framework import serializers

from worklists.enums import GuidanceKind

KINDS = f"One of {', '.join(GuidanceKind.values)}."


class SourceSerializer(serializers.Serializer):
    """One source: what it counts for, and when somebody looks at it again."""

    slug = serializers.CharField(source="source.slug")
    name = serializers.CharField(source="source.name")
    kind = serializers.CharField(source="source.kind", help_text=KINDS)
    payer = serializers.CharField(
        source="source.payer.slug",
        allow_null=True,
        default=None,
        help_text="Null for every payer.",
    )
    specialty = serializers.CharField(
        source="source.specialty", help_text="Empty for every specialty."
    )
    review_on = serializers.DateField(source="source.review_on")
    stale = serializers.BooleanField(help_text="Its review day has passed.")
    retired_on = serializers.DateField(source="source.retired_on", allow_null=True)
    in_force = serializers.IntegerField(
        source="holds.number",
        allow_null=True,
        default=None,
        help_text="The version in force today; null when there is none.",
    )


class SaidVersionSerializer(serializers.Serializer):
    """One version with its text; in force from and to, both days in."""

    number = serializers.IntegerField(source="held.number")
    effective_from = serializers.DateField(source="held.since")
    effective_to = serializers.DateField(
        source="held.until",
        allow_null=True,
        help_text="Its own last day, or the day before the next version; null for none.",
    )
    source = serializers.CharField(source="row.source")
    body = serializers.CharField(source="row.body")
    checked_on = serializers.DateField(source="row.checked_on")
    written_by = serializers.CharField(
        source="row.written_by.username", allow_null=True, default=None
    )
    written_at = serializers.DateTimeField(source="row.written_at")


class GuidanceSerializer(SourceSerializer):
    """One source with all its versions, the newest number first."""

    versions = SaidVersionSerializer(many=True)
