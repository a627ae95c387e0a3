"""What changed, field by field, as ``components/diff.html`` draws it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from worklists.evidence import Field, expand
from worklists.selectors.evidence import Asked
from worklists.selectors.reviews import Change
from worklists.views.answers import CHECKLIST, as_words, plain_label

SHARED = "For all of these"


@dataclass(slots=True)
class ChangedRow:
    """One answer before and after, in words.

    ``kind`` is added, changed, removed, same, or ``answered``: a first answer where
    nothing stood and nothing was suggested, which is no change. ``heading`` stands over
    the first row of a group; ``is_asked_again`` says that the return pointed at it,
    ``is_step`` that its label is a sentence and its answer a word.
    """

    name: str
    field: str
    before: str
    after: str
    kind: str
    before_note: str = ""
    heading: str = ""
    is_asked_again: bool = False
    is_step: bool = False

    @property
    def is_wide(self) -> bool:
        """Return whether its label takes the place of what stood before, too."""
        return self.is_step and self.kind == "answered"

    @property
    def is_change(self) -> bool:
        """Return whether it says something else than what stood there."""
        return self.kind not in {"same", "answered"}


def compared(saved: Asked, typed: Mapping[str, Any]) -> list[ChangedRow]:
    """Return, field by field, what is saved now beside what the person typed."""
    rows = []
    for field in expand(saved.fields, saved.parts):
        if field.name not in typed:
            continue
        now = as_words(field, saved.answers.get(field.name))
        mine = as_words(field, typed[field.name])
        rows.append(ChangedRow(field.name, field.label, now, mine, _kind(now, mine)))
    return rows


def changed_rows(
    asked: Asked,
    changes: Iterable[Change],
    suggested: Mapping[str, Any],
    *,
    is_first: bool,
    points_at: Collection[str] = (),
) -> list[ChangedRow]:
    """Return the changes of a review: part by part, then what is said of all of them,
    the checklist last.

    Where nothing was answered before, what was suggested stands there, and says so. In
    the first round an answer to a question without suggestion is no change.
    """
    fields = {field.name: field for field in expand(asked.fields, asked.parts)}
    labels = {part.key: part.label for part in asked.parts}
    several = len(labels) > 1
    groups: dict[str, list[ChangedRow]] = {SHARED: [], CHECKLIST: []}
    if several:
        groups = {label: [] for label in labels.values()} | groups
    for change in changes:
        field = fields[change.name]
        group = SHARED
        if several and field.part in labels:
            group = labels[field.part]
        elif field.type == "step":
            group = CHECKLIST
        row = _row(asked, field, change, suggested, is_first)
        row.is_asked_again = field.name in points_at
        row.is_step = field.type == "step"
        groups[group].append(row)
    return _headed(groups, several)


def _row(
    asked: Asked,
    field: Field,
    change: Change,
    suggested: Mapping[str, Any],
    is_first: bool,  # noqa: FBT001 - a fact
) -> ChangedRow:
    before, after = as_words(field, change.before), as_words(field, change.after)
    hint = "" if before else as_words(field, suggested.get(change.name))
    stood = before or hint
    kind = "answered" if is_first and not stood else _kind(stood, after)
    note = "suggested" if hint and not is_first else ""
    label = plain_label(asked, field.name)
    return ChangedRow(field.name, label, stood, after, kind, note)


def _headed(
    groups: Mapping[str, list[ChangedRow]],
    several: bool,  # noqa: FBT001 - a fact
) -> list[ChangedRow]:
    found = []
    for label, rows in groups.items():
        if rows and (several or label == CHECKLIST):
            rows[0].heading = label
        found += rows
    return found


def only_changes(rows: Iterable[ChangedRow]) -> list[ChangedRow]:
    """Return the rows that say something else than before, and those that a return
    pointed at, each group headed anew."""
    groups: dict[str, list[ChangedRow]] = defaultdict(list)
    label = ""
    for row in rows:
        label, row.heading = row.heading or label, ""
        if row.is_change or row.is_asked_again:
            groups[label].append(row)
    for label, kept in groups.items():
        kept[0].heading = label
    return [row for kept in groups.values() for row in kept]


def _kind(before: str, after: str) -> str:
    if before == after:
        return "same"
    if not before:
        return "added"
    return "changed" if after else "removed"
