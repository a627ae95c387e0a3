"""Fields that several shapes share."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from worklists.models import User
from worklists.templatetags.wording import mask_name


class MoneyField(serializers.DecimalField):
    """Dollars as a decimal string with two places."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_digits=20, decimal_places=2, **more)


@extend_schema_field(OpenApiTypes.STR)
class PersonField(serializers.Field):
    """A person as a username."""

    def to_representation(self, value: User) -> str:
        """Return the username."""
        return value.username


@extend_schema_field(OpenApiTypes.STR)
class MaskedNameField(serializers.Field):
    """A patient's name as lists show it: ``J***n D***``."""

    def to_representation(self, value: str) -> str:
        """Return the masked name."""
        return mask_name(value)


@extend_schema_field(OpenApiTypes.ANY)
class AnyField(serializers.Field):
    """A JSON value as it is."""

    def to_representation(self, value: Any) -> Any:
        """Return the value."""
        return value

    def to_internal_value(self, data: Any) -> Any:
        """Return the value; the parser has refused what cannot be kept."""
        return data


class Strict(serializers.Serializer):
    """A body in which every key is read; one that nobody reads is refused."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the values, or refuse keys that are not known."""
        if isinstance(data, dict):
            strange = sorted(str(key)[:80] for key in set(data) - set(self.fields))[:20]
            if strange:
                message = "This is not known here."
                raise serializers.ValidationError({name: [message] for name in strange})
        return super().to_internal_value(data)
