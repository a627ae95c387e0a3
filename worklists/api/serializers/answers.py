"""What an answer was before."""

from __future__ import annotations

from rest_framework import serializers

from worklists.api.serializers.fields import AnyField, PersonField


class VersionSerializer(serializers.Serializer):
    """One version of an answer; ``value`` is null where it was destroyed."""

    version = serializers.IntegerField(source="number")
    value = AnyField()
    before = AnyField()
    by = PersonField()
    role = serializers.CharField()
    action = serializers.CharField()
    at = serializers.DateTimeField()
    form = serializers.CharField()
    redacted_at = serializers.DateTimeField(allow_null=True)


class FileUseSerializer(serializers.Serializer):
    """A file that stood for a field, also one that was taken off."""

    id = serializers.IntegerField(source="file.pk")
    file_name = serializers.CharField(source="file.file_name")
    page = serializers.CharField(source="file.page")
    sha256 = serializers.CharField(source="file.sha256")
    added_by = PersonField(source="file.added_by")
    added_at = serializers.DateTimeField(source="file.added_at")
    taken_off_by = serializers.CharField()
    taken_off_at = serializers.DateTimeField(allow_null=True)


class PastSerializer(serializers.Serializer):
    """The history of one field, newest first."""

    field = serializers.CharField(source="name")
    versions = VersionSerializer(many=True)
    files = FileUseSerializer(many=True)
