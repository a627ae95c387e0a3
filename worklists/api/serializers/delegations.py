"""Authority to review that was lent, and what waits for seniors."""

from __future__ import annotations

from rest_framework import serializers

from worklists.api.serializers.fields import MoneyField, PersonField, Strict
from worklists.models import ReviewDelegation
from worklists.selectors.delegations import state_of


class DelegationSerializer(serializers.Serializer):
    """Who lends whom the authority to decide reviews, and how far it reaches."""

    id = serializers.IntegerField()
    delegator = PersonField()
    delegate = PersonField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    amount_limit = MoneyField(help_text="Dollars at stake, that sum included.")
    risk_classes = serializers.ListField(
        child=serializers.CharField(), help_text="Empty is every class."
    )
    state = serializers.SerializerMethodField(help_text="coming, lent, expired, ended")
    made_by = PersonField()
    made_at = serializers.DateTimeField()
    ended_by = PersonField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)

    def get_state(self, delegation: ReviewDelegation) -> str:
        """Return where it stands now."""
        return state_of(delegation)


class LendBody(Strict):
    """What is lent, to whom, when and how far."""

    delegator = serializers.CharField(
        max_length=150, required=False, help_text="A username; oneself without it."
    )
    to = serializers.CharField(max_length=150, help_text="A username.")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    amount_limit = serializers.DecimalField(max_digits=12, decimal_places=2)
    risk_classes = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False
    )


class WaitingSerializer(serializers.Serializer):
    """The open reviews of one queue."""

    queue = serializers.CharField(source="queue.slug")
    waiting = serializers.IntegerField()
    over = serializers.IntegerField(help_text="Over the time of their review policy.")
    oldest_at = serializers.DateTimeField(allow_null=True)


class SeniorSerializer(serializers.Serializer):
    """What one senior can decide, without their own work and what is beyond them."""

    person = PersonField()
    waiting = serializers.IntegerField()
    over = serializers.IntegerField()
    decided = serializers.IntegerField(help_text="In the last 7 days.")


class BacklogSerializer(serializers.Serializer):
    """What waits for seniors; ``more`` when there is more than was counted."""

    waiting = serializers.IntegerField()
    over = serializers.IntegerField()
    oldest_at = serializers.DateTimeField(allow_null=True)
    queues = WaitingSerializer(many=True)
    reviewers = SeniorSerializer(many=True)
    more = serializers.BooleanField()
    reserved = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="How many of those only people with a role approve, by that role.",
    )
