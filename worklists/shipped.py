"""The registry of what a release ships: forms, review policies, ladders, calendars.

The app that holds them registers them in ``AppConfig.ready()``, as kinds of work are;
set-up and the page “Shipped with this release” read them here. A site at work takes one
by proposing it: nothing here changes a site by itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from worklists.enums import RuleKind

Content = Mapping[str, Any]
KINDS = (RuleKind.TEMPLATE, RuleKind.REVIEW, RuleKind.SLA, RuleKind.CALENDAR)


@dataclass(frozen=True, slots=True)
class Shipped:
    """One rule as this release ships it: what a version of it says, and its number.

    ``version`` rises with every change of what ships, apart from the versions of a
    site. ``earlier`` has what releases before shipped, each by its ``digest``.
    """

    kind: RuleKind
    slug: str
    version: int
    content: Content
    earlier: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return what people call it."""
        return str(self.content["name"])


_shipped: dict[tuple[str, str], Shipped] = {}


def register(*those: Shipped) -> None:
    """Add what ships; another content under a short name that is taken is a mistake."""
    for one in those:
        if one.kind not in KINDS:
            raise ValueError(f"a {one.kind} is not shipped")
        if _shipped.setdefault((one.kind, one.slug), one) != one:
            raise ValueError(f"{one.kind} {one.slug!r} ships twice")


def find(kind: str, slug: str) -> Shipped | None:
    """Return what ships under a short name, if anything does."""
    return _shipped.get((kind, slug))


def all_shipped() -> tuple[Shipped, ...]:
    """Return everything that ships, in order of registration."""
    return tuple(_shipped.values())


def digest(kind: str, content: Content) -> str:
    """Return by what two contents are known to be the same: 64 hexadecimal digits.

    Numbers of a ladder's steps are left out, and what is said to be nothing, so that a
    field which a later release adds, empty, is no difference.
    """
    said = {name: one for name, one in content.items() if one not in (None, "", [], {})}
    if kind == RuleKind.SLA:
        said["steps"] = [
            {name: one for name, one in step.items() if name != "position"}
            for step in content["steps"]
        ]
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
