"""A person's draft laid over what was saved meanwhile: what clashes and what does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from worklists.evidence.shapes import same
from worklists.models import Draft, WorkItem
from worklists.selectors.upstream import AnswerChange, Since, changes_since


@dataclass(frozen=True, slots=True)
class Merged:
    """What of a draft stands in the form.

    ``answers`` are the person's own; ``clashes`` the fields that somebody else saved
    while the person changed them to something else, waiting for a choice; ``since``
    everything that changed after the version the draft was typed on.
    """

    answers: Mapping[str, Any] = field(default_factory=dict)
    clashes: Mapping[str, AnswerChange] = field(default_factory=dict)
    since: Since = field(default_factory=Since)


def merged(item: WorkItem, draft: Draft | None) -> Merged:
    """Return a draft merged with what was saved since, field by field.

    Only changed by others: theirs stands. Only changed by the person: the person's
    words stand. Changed by both to the same: nothing is to be chosen. Changed by both
    to something else: a clash; until it is settled the person's words stand.
    """
    if draft is None:
        return Merged()
    since = changes_since(item, draft.item_version, known=draft.unsettled)
    clashes = {
        name: change
        for name, change in since.answers.items()
        if name in draft.answers and clashes_with(change, draft.answers[name])
    }
    answers = {
        name: value
        for name, value in draft.answers.items()
        if name not in since.answers or name in clashes
    }
    return Merged(answers, clashes, since)


def clashes_with(change: AnswerChange, mine: Any) -> bool:
    """Return whether an answer saved meanwhile and the person's own both changed."""
    return not same(mine, change.now) and not same(mine, change.before)
