"""Text that people type and others must be able to read as it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

LINES = "\n\r\t"
FAULT = "This text holds characters that cannot be shown. Type it again."


def is_plain(text: str) -> bool:
    """Return whether every character shows: no control, no turning of directions."""
    return all(one in LINES or one.isprintable() for one in text)


def is_blank(text: str) -> bool:
    """Return whether nothing of a text can be seen: blanks, or signs of no width."""
    return not any(one.isprintable() and not one.isspace() for one in text)


def as_read(content: Any) -> Any:
    """Return what a reader sees of words: blanks are one space, invisible signs none."""
    if isinstance(content, str):
        shown = (one if one.isprintable() else " " * one.isspace() for one in content)
        return " ".join("".join(shown).split())
    if isinstance(content, Mapping):
        return {name: as_read(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [as_read(value) for value in content]
    return content


def texts_of(content: Any) -> Iterator[str]:
    """Yield every text inside lists and mappings."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, Mapping):
        for name, value in content.items():
            yield from texts_of(name)
            yield from texts_of(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from texts_of(value)
