"""The task-class table, and acts of the system, as the API shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from worklists.api.serializers.fields import AnyField, Strict
from worklists.enums import TaskClass


class TaskActSerializer(serializers.Serializer):
    """One act: its class in force, what a site may choose, how it is reversed."""

    act = serializers.CharField(source="code")
    label = serializers.CharField()
    without_a_person = serializers.BooleanField(source="system")
    task_class = serializers.SerializerMethodField(
        help_text="human_only, assisted, automatic"
    )
    choices = serializers.ListField(
        child=serializers.ChoiceField(TaskClass.choices), help_text="Empty is locked."
    )
    why = serializers.CharField(help_text="Why a site has no choice.")
    reversal = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField())

    def get_task_class(self, act: Any) -> str:
        """Return the class in force."""
        return str(self.context["table"].of(act.code).value)


class TableSerializer(serializers.Serializer):
    """The table with the version in force."""

    version = serializers.IntegerField()
    acts = TaskActSerializer(many=True)


class DoneSerializer(serializers.Serializer):
    """One act of the system, or one that it left to people, and what became of it."""

    id = serializers.IntegerField(source="event.pk")
    item = serializers.IntegerField(source="item.pk")
    number = serializers.CharField(source="item.number")
    queue = serializers.CharField()
    action = serializers.CharField(source="event.action")
    act = serializers.CharField(source="act.code")
    words = serializers.CharField()
    at = serializers.DateTimeField()
    facts = serializers.DictField(child=AnyField())
    can_be_reversed = serializers.BooleanField()
    is_left = serializers.BooleanField(help_text="It waits for a person.")
    reversed_by = serializers.CharField(source="standing.reversed_by")
    since = serializers.CharField(
        source="standing.words", help_text="What happened to the item next."
    )


class ReverseBody(Strict):
    """Why it is taken back, and until when where an item is deferred again."""

    reason = serializers.CharField(max_length=4000)
    until = serializers.CharField(
        required=False,
        max_length=120,
        help_text="A date or a time with offset, where an item rests again.",
    )
