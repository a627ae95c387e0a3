"""Claims: names masked; the name itself is an act of its own."""

from __future__ import annotations

from rest_framework import serializers

from worklists.api.serializers.fields import MaskedNameField, MoneyField
from worklists.api.serializers.items import ItemRow


class ClaimBrief(serializers.Serializer):
    """A claim in a list."""

    id = serializers.IntegerField()
    patient_control_number = serializers.CharField()
    service_from = serializers.DateField(allow_null=True)
    facility = serializers.CharField(source="facility.slug")
    payer_name = serializers.CharField()
    patient = MaskedNameField(source="patient_name")


class ClaimSerializer(ClaimBrief):
    """A claim with the items of it that the person sees."""

    payee_id = serializers.CharField()
    service_to = serializers.DateField(allow_null=True)
    payer = serializers.CharField(source="payer.slug", allow_null=True)
    provider_name = serializers.CharField()
    specialty = serializers.CharField()
    charge = MoneyField(allow_null=True)
    paid = MoneyField(allow_null=True)
    created_at = serializers.DateTimeField()


class ClaimDetail(ClaimSerializer):
    """A claim in full."""

    items = ItemRow(many=True)


class NameSerializer(serializers.Serializer):
    """A patient's name, opened by a logged act."""

    patient_name = serializers.CharField()
