"""Reading JSON from strangers: strict, and only what can be stored.

How large a body may be is ``DATA_UPLOAD_MAX_MEMORY_SIZE``, which Django holds.
"""

from __future__ import annotations

import math
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

DEEPEST = 20
BIGGEST = 2**63
TOO_DEEP = "This JSON is nested too deeply."
NOT_KEPT = "This JSON holds NUL, half a character, or a number beyond all measure."


class PlainJSON(JSONParser):
    """JSON of at most 20 levels.

    Refuses NUL, lone surrogates and numbers without measure, which no database keeps.
    """

    def parse(
        self, stream: Any, media_type: Any = None, parser_context: Any = None
    ) -> Any:
        """Return the value, or refuse it with 400."""
        try:
            value = super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError(TOO_DEEP) from None
        _refuse_strange(value)
        return value


def _refuse_strange(value: Any, depth: int = 0) -> None:
    if depth > DEEPEST:
        raise ParseError(TOO_DEEP)
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
