"""Writing one act on many items: how each stood before, its event, its new columns.

Every item is written once, set by set, with the same fields and the same event as the
act on it alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection

from worklists import trail
from worklists.context import now
from worklists.enums import BulkKind
from worklists.models import BulkAct, User
from worklists.services.acts import clean_reason
from worklists.services.bulk_rows import Plan, Row
from worklists.services.reading import subject


class Change(NamedTuple):
    """What an act does to one item: its event and the columns that it sets."""

    item: Row
    event: str
    to_state: str
    facts: Mapping[str, Any]
    sets: Mapping[str, Any]
    code: str = ""


# The items are locked: what is kept is what the act finds.
_KEEP = """
INSERT INTO worklists_bulkactitem (bulk_act_id, item_id, version, state, assignee_id,
                                   entered_at, touched_at, handed_at, wake_at, lift)
SELECT %(act)s, i.id, i.version + 1, i.state, i.assignee_id,
       i.entered_at, i.touched_at, i.handed_at, i.wake_at, i.lift
  FROM worklists_workitem i
 WHERE i.id = ANY(%(ids)s)
"""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done; ``act`` is None where nothing could be."""

    act: BulkAct | None
    plan: Plan


def carry_out(
    *,
    actor: User,
    kind: BulkKind,
    target: Any,
    plan: Plan,
    changes: Sequence[Change],
    reason: str,
    facts: Mapping[str, Any] | None = None,
) -> BulkAct:
    """Do an act of a person: ``keep_and_write``, and one event on their own chain."""
    act = keep_and_write(
        actor=actor,
        kind=kind,
        target=target,
        plan=plan,
        changes=changes,
        reason=clean_reason(reason),
    )
    record(act, actor, f"bulk.{kind}", plan, facts)
    return act


def keep_and_write(
    *,
    actor: User | None,
    kind: BulkKind,
    target: Any,
    plan: Plan,
    changes: Sequence[Change],
    reason: str,
) -> BulkAct:
    """Keep how each item stands, then write all of them with an event each.

    ``target`` is what was asked for; ``actor`` None is the worker. The caller has
    locked the items.
    """
    act = BulkAct.objects.create(
        actor=actor,
        kind=kind,
        made_at=now(),
        target=target,
        done=len(changes),
        refused=len(plan.left),
    )
    keep(act, [change.item.pk for change in changes])
    write(act, changes, reason)
    return act


def keep(act: BulkAct, ids: Sequence[int]) -> None:
    """Keep how the locked items stand before the act."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, {"act": act.pk, "ids": list(ids)})


def record(
    act: BulkAct,
    actor: User,
    action: str,
    plan: Plan,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Append to the person's own chain how many items an act took and left."""
    trail.append_event(
        subject("user", actor.pk),
        action=action,
        actor=actor,
        about=about(act),
        facts={
            "items": len(plan.placings),
            "refused": len(plan.left),
            **(facts or {}),
        },
    )


def write(act: BulkAct, changes: Sequence[Change], reason: str = "") -> None:
    """Append each item's event and set its columns; the reason stands with each."""
    words = trail.commit(reason) if reason else None
    alike: dict[tuple[str, ...], list[Change]] = defaultdict(list)
    for change in changes:
        alike[change.event, change.code, *change.sets].append(change)
    for (event, code, *_), group in alike.items():
        trail.append_item_events(
            [_event(change) for change in group],
            action=event,
            actor=act.actor,
            about=about(act),
            commitments=[words.digest] if words else [],
        )
        if words:
            ids = [change.item.pk for change in group]
            _keep_reason(act, (event, code), ids, words)


def about(act: BulkAct) -> trail.Subject:
    """Return what events of a bulk act name as their object."""
    return subject("bulk_act", act.pk)


def _event(change: Change) -> trail.BulkRow:
    item = change.item
    return trail.BulkRow(
        item_id=item.pk,
        from_state=item.state,
        to_state=change.to_state,
        facts={**change.facts, "version": item.version + 1},
        sets={**change.sets, "state": change.to_state},
    )


# Each stands at the event that was just written, the item's last.
_REASONS = """
INSERT INTO worklists_reason (item_id, action, code, seq, said_by_id, said_at,
                              content, salt, commitment)
SELECT i.id, %(action)s, %(code)s, i.trail_seq, %(by)s, %(at)s, %(content)s, %(salt)s,
       %(commitment)s
  FROM worklists_workitem i
 WHERE i.id = ANY(%(ids)s)
"""


def _keep_reason(
    act: BulkAct, why: tuple[str, str], ids: Sequence[int], words: trail.Commitment
) -> None:
    action, code = why
    values: dict[str, Any] = {
        "action": action,
        "code": code,
        "by": act.actor_id,
        "at": now(),
        "content": words.content,
        "salt": words.salt,
        "commitment": words.digest,
        "ids": list(ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(_REASONS, values)
