"""Pages of the API: ``{"next", "previous", "results"}``, by keyset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from rest_framework.request import Request

from worklists.errors import BadInput
from worklists.selectors.keyset import LARGEST_SIZE, SIZE

TAKES = frozenset({"cursor", "size"})


def size_of(params: Mapping[str, Any]) -> int:
    """Return how many rows a page holds: ``size``, 1 to 200, 50 where none is given."""
    text = str(params.get("size") or SIZE)
    plain = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_SIZE))
    if plain and 0 < int(text) <= LARGEST_SIZE:
        return int(text)
    message = f"A page holds 1 to {LARGEST_SIZE} rows."
    raise BadInput(message, fields={"size": [message]})


def cursor_of(params: Mapping[str, Any]) -> str:
    """Return the cursor of an address, empty for the first page."""
    return str(params.get("cursor") or "")


class Neighbours(Protocol):
    """The cursors of a page's neighbours."""

    @property
    def next(self) -> str | None:
        """The cursor of the page after it."""

    @property
    def previous(self) -> str | None:
        """The cursor of the page before it."""


def paged(
    request: Request, results: Any, page: Neighbours | None = None
) -> dict[str, Any]:
    """Return one page with the full addresses of its neighbours."""
    return {
        "next": _address(request, page.next if page else None),
        "previous": _address(request, page.previous if page else None),
        "results": results,
    }


def _address(request: Request, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    params = request.query_params.copy()
    params["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{params.urlencode()}")
