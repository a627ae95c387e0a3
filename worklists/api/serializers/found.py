"""Answers made of several parts."""

from __future__ import annotations

from rest_framework import serializers

from worklists.api.serializers.claims import ClaimBrief
from worklists.api.serializers.items import DraftSerializer, GapSerializer, ItemRow


class FoundSerializer(serializers.Serializer):
    """What a search found."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ItemRow(many=True)
    matched = serializers.ChoiceField(
        choices=["number", "claim", "claim_prefix", "nothing"]
    )
    more = serializers.BooleanField()
    claims = ClaimBrief(many=True, help_text="Claims found that have no item to see.")


class DraftKept(DraftSerializer):
    """A draft as it is kept, and what would be missing with it."""

    gaps = GapSerializer(many=True)


class AttachmentAdded(serializers.Serializer):
    """A file that was added, or was there before."""

    id = serializers.IntegerField()
    sha256 = serializers.CharField()
    version = serializers.IntegerField(help_text="Of the item now.")


class LeftItem(serializers.Serializer):
    """An item that stays as it is."""

    id = serializers.IntegerField()
    number = serializers.CharField(help_text="Empty for one that is not visible.")
    why = serializers.CharField()


class BulkDone(serializers.Serializer):
    """What an act on many items did, or would do."""

    bulk_act = serializers.IntegerField(
        allow_null=True,
        help_text="Its id, to take it back; null where nothing is done.",
    )
    done = serializers.IntegerField()
    by_person = serializers.DictField(child=serializers.IntegerField())
    refused = LeftItem(many=True)
