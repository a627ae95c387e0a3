"""The one writer of the trail. Only kernel services import it.

Format 1 (final: an append-only table cannot be rewritten). The database makes the
canonical bytes and the hash in a BEFORE INSERT trigger, so ``recorded_at``, the
transaction id and the hash can never be handed in:

``hash = SHA-256("codetrail-event-1" ‖ field ‖ field …)``, where each field is its
length as a signed big-endian 32-bit integer and its bytes, and NULL is the length
-1 with no bytes. Fields in this order: subject_kind, subject_id, seq, prev_hash,
action, actor_id, actor_name, actor_role, source, request_id, object_kind,
object_id, facility_id, queue_id, from_state, to_state, facts, commitments
(32-byte digests, joined), occurred_at, recorded_at, xid. Numbers are decimal
text, moments are microseconds since 1970-01-01 UTC as decimal text, text is UTF-8.

``canonical_bytes`` is the same in Python, for tests and for outsiders.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db import connection

from worklists import task_classes
from worklists.context import current, now
from worklists.errors import NotPermitted
from worklists.models import User, WorkItem
from worklists.selectors.access import access_of
from worklists.selectors.task_classes import table
from worklists.trail_words import ACTIONS, WORK

FORMAT_TAG = b"codetrail-event-1"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Subject:
    """The chain an event stands in."""

    kind: str
    id: int


@dataclass(frozen=True, slots=True)
class Commitment:
    """SHA-256(salt ‖ content) over 32 random bytes and the content's canonical JSON."""

    content: str
    salt: bytes
    digest: bytes

    def columns(self) -> dict[str, str | bytes]:
        """Return it as the row beside the trail holds it (``models.Committed``)."""
        return {
            "content": self.content,
            "salt": self.salt,
            "commitment": self.digest,
        }


def commit(content: Any) -> Commitment:
    """Bind content to the trail without putting it there."""
    salt, text = secrets.token_bytes(32), canonical_json(content)
    return Commitment(text, salt, digest(text, salt))


def digest(text: str, salt: bytes) -> bytes:
    """Return the commitment of a canonical JSON text under ``salt``."""
    return hashlib.sha256(salt + text.encode()).digest()


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical_json(value: Any) -> str:
    """Return JSON with sorted keys, no spaces and plain UTF-8: one text per value."""
    return _ENCODER.encode(value)


def role_of(actor: User | None) -> str:
    """Return the actor's roles that day, as the trail words them."""
    if actor is None:
        return "system"
    return "+".join(sorted(access_of(actor).roles)) or "none"


_COLUMNS = (
    "subject_kind, subject_id, seq, prev_hash, action, actor_id, actor_name, "
    "actor_role, source, request_id, object_kind, object_id, facility_id, queue_id, "
    "from_state, to_state, facts, commitments, occurred_at"
)
_INSERT = (
    f"INSERT INTO trail_event ({_COLUMNS}) VALUES ("  # noqa: S608 - constant columns
    "%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s"
    ") RETURNING hash"
)


def _who(actor: User | None) -> list[Any]:
    name = actor.username if actor else "worker"
    here = current()
    actor_id = actor.pk if actor else None
    return [actor_id, name, role_of(actor), here.source.value, here.request_id]


def check_action(action: str) -> str:
    """Return the action, or raise ``ValueError`` for one that is not registered."""
    if action not in ACTIONS:
        raise ValueError(f"the trail does not know the action {action!r}")
    return action


def is_work(action: str, actor: User | None) -> bool:
    """Return whether an event is work of a person on the item: it was touched then."""
    return actor is not None and action in WORK


Facts = Mapping[str, Any]


def by_class(action: str, actor: User | None) -> Facts:
    """Return what the event of an act without a person says of its class.

    This is the last door: the system writes no act that the task-class table does not
    leave to it (``NotPermitted``), and none that has no class (``LookupError``).
    """
    if actor is not None:
        return {}
    act = task_classes.act_of(action)
    if act is None:
        if task_classes.is_beside(action):
            return {}
        raise LookupError(f"no task class lets the system write {action!r}")
    holds = table()
    if not holds.is_automatic(act.code):
        raise NotPermitted(f"“{act.label}” is left to people.", code="task_class")
    return {task_classes.FACT: holds.fact(act.code)}


def append_item_event(
    item: WorkItem,
    *,
    action: str,
    actor: User | None,
    from_state: str,
    to_state: str,
    facts: Mapping[str, Any] | None = None,
    commitments: Iterable[bytes] = (),
) -> None:
    """Append one event to the item's own chain and move the item's head.

    The caller holds the item's row lock and saves ``trail_seq`` and ``trail_hash``
    with the rest of its change.
    """
    said = {**(facts or {}), **by_class(action, actor)}
    item.trail_seq += 1
    values = [
        *("item", item.pk, item.trail_seq, item.trail_hash, check_action(action)),
        *_who(actor),
        *(None, None, item.facility_id, item.queue_id, from_state, to_state),
        *(canonical_json(said), list(commitments), now()),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
        item.trail_hash = bytes(cursor.fetchone()[0])


# Raising the head locks it, so the event's place in the chain is its own.
_AT_HEAD = f"""
WITH head AS (
    INSERT INTO worklists_chainhead (subject_kind, subject_id, seq)
    VALUES (%(subject_kind)s, %(subject_id)s, 1)
    ON CONFLICT (subject_kind, subject_id)
    DO UPDATE SET seq = worklists_chainhead.seq + 1
    RETURNING seq, hash
)
INSERT INTO trail_event ({_COLUMNS})
SELECT %(subject_kind)s, %(subject_id)s, head.seq, head.hash, %(action)s, %(actor_id)s,
       %(actor_name)s, %(actor_role)s, %(source)s, %(request_id)s, %(object_kind)s,
       %(object_id)s, %(facility_id)s, %(queue_id)s, NULL, NULL, %(facts)s,
       %(commitments)s::bytea[], %(occurred_at)s
  FROM head
RETURNING hash
"""  # noqa: S608 - constant columns, every value is a parameter
_SET_HEAD = (
    "UPDATE worklists_chainhead SET hash = %s "
    "WHERE subject_kind = %s AND subject_id = %s"
)


def append_event(
    subject: Subject,
    *,
    action: str,
    actor: User | None,
    about: Subject | None = None,
    facts: Mapping[str, Any] | None = None,
    commitments: Sequence[bytes] = (),
    facility_id: int | None = None,
    queue_id: int | None = None,
) -> None:
    """Append one event to a chain whose subject is no item (a person, a batch).

    Locks the chain's head, so two acts of one person stand one behind the other.
    """
    if subject.kind == "item":
        raise ValueError("an item's chain is written by append_item_event")
    values = _shared(action, actor, about) | {
        "subject_kind": subject.kind,
        "subject_id": subject.id,
        "facility_id": facility_id,
        "queue_id": queue_id,
        "facts": canonical_json({**(facts or {}), **by_class(action, actor)}),
        "commitments": list(commitments),
    }
    with connection.cursor() as cursor:
        cursor.execute(_AT_HEAD, values)
        cursor.execute(_SET_HEAD, [cursor.fetchone()[0], subject.kind, subject.id])


# Rows come as one JSON text: lists of text cost the driver ten times as much.
_BULK = """
WITH s AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(rows)s::json)
           AS s (item_id bigint, from_state text, to_state text, facts text{shapes})
), written AS (
    INSERT INTO trail_event ({columns})
    SELECT 'item', i.id, i.trail_seq + 1, i.trail_hash, %(action)s, %(actor_id)s,
           %(actor_name)s, %(actor_role)s, %(source)s, %(request_id)s,
           %(object_kind)s, %(object_id)s,
           i.facility_id, i.queue_id, s.from_state, s.to_state, s.facts,
           %(commitments)s::bytea[], %(occurred_at)s
      FROM s JOIN worklists_workitem i ON i.id = s.item_id
     ORDER BY i.id
    RETURNING subject_id, seq, hash
)
UPDATE worklists_workitem i
   SET trail_seq = w.seq, trail_hash = w.hash{sets}
  FROM written w JOIN s ON s.item_id = w.subject_id
 WHERE i.id = w.subject_id
"""


# What every act on an item sets besides; an act on something else leaves both.
_ACTED = ", version = i.version + 1"
_TOUCHED = ", touched_at = %(occurred_at)s"


@cache
def _bulk(names: tuple[str, ...], *, acted: bool, touched: bool) -> str:
    """Return the statement that also sets these columns of the items."""
    model = WorkItem._meta
    types = {field.column: field.db_type(connection) for field in model.concrete_fields}
    besides = _ACTED * acted + _TOUCHED * touched
    return _BULK.format(
        columns=_COLUMNS,
        shapes="".join(f", {name} {types[name]}" for name in names),
        sets="".join([besides, *(f", {name} = s.{name}" for name in names)]),
    )


_FIRST = f"""
INSERT INTO trail_event ({_COLUMNS})
SELECT 'item', s.item_id, 1, NULL, %(action)s, %(actor_id)s,
       %(actor_name)s, %(actor_role)s, %(source)s, %(request_id)s,
       %(object_kind)s, %(object_id)s,
       s.facility_id, s.queue_id, NULL, 'open', s.facts,
       ARRAY[]::bytea[], %(occurred_at)s
  FROM json_to_recordset(%(rows)s::json)
       AS s (item_id bigint, facility_id bigint, queue_id bigint, facts text)
RETURNING subject_id, hash
"""  # noqa: S608 - constant columns, every value is a parameter


class BulkRow(NamedTuple):
    """One item's part of a set-based act, and the columns it sets on the item.

    All rows of one act set the same columns, named as in the table.
    """

    item_id: int
    from_state: str
    to_state: str
    facts: Mapping[str, Any]
    sets: Mapping[str, Any] = MappingProxyType({})

    def as_json(self, more: Facts) -> dict[str, Any]:
        """Return the record that the statement reads; ``more`` stands in each event."""
        facts = canonical_json({**self.facts, **more})
        return {
            "item_id": self.item_id,
            "from_state": self.from_state,
            "to_state": self.to_state,
            "facts": facts,
            **self.sets,
        }


@dataclass(frozen=True, slots=True)
class FirstRow:
    """The opening of one item that is about to be stored."""

    item_id: int
    facility_id: int
    queue_id: int
    facts: Mapping[str, Any]


def _shared(action: str, actor: User | None, about: Subject | None) -> dict[str, Any]:
    keys = ("actor_id", "actor_name", "actor_role", "source", "request_id")
    return dict(zip(keys, _who(actor), strict=True)) | {
        "action": check_action(action),
        "occurred_at": now(),
        "object_kind": about.kind if about else None,
        "object_id": about.id if about else None,
    }


def append_item_events(
    rows: Sequence[BulkRow],
    *,
    action: str,
    actor: User | None,
    about: Subject | None = None,
    commitments: Sequence[bytes] = (),
    acted: bool = True,
) -> int:
    """Append one event to the chain of every item named, in one statement.

    It raises each item's version, says when a person last worked on it, and sets the
    columns that the rows name: an item is written once. The caller has locked the
    items. ``commitments`` stand in each event (one reason for all). Not ``acted`` are
    events of something else that reaches the items, such as a rule of their clocks:
    version and last touch stay. Returns how many were written.
    """
    if not rows:
        return 0
    names = tuple(rows[0].sets)
    if any(tuple(row.sets) != names for row in rows):
        raise ValueError("all rows of one act set the same columns")
    said = by_class(action, actor)
    values = _shared(action, actor, about) | {
        "rows": _as_text([row.as_json(said) for row in rows]),
        "commitments": list(commitments),
    }
    touched = acted and is_work(action, actor)
    with connection.cursor() as cursor:
        cursor.execute(_bulk(names, acted=acted, touched=touched), values)
        written = int(cursor.rowcount)
    if written != len(rows):
        raise LookupError(f"{len(rows) - written} of {len(rows)} items are not there")
    return written


def _as_text(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(rows, default=datetime.isoformat)


def append_first_events(
    rows: Sequence[FirstRow], *, actor: User | None, about: Subject | None = None
) -> dict[int, bytes]:
    """Append ``item.opened`` for items about to be stored; return their hashes."""
    said = by_class("item.opened", actor)
    values = _shared("item.opened", actor, about) | {
        "rows": _as_text(
            [
                {
                    "item_id": row.item_id,
                    "facility_id": row.facility_id,
                    "queue_id": row.queue_id,
                    "facts": canonical_json({**row.facts, **said}),
                }
                for row in rows
            ]
        )
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, values)
        return {item_id: bytes(digest_) for item_id, digest_ in cursor.fetchall()}


def _field(value: bytes | None) -> bytes:
    if value is None:
        return struct.pack(">i", -1)
    return struct.pack(">i", len(value)) + value


def micros(moment: datetime) -> int:
    """Return microseconds since 1970-01-01 UTC, exactly."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def canonical_bytes(row: Mapping[str, Any]) -> bytes:
    """Return the bytes that are hashed for a row of ``trail_event``.

    ``row`` holds the columns named in the module's text, ``xid`` as an integer.
    """
    texts = (
        *("subject_kind", "subject_id", "seq"),
        *("action", "actor_id", "actor_name", "actor_role", "source", "request_id"),
        *("object_kind", "object_id", "facility_id", "queue_id"),
        *("from_state", "to_state", "facts"),
    )

    def text(name: str) -> bytes:
        value = row[name]
        return _field(None if value is None else str(value).encode())

    parts = [text(name) for name in texts[:3]]
    prev = row["prev_hash"]
    parts.append(_field(None if prev is None else bytes(prev)))
    parts += [text(name) for name in texts[3:]]
    parts.append(_field(b"".join(bytes(c) for c in row["commitments"])))
    parts += [
        _field(str(micros(row[m])).encode()) for m in ("occurred_at", "recorded_at")
    ]
    parts.append(_field(str(row["xid"]).encode()))
    return FORMAT_TAG + b"".join(parts)
