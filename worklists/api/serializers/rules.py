"""Rules of the house and their versions."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from worklists.enums import RuleKind, RuleState

# Words and not closed sets: several things of the API have a kind and a state.
KINDS = f"One of {', '.join(RuleKind.values)}."
STATES = f"One of {', '.join(RuleState.values)}."


class RuleLineSerializer(serializers.Serializer):
    """One rule of the index."""

    kind = serializers.CharField(help_text=KINDS)
    slug = serializers.CharField()
    name = serializers.CharField()
    version = serializers.IntegerField(help_text="The version in force; 0 is none yet.")
    waiting = serializers.IntegerField(
        source="waiting.number",
        allow_null=True,
        default=None,
        help_text="The version that waits for another person, or for its day.",
    )
    used_by = serializers.IntegerField(help_text="Queues or facilities that follow it.")


class SaidSerializer(serializers.Serializer):
    """What somebody said with an act; null where the words were destroyed."""

    act = serializers.CharField()
    by = serializers.CharField(source="said_by.username", allow_null=True, default=None)
    at = serializers.DateTimeField(source="said_at")
    words = serializers.CharField(source="value", allow_null=True)


class RuleVersionSerializer(serializers.Serializer):
    """One version, whole."""

    number = serializers.IntegerField()
    state = serializers.CharField(help_text=STATES)
    content = serializers.JSONField(help_text="The whole rule, by the kind of rule.")
    effective_from = serializers.DateField(allow_null=True)
    proposed_by = serializers.CharField(
        source="proposed_by.username", allow_null=True, default=None
    )
    decided_by = serializers.CharField(
        source="decided_by.username", allow_null=True, default=None
    )
    in_force_at = serializers.DateTimeField(allow_null=True)
    said = serializers.SerializerMethodField()

    @extend_schema_field(SaidSerializer(many=True))
    def get_said(self, version):
        """Return the reasons given; a version as it was found has none."""
        rows = version.words.all() if version.pk else ()
        return SaidSerializer(rows, many=True).data


class RuleSerializer(serializers.Serializer):
    """One rule: which version is in force, and all of them, the newest first."""

    kind = serializers.CharField(help_text=KINDS)
    slug = serializers.CharField()
    in_force = serializers.IntegerField(
        allow_null=True, help_text="Null while its first version waits."
    )
    versions = RuleVersionSerializer(many=True)
