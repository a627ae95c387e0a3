"""What changed in an item since somebody read it: facts, answers, files, acts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from worklists.models import Answer, Event, WorkItem
from worklists.selectors.event_names import named
from worklists.trail_words import UNVERSIONED

MOST_EVENTS = 200
NEWEST = 2**31
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact of the item that came from a file: its name, before and now, in codes."""

    name: str
    before: Any
    now: Any


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """An answer somebody saved meanwhile.

    ``known`` is the version of the answer that stood when the item was read, 0 when
    there was none; ``version`` the newest. ``before`` and ``now`` are their values.
    """

    name: str
    before: Any
    now: Any
    known: int
    version: int
    by: str
    username: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """One act on the item since: who, what by its facts with names, when."""

    action: str
    facts: Facts
    by: str
    username: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Since:
    """Everything that changed since a version of an item was read, oldest first."""

    facts: Sequence[FactChange] = ()
    answers: Mapping[str, AnswerChange] = field(default_factory=dict)
    acts: Sequence[Meanwhile] = ()

    def __bool__(self) -> bool:
        """Return whether anything changed."""
        return bool(self.acts)


def changes_since(
    item: WorkItem, version: int, *, known: Mapping[str, int] | None = None
) -> Since:
    """Return what changed in ``item`` since its ``version``; four queries at most.

    Every act raises the version by one and writes one event, so the newest events
    are the acts since; at most ``MOST_EVENTS`` are looked at. ``known`` names fields
    whose answer was read in an older version of its own.
    """
    behind = min(item.version - version, MOST_EVENTS)
    acts = _acts(_events(item, behind)) if behind > 0 else []
    written = Counter(name for act in acts for name in act.facts.get("fields", ()))
    return Since(_facts(acts), _answers(item, written, known or {}), acts)


def _events(item: WorkItem, newest: int) -> list[Event]:
    rows = Event.objects.filter(subject_kind="item", subject_id=item.pk)
    rows = rows.exclude(action__in=UNVERSIONED)
    return list(rows.order_by("-seq")[:newest])[::-1]


def _acts(events: Sequence[Event]) -> list[Meanwhile]:
    return [
        Meanwhile(
            action=event.action,
            facts=said.facts,
            by=said.who,
            username=event.actor_name,
            at=event.occurred_at,
        )
        for event, said in zip(events, named(events), strict=True)
    ]


def _facts(acts: Iterable[Meanwhile]) -> list[FactChange]:
    """Fold the changes of several files into one each: first before, last now."""
    found: dict[str, FactChange] = {}
    for act in acts:
        for name, (before, now) in act.facts.get("changes", {}).items():
            first = found[name].before if name in found else before
            found[name] = FactChange(name, first, now)
    return [change for change in found.values() if change.before != change.now]


def _answers(
    item: WorkItem, written: Counter[str], known: Mapping[str, int]
) -> dict[str, AnswerChange]:
    names = {*written, *known}
    if not names:
        return {}
    rows = Answer.objects.filter(item=item, field__in=names)
    versions: dict[str, list[Answer]] = {}
    for row in rows.select_related("saved_by").order_by("field", "version"):
        versions.setdefault(row.field, []).append(row)
    changes = (
        _answer(rows, min(rows[-1].version - written[name], known.get(name, NEWEST)))
        for name, rows in versions.items()
    )
    return {change.name: change for change in changes if change.before != change.now}


def _answer(rows: Sequence[Answer], known: int) -> AnswerChange:
    newest = rows[-1]
    before = next((row.value for row in rows if row.version == known), None)
    return AnswerChange(
        name=newest.field,
        before=before,
        now=newest.value,
        known=max(known, 0),
        version=newest.version,
        by=str(newest.saved_by),
        username=newest.saved_by.username,
        at=newest.saved_at,
    )


def as_facts(since: Since) -> list[dict[str, Any]]:
    """Return the changes as the API says them: facts, answers, then files and acts."""
    facts = [
        {"kind": "fact", "name": one.name, "before": one.before, "now": one.now}
        for one in since.facts
    ]
    answers = [
        {
            "kind": "answer",
            "name": one.name,
            "before": one.before,
            "now": one.now,
            "by": one.username,
            "at": one.at.isoformat(),
        }
        for one in since.answers.values()
    ]
    acts = [
        {
            "kind": "act",
            "name": one.action,
            "by": one.username,
            "at": one.at.isoformat(),
        }
        for one in since.acts
        if one.action != "item.evidence_saved"
    ]
    return [*facts, *answers, *acts]
