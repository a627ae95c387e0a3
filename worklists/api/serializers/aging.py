"""The counts by age."""

from __future__ import annotations

from rest_framework import serializers

from worklists.api.serializers.fields import MoneyField


class BandSerializer(serializers.Serializer):
    """An age in whole days; the last band has no last day."""

    first = serializers.IntegerField()
    last = serializers.IntegerField(allow_null=True)


class CountSerializer(serializers.Serializer):
    """What had not ended, and of it what was overdue or untouched for 5 days."""

    items = serializers.IntegerField()
    amount = MoneyField()
    overdue = serializers.IntegerField()
    untouched = serializers.IntegerField()


class LineSerializer(serializers.Serializer):
    """One queue: a count for each band, and last one for what has no date."""

    queue = serializers.CharField(source="queue.slug", allow_null=True, default=None)
    buckets = CountSerializer(many=True)
    all = CountSerializer()
    change = serializers.IntegerField(
        allow_null=True, help_text="Items more than seven days before."
    )
    course = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="Items on each counted day of the last 30, the newest last.",
    )


class AgingDaySerializer(serializers.Serializer):
    """The newest day that all facilities have."""

    day = serializers.DateField()
    taken_at = serializers.DateTimeField()
    queues = LineSerializer(many=True, source="lines")
    total = LineSerializer()
    missing = serializers.ListField(
        child=serializers.DateField(), help_text="Days that nobody counted."
    )


class AgingSerializer(serializers.Serializer):
    """The newest count, null before anything was counted."""

    basis = serializers.CharField()
    bands = BandSerializer(many=True)
    aging = AgingDaySerializer(allow_null=True)
