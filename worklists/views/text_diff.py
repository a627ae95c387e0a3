"""What was added to and removed from a text, word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import NamedTuple

MOST_WORDS = 3000
_WORDS = re.compile(r"\s+|[^\s]+")


class Mark(NamedTuple):
    """A stretch of text and what became of it: ``same``, ``added`` or ``removed``."""

    kind: str
    text: str


def marks(before: str, after: str) -> list[Mark]:
    """Return ``after`` with what was removed from ``before`` where it stood.

    Joined, the same and added stretches are ``after``, the same and removed ones are
    ``before``. Texts of over ``MOST_WORDS`` words are replaced as a whole.
    """
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(old), len(new)) > 2 * MOST_WORDS:
        return _filled([("removed", before), ("added", after)])
    found: list[tuple[str, str]] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for what, i, j, k, m in matcher.get_opcodes():
        if what == "equal":
            found.append(("same", "".join(old[i:j])))
        else:
            found += [("removed", "".join(old[i:j])), ("added", "".join(new[k:m]))]
    return _filled(found)


def _filled(found: list[tuple[str, str]]) -> list[Mark]:
    return [Mark(kind, text) for kind, text in found if text]
