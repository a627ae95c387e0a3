"""Denials as the API shows them."""

from __future__ import annotations

from rest_framework import serializers

from worklists.api.serializers.fields import MoneyField, PersonField


class DenialSerializer(serializers.Serializer):
    """One refusal: what the payer said, what we suggest, what was decided."""

    id = serializers.IntegerField()
    claim = serializers.IntegerField(source="claim_id")
    item = serializers.IntegerField(source="item_id", allow_null=True)
    kind = serializers.CharField()
    code = serializers.CharField(help_text="Group and CARC: CO-97.")
    group = serializers.CharField()
    carc = serializers.CharField()
    remarks = serializers.ListField(child=serializers.CharField())
    amount = MoneyField()
    line = serializers.IntegerField(source="line.number", allow_null=True)
    procedure = serializers.CharField(source="line.code", allow_null=True)
    payer_name = serializers.CharField(source="claim.payer_name")
    paid_on = serializers.DateField(allow_null=True)
    label = serializers.CharField()
    defect_class = serializers.CharField()
    suggested_root_cause = serializers.CharField()
    failed_stage = serializers.CharField()
    owner = serializers.CharField()
    route = serializers.CharField()
    appealable = serializers.BooleanField()
    coding_related = serializers.BooleanField()
    taxonomy = serializers.IntegerField(source="taxonomy_id")
    round = serializers.IntegerField()
    previous = serializers.IntegerField(source="previous_id", allow_null=True)
    status = serializers.CharField()
    decision = serializers.CharField()
    root_cause = serializers.CharField()
    decided_by = PersonField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    reversed_at = serializers.DateTimeField(allow_null=True)
    found_at = serializers.DateTimeField()
