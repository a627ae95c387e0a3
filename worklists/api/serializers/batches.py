"""Files that came in."""

from __future__ import annotations

from rest_framework import serializers

from worklists.api.serializers.fields import AnyField
from worklists.enums import BatchStatus


class Received(serializers.Serializer):
    """The batch of a file that was taken in."""

    batch = serializers.IntegerField()


class FindingSerializer(serializers.Serializer):
    """Something doubtful, and where in the file."""

    code = serializers.CharField()
    segment = serializers.IntegerField()
    position = serializers.IntegerField(help_text="Byte offset.")
    message = serializers.CharField()


class ProgressSerializer(serializers.Serializer):
    """How far a file has been read."""

    bytes_read = serializers.IntegerField()
    size = serializers.IntegerField()
    percent = serializers.IntegerField()
    finished = serializers.BooleanField()


class BatchSerializer(serializers.Serializer):
    """The report of a file (CONTRACT 2); sections ``835``, ``837``, ``27x`` beside."""

    batch = serializers.IntegerField()
    file = serializers.CharField()
    sha256 = serializers.CharField()
    status = serializers.ChoiceField(choices=BatchStatus.choices)
    transactions = serializers.ListField(child=serializers.DictField(child=AnyField()))
    created = serializers.DictField(child=AnyField())
    warnings = FindingSerializer(many=True)
    errors = FindingSerializer(many=True)
    progress = ProgressSerializer()
