"""Every address of the product, with plausible values in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver

VALUES = {"int": 1, "slug": "word", "str": "word", "path": "word", "uuid": "0" * 32}
LIBRARIES = ("admin:", "schema", "api-docs", "health-live", "health-ready")


class Address(NamedTuple):
    """One address: its name, a path to ask for, and the view behind it."""

    name: str
    path: str
    view: Callable[..., Any]

    @property
    def policy(self) -> Callable[..., Any] | None:
        """Return the policy that the view declares."""
        holder = getattr(self.view, "cls", None) or self.view
        return getattr(holder, "policy", None)


def addresses() -> list[Address]:
    """Return every address of ours; those of libraries are named in ``LIBRARIES``."""
    found = _walk(get_resolver().url_patterns, "/", "")
    return [a for a in found if not a.name.startswith(LIBRARIES)]


def _walk(patterns: list[Any], prefix: str, space: str) -> Iterator[Address]:
    for one in patterns:
        path = prefix + _filled(one.pattern)
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from _walk(one.url_patterns, path, inner)
        elif isinstance(one, URLPattern):
            yield Address(f"{space}{one.name}", path, one.callback)


def _filled(pattern: Any) -> str:
    text = str(pattern)
    for name, converter in pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower()
        kind = {"string": "str"}.get(kind, kind)
        spelled = (f"<{kind}:{name}>", f"<{name}>")
        for one in spelled:
            text = text.replace(one, str(VALUES[kind]))
    return text
