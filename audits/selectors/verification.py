"""Checks of the trail, as SQL over the canonical function.

Each check yields faults in the order of the trail. They run in one repeatable-read
snapshot, so acts going on meanwhile are never mistaken for faults.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import connection

LIMIT = 100

CANONICAL = (
    "trail_canonical(e.subject_kind, e.subject_id, e.seq, e.prev_hash, e.action, "
    "e.actor_id, e.actor_name, e.actor_role, e.source, e.request_id, e.object_kind, "
    "e.object_id, e.facility_id, e.queue_id, e.from_state, e.to_state, e.facts, "
    "e.commitments, e.occurred_at, e.recorded_at, e.xid)"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: which event of which chain, and what in plain words.

    ``event`` is the event's id, None when the event itself is gone.
    """

    code: str
    subject: str
    seq: int
    event: int | None
    message: str


_CHAINS = f"""
SELECT id, subject_kind, subject_id, seq,
       CASE WHEN NOT honest THEN 'hash_mismatch'
            WHEN seq <> COALESCE(before_seq, 0) + 1 THEN 'event_missing'
            ELSE 'link_broken' END
  FROM (
    SELECT e.id, e.subject_kind, e.subject_id, e.seq, e.prev_hash,
           e.hash = sha256({CANONICAL}) AS honest,
           lag(e.hash) OVER chain AS before_hash,
           lag(e.seq) OVER chain AS before_seq
      FROM trail_event e
     WHERE %(kind)s::text IS NULL
        OR (e.subject_kind = %(kind)s AND e.subject_id = ANY(%(ids)s))
    WINDOW chain AS (PARTITION BY e.subject_kind, e.subject_id ORDER BY e.seq, e.id)
  ) checked
 WHERE NOT honest
    OR prev_hash IS DISTINCT FROM before_hash
    OR seq <> COALESCE(before_seq, 0) + 1
 ORDER BY id
 LIMIT {LIMIT}
"""  # noqa: S608 - constant text

_HEADS = f"""
WITH heads AS (
    SELECT 'item' AS kind, id, trail_seq AS seq, trail_hash AS hash
      FROM worklists_workitem
    UNION ALL
    SELECT subject_kind, subject_id, seq, hash FROM worklists_chainhead
), last AS (
    SELECT DISTINCT ON (subject_kind, subject_id)
           subject_kind AS kind, subject_id AS id, seq, hash, id AS event
      FROM trail_event ORDER BY subject_kind, subject_id, seq DESC, id DESC
)
SELECT last.event, COALESCE(heads.kind, last.kind), COALESCE(heads.id, last.id),
       COALESCE(last.seq, 0), heads.seq,
       CASE WHEN heads.id IS NULL THEN 'subject_missing'
            WHEN COALESCE(last.seq, 0) < heads.seq THEN 'last_event_missing'
            ELSE 'head_mismatch' END
  FROM heads FULL JOIN last USING (kind, id)
 WHERE heads.id IS NULL OR last.id IS NULL
    OR heads.seq <> last.seq OR heads.hash IS DISTINCT FROM last.hash
 ORDER BY last.event NULLS LAST, 2, 3
 LIMIT {LIMIT}
"""  # noqa: S608 - constant text

_WORDS = f"""
WITH words AS (
    SELECT item_id, commitment, content, salt, redacted_at FROM worklists_answer
    UNION ALL
    SELECT item_id, commitment, content, salt, redacted_at FROM worklists_reason
    UNION ALL
    SELECT item_id, commitment, content, salt, redacted_at FROM worklists_note
), promised AS (
    SELECT e.id, e.subject_id, e.seq, c.digest
      FROM trail_event e, unnest(e.commitments) AS c (digest)
     WHERE e.subject_kind = 'item'
)
SELECT promised.id, promised.subject_id, promised.seq,
       CASE WHEN words.content IS NULL THEN 'words_missing'
            ELSE 'words_changed' END
  FROM promised
  LEFT JOIN words ON words.commitment = promised.digest
                 AND words.item_id = promised.subject_id
 WHERE CASE WHEN words.content IS NULL THEN words.redacted_at IS NULL
            ELSE sha256(words.salt || convert_to(words.content, 'UTF8'))
                 IS DISTINCT FROM words.commitment END
 ORDER BY promised.id
 LIMIT {LIMIT}
"""  # noqa: S608 - constant text

# An event names its fields in the order of their commitments; its reason comes last.
_PLACES = f"""
WITH answered AS (
    SELECT e.id, e.subject_id, e.seq, e.actor_id, f.field, e.commitments[f.n] AS digest,
           row_number() OVER (PARTITION BY e.subject_id, f.field ORDER BY e.seq)
               AS version
      FROM trail_event e,
           jsonb_array_elements_text(e.facts::jsonb -> 'fields')
               WITH ORDINALITY AS f (field, n)
     WHERE e.subject_kind = 'item' AND e.commitments <> '{{}}'
       AND jsonb_typeof(e.facts::jsonb -> 'fields') = 'array'
)
SELECT e.id, e.subject_id, e.seq, 'words_moved'
  FROM answered e
  JOIN worklists_answer a ON a.item_id = e.subject_id AND a.commitment = e.digest
 WHERE (a.field, a.version, a.saved_by_id)
       IS DISTINCT FROM (e.field, e.version, e.actor_id)
 UNION ALL
SELECT e.id, e.subject_id, e.seq, 'words_moved'
  FROM worklists_reason r
  JOIN trail_event e ON e.subject_kind = 'item' AND e.subject_id = r.item_id
                    AND r.commitment = ANY(e.commitments)
 WHERE (r.seq, r.action, r.said_by_id) IS DISTINCT FROM (e.seq, e.action, e.actor_id)
    OR r.code <> '' AND r.code <> COALESCE(e.facts::jsonb ->> 'code', r.code)
 UNION ALL
SELECT e.id, e.subject_id, e.seq, 'words_moved'
  FROM worklists_note n
  JOIN trail_event e ON e.subject_kind = 'item' AND e.subject_id = n.item_id
                    AND n.commitment = ANY(e.commitments)
 WHERE (n.seq, n.said_by_id, n.role, n.id::text, n.private::text)
       IS DISTINCT FROM (e.seq, e.actor_id, e.actor_role,
                         e.facts::jsonb ->> 'note', e.facts::jsonb ->> 'private')
 ORDER BY 1
 LIMIT {LIMIT}
"""  # noqa: S608 - constant text

_MESSAGES = {
    "hash_mismatch": "the event's content does not give its hash: it was changed",
    "event_missing": "the event before it is missing, or it stands twice",
    "link_broken": "it does not carry the hash of the event before it",
    "last_event_missing": "the last {gone} event(s) of this chain are gone",
    "head_mismatch": "the chain goes on beyond what its subject remembers",
    "subject_missing": "the subject of this chain is gone",
    "words_missing": "words bound by this event are gone without a redaction",
    "words_changed": "words bound by this event were changed",
    "words_moved": "words bound by this event stand under another field, act or name",
}


def chain_faults(kind: str | None = None, ids: Sequence[int] = ()) -> Iterator[Fault]:
    """Yield events that were changed, removed or put in, in the trail's order.

    Of the chains that ``kind`` and ``ids`` name, else of every chain.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CHAINS, {"kind": kind, "ids": list(ids)})
        for event, chain, subject_id, seq, code in cursor.fetchall():
            yield Fault(code, f"{chain}:{subject_id}", seq, event, _MESSAGES[code])


def head_faults() -> Iterator[Fault]:
    """Yield chains whose last event is not the one their subject remembers."""
    with connection.cursor() as cursor:
        cursor.execute(_HEADS)
        for event, kind, subject_id, seq, remembered, code in cursor.fetchall():
            gone = (remembered or 0) - seq
            named = seq + 1 if code == "last_event_missing" else seq
            missing = None if code == "last_event_missing" else event
            message = _MESSAGES[code].format(gone=gone)
            yield Fault(code, f"{kind}:{subject_id}", named, missing, message)


def word_faults() -> Iterator[Fault]:
    """Yield events whose words were changed, moved, or deleted and not redacted."""
    for check in (_WORDS, _PLACES):
        with connection.cursor() as cursor:
            cursor.execute(check)
            for event, item_id, seq, code in cursor.fetchall():
                yield Fault(code, f"item:{item_id}", seq, event, _MESSAGES[code])


def counts() -> dict[str, int]:
    """Return how many events and chains there are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT (subject_kind, subject_id))"
            " FROM trail_event"
        )
        events, chains = cursor.fetchone()
    return {"events": events, "chains": chains}
