"""A person's own time on an item."""

from __future__ import annotations

from rest_framework import serializers

from worklists.api.serializers.fields import Strict
from worklists.services.time_on_items import LONGEST, MOST_MINUTES


class TimeBody(Strict):
    """How many minutes it was in all, and why that differs from what was counted."""

    minutes = serializers.IntegerField(min_value=0, max_value=MOST_MINUTES)
    reason = serializers.CharField(max_length=LONGEST)


class TimeSerializer(serializers.Serializer):
    """What stands now."""

    my_minutes = serializers.IntegerField()
