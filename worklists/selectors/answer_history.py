"""Every version of every answer of an item, and every file that stood for one."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from worklists.models import Answer, Attachment, Event, User, WorkItem


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an answer.

    ``value`` is None where it was destroyed (``redacted_at`` says when); ``before`` the
    version before it. ``role`` are the writer's roles that day and ``action`` the act
    with which it was saved, as the trail has them. ``form`` is the template asked by.
    """

    number: int
    value: Any
    before: Any
    by: User
    role: str
    action: str
    at: datetime
    form: str
    redacted_at: datetime | None


@dataclass(frozen=True, slots=True)
class FileUse:
    """One file that stood for a field: who added it, and who took it off, if anybody."""

    file: Attachment
    taken_off_by: str
    taken_off_at: datetime | None


@dataclass(frozen=True, slots=True)
class Past:
    """What stood in one field, newest first."""

    name: str
    versions: Sequence[Version]
    files: Sequence[FileUse]


def pasts_of(item: WorkItem, field: str = "") -> list[Past]:
    """Return the history of an item's answers, or of one field; three queries.

    The caller has made sure that the person sees the item. Fields come in the order of
    their names.
    """
    narrow = {"field": field} if field else {}
    answers = Answer.objects.filter(item=item, **narrow)
    files = Attachment.objects.filter(item=item, **narrow)
    saved, off = _acts(item)
    versions = _versions(
        answers.select_related("saved_by", "template").order_by("field", "version"),
        saved,
    )
    uses: dict[str, list[FileUse]] = defaultdict(list)
    for file in files.select_related("added_by").order_by("-pk"):
        by = off.get(file.pk, "")
        uses[file.field].append(FileUse(file, by, file.removed_at))
    return [
        Past(name, versions.get(name, [])[::-1], uses.get(name, []))
        for name in sorted({*versions, *uses})
    ]


Saved = Mapping[str, Sequence[Event]]


def _acts(item: WorkItem) -> tuple[Saved, dict[int, str]]:
    """Return the events that saved each field, in order, and who took each file off."""
    saved: dict[str, list[Event]] = defaultdict(list)
    off: dict[int, str] = {}
    rows = Event.objects.filter(subject_kind="item", subject_id=item.pk)
    for event in rows.select_related("actor").order_by("seq"):
        facts = json.loads(event.facts)
        if event.action == "item.detached":
            off[facts["attachment"]] = str(event.actor or event.actor_name)
        elif event.commitments:
            for name in facts.get("fields", ()):
                saved[name].append(event)
    return saved, off


def _versions(rows: Iterable[Answer], saved: Saved) -> dict[str, list[Version]]:
    found: dict[str, list[Version]] = defaultdict(list)
    for row in rows:
        earlier = found[row.field]
        acts = saved.get(row.field, ())
        act = acts[row.version - 1] if row.version <= len(acts) else None
        earlier.append(
            Version(
                number=row.version,
                value=row.value,
                before=earlier[-1].value if earlier else None,
                by=row.saved_by,
                role=act.actor_role if act else "",
                action=act.action if act else "",
                at=row.saved_at,
                form=str(row.template),
                redacted_at=row.redacted_at,
            )
        )
    return found
