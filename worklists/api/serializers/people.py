"""Oneself, queues and their figures."""

from __future__ import annotations

from rest_framework import serializers

from worklists.api.serializers.fields import MoneyField, PersonField
from worklists.enums import WaitsFor


class CountsSerializer(serializers.Serializer):
    """What waits for a person; counted up to 100."""

    mine = serializers.IntegerField()
    returned = serializers.IntegerField()
    review = serializers.IntegerField()
    inbox = serializers.IntegerField()


class MeSerializer(serializers.Serializer):
    """A person's own standing; queues, teams and facilities by slug."""

    username = serializers.CharField(source="user.username")
    name = serializers.CharField(source="user.display_name")
    tier = serializers.CharField(source="user.tier")
    time_zone = serializers.CharField(source="user.time_zone")
    roles = serializers.ListField(child=serializers.CharField())
    teams = serializers.ListField(child=serializers.CharField())
    clearances = serializers.ListField(child=serializers.CharField())
    facilities = serializers.ListField(child=serializers.CharField())
    works = serializers.ListField(child=serializers.CharField())
    reviews = serializers.ListField(child=serializers.CharField())
    manages = serializers.ListField(child=serializers.CharField())


class PendReasonSerializer(serializers.Serializer):
    """One reason for deferring an item; a legal clock never pauses."""

    code = serializers.CharField()
    label = serializers.CharField()
    waits_for = serializers.ChoiceField(choices=WaitsFor.choices)
    pauses_internal = serializers.BooleanField()
    longest_days = serializers.IntegerField()


class MeWithCounts(MeSerializer):
    """A person's own standing and what waits for them."""

    counts = CountsSerializer()


class FigureSerializer(serializers.Serializer):
    """A count; ``more`` when there are at least so many."""

    value = serializers.IntegerField()
    more = serializers.BooleanField()


class MoneyFigure(FigureSerializer):
    """A sum of dollars; ``more`` when it is at least so much."""

    value = MoneyField()


class FiguresSerializer(serializers.Serializer):
    """How a queue stands, for the person's facilities."""

    active = FigureSerializer()
    open = FigureSerializer()
    overdue = FigureSerializer()
    due_soon = FigureSerializer()
    untouched = FigureSerializer()
    returned = FigureSerializer()
    in_review = FigureSerializer()
    at_risk = MoneyFigure()
    arrived = FigureSerializer(help_text="Today.")
    ended = FigureSerializer(help_text="Today.")
    oldest_at = serializers.DateTimeField(allow_null=True)


class QueueSerializer(serializers.Serializer):
    """One queue as a person sees it."""

    slug = serializers.CharField(source="queue.slug")
    name = serializers.CharField(source="queue.name")
    kind = serializers.CharField(source="queue.kind")
    purpose = serializers.CharField(source="queue.purpose")
    team = serializers.CharField(source="queue.team.slug")
    lead = PersonField(source="queue.team.lead")
    supervisor = PersonField(source="queue.supervisor")
    clearance = serializers.CharField(source="queue.clearance.slug", allow_null=True)
    form = serializers.CharField(source="queue.template")
    hand_out = serializers.CharField(source="queue.hand_out")
    max_in_hand = serializers.IntegerField(source="queue.max_in_hand")
    review_on = serializers.DateField(source="queue.review_on")
    works = serializers.BooleanField()
    why_not = serializers.CharField()
    figures = FiguresSerializer()


class RateSerializer(serializers.Serializer):
    """How many of every 20 submissions in a queue a senior looks at."""

    queue = serializers.CharField()
    per_block = serializers.IntegerField(source="rate.per_block")
    base = serializers.IntegerField(source="rate.base", help_text="Without proof.")
    looked = serializers.IntegerField(source="rate.looked")
    right = serializers.IntegerField(source="rate.right")
    missed = serializers.BooleanField(source="rate.missed")
    words = serializers.CharField(source="rate.words")
