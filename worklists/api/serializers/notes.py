"""Notes on an item."""

from __future__ import annotations

from rest_framework import serializers

from worklists.api.serializers.fields import PersonField, Strict
from worklists.services.notes import LONGEST


class NoteMarks(serializers.Serializer):
    """What stands around a note's words: answers kept for repeats hold no more."""

    id = serializers.IntegerField()
    private = serializers.BooleanField()
    by = PersonField()
    roles = serializers.ListField(child=serializers.CharField())
    said_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    withdrawn_by = PersonField(allow_null=True)


class NoteSerializer(NoteMarks):
    """One note; ``text`` is null where the words were destroyed."""

    text = serializers.CharField(allow_null=True)


class NoteBody(Strict):
    """The words of a note, and whether they are for their author alone."""

    text = serializers.CharField(max_length=LONGEST)
    private = serializers.BooleanField(required=False, default=False)
