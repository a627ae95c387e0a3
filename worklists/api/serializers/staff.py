"""A manager's people, and absences."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from worklists.api.serializers.fields import PersonField, Strict
from worklists.models import Absence, Team
from worklists.selectors.pages.people import Held


class AbsenceSerializer(serializers.Serializer):
    """Days on which a person is away; why is not kept."""

    id = serializers.IntegerField()
    user = PersonField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    backup = PersonField(allow_null=True, help_text="Null is the pool.")
    recorded_by = PersonField()
    recorded_at = serializers.DateTimeField()
    handed_over_at = serializers.DateTimeField(allow_null=True)
    handed_over = serializers.SerializerMethodField(help_text="How many items moved.")
    closed_at = serializers.DateTimeField(allow_null=True)

    def get_handed_over(self, absence: Absence) -> int:
        """Return how many items went away with the person."""
        return absence.hand_over.done if absence.hand_over else 0


class HeldClearance(serializers.Serializer):
    """A clearance in force."""

    slug = serializers.CharField(source="clearance.slug")
    expires_on = serializers.DateField(allow_null=True)


@extend_schema_field(serializers.ListField(child=serializers.CharField()))
class SlugsField(serializers.Field):
    """What is held, by slug."""

    def to_representation(self, value: list[Held] | list[Team]) -> list[str]:
        """Return each slug once."""
        return sorted({held.slug for held in value})


class PersonRow(serializers.Serializer):
    """One of a manager's people."""

    id = serializers.IntegerField(source="person.pk")
    username = serializers.CharField(source="person.username")
    name = serializers.CharField(source="person.display_name")
    roles = serializers.ListField(child=serializers.CharField())
    tier = serializers.CharField(source="person.tier")
    teams = SlugsField()
    daily_capacity = serializers.IntegerField(source="person.daily_capacity")
    carries = serializers.IntegerField()
    clearances = HeldClearance(many=True)
    works = SlugsField()
    reviews = SlugsField(source="queues.review")
    manages = SlugsField(source="queues.manage")
    facilities = SlugsField()
    away = AbsenceSerializer(allow_null=True)
    coming = AbsenceSerializer(allow_null=True)
    last_active_at = serializers.DateTimeField(allow_null=True)


class AbsenceBody(Strict):
    """Who is away when, and who stands in."""

    user = serializers.CharField(max_length=150, help_text="A username.")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    backup = serializers.CharField(max_length=150, help_text="A username, or pool.")


class UntilBody(Strict):
    """Another last day."""

    ends_on = serializers.DateField()


class StaysSerializer(serializers.Serializer):
    """An item that stays where it is."""

    id = serializers.SerializerMethodField(
        help_text="Null for one that is not visible."
    )
    number = serializers.CharField(help_text="Empty for one that is not visible.")
    why = serializers.CharField()

    def get_id(self, left: Any) -> int | None:
        """Return the id of an item the caller sees."""
        return left.id or None


class PassedBySerializer(serializers.Serializer):
    """Items that go to the pool because the backup cannot have them."""

    why = serializers.CharField()
    items = serializers.ListField(
        child=serializers.CharField(), help_text="Numbers; empty where not visible."
    )


class MovedSerializer(serializers.Serializer):
    """What an absence moved, would move, or brought back."""

    absence = AbsenceSerializer(allow_null=True)
    done = serializers.IntegerField()
    by_person = serializers.DictField(child=serializers.IntegerField())
    passed_by = PassedBySerializer(many=True)
    refused = StaysSerializer(many=True)
    warnings = serializers.ListField(child=serializers.CharField())
