"""Items, as a row of a list and in full."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from worklists.api.serializers.fields import (
    AnyField,
    MaskedNameField,
    MoneyField,
    PersonField,
)
from worklists.enums import ClockKind, State
from worklists.models import WorkItem
from worklists.selectors.item import ItemView
from worklists.selectors.items import row_clocks

STATES = State.choices


class ReasonOfPriority(serializers.Serializer):
    """One factor of the priority."""

    factor = serializers.CharField()
    value = serializers.CharField()
    points = serializers.IntegerField()


class ClockSerializer(serializers.Serializer):
    """One clock. ``overdue`` is never true of one that is paused, met or stopped."""

    name = serializers.CharField()
    label = serializers.CharField()
    kind = serializers.ChoiceField(choices=ClockKind.choices)
    due_at = serializers.DateTimeField()
    paused = serializers.BooleanField()
    overdue = serializers.BooleanField()
    met_at = serializers.DateTimeField(allow_null=True)
    source = serializers.CharField()
    margin_days = serializers.IntegerField(
        allow_null=True, help_text="Of the safety net, before a legal limit."
    )


class WarnedClockSerializer(ClockSerializer):
    """One clock of one item, with what makes its due moment doubtful; mostly empty."""

    warning = serializers.CharField()


class ItemBase(serializers.Serializer):
    """What a row and the whole item have in common."""

    id = serializers.IntegerField()
    number = serializers.CharField(help_text="As people say it: DN-48213.")
    kind = serializers.CharField()
    state = serializers.ChoiceField(choices=STATES)
    version = serializers.IntegerField()
    queue = serializers.CharField(source="queue.slug")
    facility = serializers.CharField(source="facility.slug")
    payer = serializers.CharField(source="payer.slug", allow_null=True)
    payer_name = serializers.CharField(source="payer.name", allow_null=True)
    claim = serializers.IntegerField(source="claim_id", allow_null=True)
    assignee = PersonField(allow_null=True)
    patient = MaskedNameField(
        source="claim.patient_name", allow_null=True, help_text="Masked."
    )
    reason_code = serializers.CharField()
    reason_label = serializers.CharField()
    amount = MoneyField()
    specialty = serializers.CharField()
    service_on = serializers.DateField(allow_null=True)
    why_here = serializers.SerializerMethodField()
    flags = serializers.ListField(child=serializers.CharField())
    priority = serializers.IntegerField()
    priority_reasons = ReasonOfPriority(many=True)
    age_bucket = serializers.IntegerField()
    evidence_done = serializers.IntegerField()
    evidence_asked = serializers.IntegerField()
    review_because = serializers.CharField()
    opened_at = serializers.DateTimeField()
    entered_at = serializers.DateTimeField()
    touched_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField()
    pend_reason = serializers.CharField()

    def get_why_here(self, item: WorkItem) -> str:
        """Return the words of the rule that brought it here."""
        return str(item.why_here.get("words", ""))


class ItemRow(ItemBase):
    """An item in a list, with the clocks that run."""

    clocks = serializers.SerializerMethodField()

    @extend_schema_field(ClockSerializer(many=True))
    def get_clocks(self, item: WorkItem) -> Any:
        """Return the running clocks, what bites first in front."""
        return [self._clock.to_representation(clock) for clock in row_clocks(item)]

    @cached_property
    def _clock(self) -> ClockSerializer:
        """The shape of one clock, made once for a whole page."""
        return ClockSerializer()


class CitableSerializer(serializers.Serializer):
    """A version of guidance that a policy may cite."""

    source = serializers.CharField(source="version.source")
    version = serializers.IntegerField(source="version.number")
    name = serializers.CharField(source="version.name")
    kind = serializers.CharField()
    effective_from = serializers.DateField(source="version.since")
    effective_to = serializers.DateField(source="version.until", allow_null=True)
    in_force = serializers.BooleanField(help_text="On the item's date of service.")
    today = serializers.IntegerField(
        source="today_number", help_text="The version in force today, 0 for none."
    )


class EvidenceField(serializers.Serializer):
    """One field of the form: what it asks, what was answered, how that stands."""

    name = serializers.CharField(source="field.name")
    label = serializers.CharField(source="field.label")
    type = serializers.CharField(source="field.type")
    required = serializers.BooleanField(help_text="Asked for now.")
    choices = serializers.SerializerMethodField()
    not_applicable = serializers.SerializerMethodField(
        help_text="Of a step: never, allowed or with_reason; else empty."
    )
    help = serializers.CharField(source="field.help")
    part = serializers.CharField(source="field.part")
    not_in_force = serializers.SerializerMethodField(
        help_text="Of a policy: refused or with_reason; else empty."
    )
    citable = CitableSerializer(many=True)
    value = AnyField(allow_null=True)
    status = serializers.ChoiceField(
        choices=["complete", "missing", "not_accepted", "optional", "not_asked"]
    )
    version = serializers.IntegerField(help_text="Of this answer; 0 before the first.")
    saved_at = serializers.DateTimeField(allow_null=True)
    saved_by = serializers.CharField()

    def get_choices(self, view: Any) -> list[list[str]]:
        """Return value and label of each choice."""
        return [[value, label] for value, label in view.field.choices]

    def get_not_in_force(self, view: Any) -> str:
        """Return whether a version that was not in force may be cited."""
        is_policy = view.field.type == "policy"
        return str(view.field.not_in_force) if is_policy else ""

    def get_not_applicable(self, view: Any) -> str:
        """Return whether a step may be left out."""
        is_step = view.field.type == "step"
        return str(view.field.not_applicable) if is_step else ""


class GapSerializer(serializers.Serializer):
    """One field that keeps the item from being submitted."""

    field = serializers.CharField()
    code = serializers.ChoiceField(choices=["missing", "not_accepted"])
    message = serializers.CharField()
    label = serializers.CharField()


class TriggerSerializer(serializers.Serializer):
    """Why a senior looks."""

    code = serializers.CharField()
    label = serializers.CharField()
    words = serializers.CharField()
    figures = serializers.DictField(default=dict)


class CitedPage(serializers.Serializer):
    """The version of guidance that a return rests on."""

    source = serializers.CharField(source="guidance.slug")
    version = serializers.IntegerField(source="number")
    name = serializers.CharField(source="guidance.name")


class ReviewSerializer(serializers.Serializer):
    """One senior review of one round."""

    round = serializers.IntegerField()
    triggers = TriggerSerializer(many=True)
    policy = serializers.CharField()
    submitted_by = PersonField()
    opened_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    risk_classes = serializers.ListField(child=serializers.CharField())
    approver_role = serializers.CharField(
        help_text="Who alone approves it, with a reason; empty for any senior."
    )
    reviewer = PersonField(allow_null=True)
    on_behalf_of = PersonField(allow_null=True, help_text="Who lent the authority.")
    outcome = serializers.CharField()
    changes = serializers.ListField(child=serializers.CharField())
    points_at = serializers.ListField(
        child=serializers.CharField(),
        help_text="The answers that a return wants looked at again.",
    )
    cites = CitedPage(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)


class ActionSerializer(serializers.Serializer):
    """One action: allowed now, or why not."""

    name = serializers.CharField()
    label = serializers.CharField()
    allowed = serializers.BooleanField()
    why_not = serializers.CharField()
    code = serializers.CharField()
    needs_reason = serializers.BooleanField()


class EscalationSerializer(serializers.Serializer):
    """One escalation, by a rung or by hand."""

    id = serializers.IntegerField()
    tell = serializers.CharField()
    to = PersonField(allow_null=True)
    raised_by = PersonField(allow_null=True)
    clock = serializers.CharField(source="clock.name", allow_null=True)
    fired_at = serializers.DateTimeField()
    needs_acknowledgement = serializers.BooleanField()
    joined_to = serializers.IntegerField(source="joined_to_id", allow_null=True)
    acknowledged_by = PersonField(allow_null=True)
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField()


class ReturnedSerializer(serializers.Serializer):
    """The reviewer's words while an item is returned; null where destroyed."""

    code = serializers.CharField()
    words = serializers.CharField(allow_null=True)
    by = PersonField(allow_null=True)
    at = serializers.DateTimeField(allow_null=True)


class DraftSerializer(serializers.Serializer):
    """What a person typed and has not saved."""

    answers = serializers.DictField(child=AnyField())
    item_version = serializers.IntegerField()
    saved_at = serializers.DateTimeField()


class AttachmentSerializer(serializers.Serializer):
    """A file used as evidence."""

    id = serializers.IntegerField()
    field = serializers.CharField()
    file_name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    source = serializers.CharField()
    date = serializers.DateField(source="dated_on", allow_null=True)
    page = serializers.CharField()
    page_count = serializers.IntegerField(allow_null=True)
    added_by = PersonField()
    added_at = serializers.DateTimeField()


class OtherItem(serializers.Serializer):
    """Another item of the same claim."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.ChoiceField(choices=STATES)
    queue = serializers.CharField(source="queue.slug")


class ItemParts(serializers.Serializer):
    """What the whole item has beside a row: form, gaps, reviews, actions."""

    clocks = WarnedClockSerializer(many=True)
    evidence = EvidenceField(many=True, source="fields")
    gaps = GapSerializer(many=True)
    review = ReviewSerializer(
        source="newest_review",
        allow_null=True,
        help_text="The one that waits, else the newest.",
    )
    reviews = ReviewSerializer(many=True)
    review_ahead = TriggerSerializer(many=True, source="ahead")
    returned = ReturnedSerializer(allow_null=True)
    escalations = EscalationSerializer(many=True)
    draft = DraftSerializer(allow_null=True)
    attachments = AttachmentSerializer(many=True)
    also_in = OtherItem(many=True)
    actions = ActionSerializer(many=True, source="offers")
    my_minutes = serializers.IntegerField(
        source="own_time.minutes", help_text="The person's own time on the item."
    )


class ItemDetail(ItemParts, ItemBase):
    """An item in full (CONTRACT 4), for one person."""

    def to_representation(self, view: ItemView) -> dict[str, Any]:
        """Return the row's fields and the rest of a view of the item."""
        return {**ItemBase(view.item).data, **ItemParts(view).data}


class ItemBrief(serializers.Serializer):
    """What is left to say of an item that left the person's sight by their own act."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    state = serializers.ChoiceField(choices=STATES)
    version = serializers.IntegerField()
