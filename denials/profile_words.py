"""A version in words, and what differs between two of them: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from denials.deadlines import basis
from denials.enums import StartEvent
from worklists.templatetags.wording import long_date

if TYPE_CHECKING:
    from denials.models import AppealLevel, ProfileVersion

SAME, ADDED, REMOVED, CHANGED = "same", "added", "removed", "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after; ``kind`` is same, added, removed or changed."""

    field: str
    before: str
    after: str
    kind: str


def step_name(level: AppealLevel) -> str:
    """Return what a row is called: “Level 1, redetermination”, “Filing of the claim”."""
    return level.name if level.is_filing else f"Level {level.level}, {level.name}"


def start_words(level: AppealLevel) -> str:
    """Return from which day the days run."""
    words = StartEvent(level.start_event).label
    if level.presumed_receipt_days:
        words += f", presumed {level.presumed_receipt_days} days after the notice"
    return words


def row_words(level: AppealLevel) -> dict[str, str]:
    """Return one row as words by their labels, in the order of reading."""
    words = {
        "Limit": basis(level),
        "From": start_words(level),
        "Decided by": level.decided_by,
        "Answer in": f"{level.answer_days} days" if level.answer_days else "",
        "Safety net": _margin(level),
        "Source": level.source,
        "Verified": _verified(level),
    }
    for floor in level.floors.all():
        words[f"Floor {floor.year}"] = f"${floor.amount:,.2f} ({floor.source})"
    return words


def _margin(level: AppealLevel) -> str:
    if level.margin_days is None:
        return "as the service level says"
    return f"{level.margin_days} days before"


def _verified(level: AppealLevel) -> str:
    if level.verified_on is None:
        return "not verified"
    return f"{long_date(level.verified_on)} by {level.verified_by}"


def version_words(version: ProfileVersion) -> dict[str, str]:
    """Return a whole version as words: the note, then every field of every row."""
    words = {"Note": version.note}
    for level in sorted(version.levels.all(), key=lambda row: row.level):
        for label, text in row_words(level).items():
            words[f"{step_name(level)}: {label.lower()}"] = text
    return words


def difference(before: ProfileVersion | None, after: ProfileVersion) -> list[Change]:
    """Return every field that differs between two versions, in reading order."""
    old = version_words(before) if before else {}
    new = version_words(after)
    changes = [_change(name, old, new) for name in dict.fromkeys([*new, *old])]
    return [change for change in changes if change.kind != SAME]


def _change(name: str, old: Mapping[str, str], new: Mapping[str, str]) -> Change:
    before, after = old.get(name, ""), new.get(name, "")
    if before == after:
        kind = SAME
    elif not before:
        kind = ADDED
    else:
        kind = CHANGED if after else REMOVED
    return Change(name, before, after, kind)
