"""Events as the API shows them."""

from __future__ import annotations

from rest_framework import serializers

from worklists.api.serializers.fields import AnyField


class WordsSerializer(serializers.Serializer):
    """A reason; ``said`` is null where the words were destroyed."""

    code = serializers.CharField()
    said = serializers.CharField(allow_null=True)
    redacted_at = serializers.DateTimeField(allow_null=True)


class EventSerializer(serializers.Serializer):
    """One act: when, who with the role that day, what, and its hash."""

    id = serializers.IntegerField()
    seq = serializers.IntegerField()
    action = serializers.CharField()
    words = serializers.CharField()
    at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    late = serializers.BooleanField(help_text="Recorded over 5 minutes apart.")
    actor = serializers.CharField()
    role = serializers.CharField()
    source = serializers.CharField()
    request_id = serializers.CharField()
    from_state = serializers.CharField(allow_null=True)
    to_state = serializers.CharField(allow_null=True)
    facts = serializers.DictField(child=AnyField())
    reason = WordsSerializer(allow_null=True)
    hash = serializers.CharField()
