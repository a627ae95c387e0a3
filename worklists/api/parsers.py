"""Reading JSON from strangers: bounded, strict, and only what can be stored."""

from __future__ import annotations

import io
import math
from typing import Any

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser, MultiPartParser

DEEPEST = 20
BIGGEST = 2**63
NOT_KEPT = "This JSON holds NUL, half a character, or a number beyond all measure."


class TooLarge(APIException):
    """The body is larger than we take."""

    status_code = 413


class PlainJSON(JSONParser):
    """JSON of at most ``DATA_UPLOAD_MAX_MEMORY_SIZE`` bytes and 20 levels.

    Refuses NUL, lone surrogates and numbers without measure, which no database keeps.
    """

    def parse(
        self, stream: Any, media_type: Any = None, parser_context: Any = None
    ) -> Any:
        """Return the value, or refuse it with 400 or 413."""
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise TooLarge
        try:
            value = super().parse(io.BytesIO(raw), media_type, parser_context)
        except RecursionError:
            raise ParseError("This JSON is nested too deeply.") from None
        _refuse_strange(value)
        return value


class Form(MultiPartParser):
    """A form with files; the view's ``largest_body`` bounds it before it is read."""

    def parse(
        self, stream: Any, media_type: Any = None, parser_context: Any = None
    ) -> Any:
        """Return values and files, or refuse a form that says it is too large."""
        context = parser_context or {}
        said = context["request"].META.get("CONTENT_LENGTH") or "0"
        if said.isdecimal() and int(said) > context["view"].largest_body():
            raise TooLarge
        return super().parse(stream, media_type, parser_context)


def _refuse_strange(value: Any, depth: int = 0) -> None:
    if depth > DEEPEST:
        raise ParseError("This JSON is nested too deeply.")
    if isinstance(value, dict):
        for key, inner in value.items():
            _refuse_strange(key, depth + 1)
            _refuse_strange(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _refuse_strange(inner, depth + 1)
    elif not _can_be_kept(value):
        raise ParseError(NOT_KEPT)


def _can_be_kept(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= c <= "\udfff" for c in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or abs(value) < BIGGEST
