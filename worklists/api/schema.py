"""What the OpenAPI description says beside the serializers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers

from worklists.api.base import KEY
from worklists.api.serializers.fields import Strict
from worklists.enums import Action, AgeBasis, State
from worklists.filters import ANY, ItemFilter, WholeFilter
from worklists.selectors.gaps import WINDOWS
from worklists.selectors.items import DEFAULT_ORDERING, MOST_SORTS, ORDERINGS


class StrictBody(OpenApiSerializerExtension):
    """A strict body names all it may hold."""

    target_class = Strict
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        """Return the shape, closed."""
        shape = auto_schema._map_serializer(  # noqa: SLF001 - the documented way
            self.target, direction, bypass_extensions=True
        )
        return {**shape, "additionalProperties": False}


class ErrorSerializer(serializers.Serializer):
    """What every refusal looks like."""

    code = serializers.CharField(help_text="Stable word, such as stale_version.")
    detail = serializers.CharField(help_text="A sentence for a person.")
    fields = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), required=False
    )
    actions = serializers.ListField(child=serializers.CharField(), required=False)


WORDS = {
    400: "The request cannot be read; `fields` says what.",
    401: "Not logged in.",
    403: "Not permitted.",
    404: "Not there, or not visible to this person.",
    409: "`stale_version`, `wrong_state`, `duplicate` or `key_reused`.",
    413: "The body is too large.",
    415: "The body is of a type this address does not take.",
    422: "`evidence_missing`; `fields` names all gaps.",
    429: "Too often; `Retry-After` says when to ask again.",
}
ALWAYS = (400, 401, 403, 429)
_WRITES = (409, 413, 415)
IDEMPOTENCY = OpenApiParameter(
    KEY,
    str,
    OpenApiParameter.HEADER,
    description="The same key and body within 24 hours give the stored answer.",
    pattern=r"^[!-~]{1,200}$",
)


def described(
    answers: dict[int, Any],
    *,
    refuses: tuple[int, ...] = (),
    writes: bool = False,
    parameters: tuple[OpenApiParameter, ...] = (),
    **more: Any,
) -> Callable[[Any], Any]:
    """Describe an operation: its answers, its refusals, its parameters."""
    statuses = {*ALWAYS, *refuses, *(_WRITES if writes else ())}
    errors = {
        status: OpenApiResponse(ErrorSerializer, WORDS[status])
        for status in sorted(statuses)
    }
    given = (*parameters, IDEMPOTENCY) if writes else parameters
    return extend_schema(
        responses={**answers, **errors}, parameters=list(given), **more
    )


PAGE = (
    OpenApiParameter(
        "cursor", str, description="From `next` or `previous` of an answer."
    ),
    OpenApiParameter(
        "size", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}
    ),
)


GAPS = (
    OpenApiParameter(
        "days", int, enum=WINDOWS, default=28, description="The last so many days."
    ),
)
AGES = (
    OpenApiParameter(
        "basis",
        str,
        enum=AgeBasis.values,
        default=AgeBasis.ARRIVAL.value,
        description="From when ages are counted.",
    ),
    OpenApiParameter(
        "facility", str, description="Slug of a facility; without it all you see."
    ),
)


VERSION = OpenApiParameter(
    "version",
    {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    required=True,
    description="The version of the item that was read.",
)


PREVIEW = OpenApiParameter(
    "preview",
    {"type": "string", "enum": ["0", "1"], "default": "0"},
    description="1: say what would be done, change nothing.",
)


ACTION = OpenApiParameter(
    "action", str, OpenApiParameter.PATH, enum=[action.value for action in Action]
)


def _filter(name: str) -> OpenApiParameter:
    known = ItemFilter.base_filters[name]
    kind: Any = OpenApiTypes.STR
    if isinstance(known, WholeFilter):
        kind = {
            "type": "integer",
            "minimum": known.extra["min_value"],
            "maximum": known.extra["max_value"],
        }
    elif name == "overdue":
        kind = OpenApiTypes.BOOL
    elif name == "state":
        word = f"({'|'.join((*State.values, ANY))})"
        kind = {"type": "string", "pattern": f"^{word}(,{word})*$"}
    elif name == "amount_from":
        kind = {"type": "string", "pattern": r"^\d{1,15}(\.\d{1,2})?$"}
    return OpenApiParameter(name, kind, description=str(known.label))


ITEM_LIST = (
    *(_filter(name) for name in ItemFilter.base_filters),
    OpenApiParameter(
        "ordering",
        {"type": "string", "default": DEFAULT_ORDERING},
        description=(
            f"One of {', '.join(ORDERINGS)}, or up to {MOST_SORTS} divided by commas, "
            "such as `-amount,age`. From the top with a minus: `-priority` is the order "
            "of Next, `due` has the nearest clock first, `-age` the oldest, `touched` "
            "the longest untouched."
        ),
    ),
    *PAGE,
)


def page_of(name: str, row: Any) -> Any:
    """Describe a page of rows."""
    return inline_serializer(
        f"{name}Page",
        {
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": row(many=True),
        },
    )
