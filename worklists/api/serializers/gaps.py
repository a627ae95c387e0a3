"""Evidence gaps as a measure."""

from __future__ import annotations

from rest_framework import serializers


class MissingSerializer(serializers.Serializer):
    """One field that stopped submits."""

    field = serializers.CharField(source="name")
    label = serializers.CharField()
    step = serializers.BooleanField(source="is_step")
    submits = serializers.IntegerField()
    items = serializers.IntegerField()


class InHandSerializer(serializers.Serializer):
    """Items somebody holds, by how complete what is saved is."""

    items = serializers.IntegerField()
    complete = serializers.IntegerField()
    part = serializers.IntegerField()
    nothing = serializers.IntegerField()
    done = serializers.IntegerField(help_text="Mandatory fields and steps complete.")
    asked = serializers.IntegerField()


class GapLineSerializer(serializers.Serializer):
    """One queue and version of its evidence template."""

    queue = serializers.CharField(source="queue.slug")
    template = serializers.CharField(source="template.slug")
    version = serializers.IntegerField(source="template.version")
    first = serializers.IntegerField(help_text="Items first submitted, or tried.")
    clean = serializers.IntegerField(help_text="Of them, without a gap.")
    share = serializers.IntegerField(
        allow_null=True, help_text="Clean of first in percent, null without any."
    )
    refused = serializers.IntegerField(help_text="Submits that gaps stopped.")
    stopped = serializers.IntegerField(help_text="Items they were of.")
    missing = MissingSerializer(many=True)
    in_hand = InHandSerializer(source="hand")


class GapsSerializer(serializers.Serializer):
    """The measure over a window of days."""

    days = serializers.IntegerField()
    lines = GapLineSerializer(many=True)
    cut = serializers.ListField(
        child=serializers.CharField(),
        source="cut_slugs",
        help_text="Queues of which only the newest 2,000 tries are counted.",
    )
