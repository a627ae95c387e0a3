"""Rows held against the events that made them: what a trail alone does not show.

The trail binds words by their digests. What else people decided stands in rows that the
product changes: an item's state, the files on it, answers to escalations, who proposed and
who approved a rule and what it says. A row that says something else than its event was
changed past the product.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection

from audits.selectors.verification import LIMIT, Fault
from worklists.enums import RuleKind, RuleState
from worklists.errors import NotVisible
from worklists.models import Event, Rule, RuleVersion
from worklists.models.evidence import Committed
from worklists.rule_digest import DIGEST, digest_of
from worklists.selectors.rules import live_content, same_content

_STATES = f"""
SELECT e.id, 'item', i.id, e.seq, 'state_differs'
  FROM worklists_workitem i
  JOIN trail_event e ON e.subject_kind = 'item' AND e.subject_id = i.id
                    AND e.seq = i.trail_seq
 WHERE e.to_state IS DISTINCT FROM i.state
 ORDER BY 1
 LIMIT {LIMIT}
"""  # noqa: S608 - constant text

# A file stands as it was attached, and is gone only where an event took it off.
_FILES = f"""
WITH said AS (
    SELECT e.id, e.subject_id, e.seq, e.action, e.facts::jsonb AS facts
      FROM trail_event e
     WHERE e.subject_kind = 'item' AND e.action IN ('item.attached', 'item.detached')
), on_it AS (SELECT * FROM said WHERE action = 'item.attached')
SELECT s.id, 'item', COALESCE(s.subject_id, a.item_id), COALESCE(s.seq, 0),
       CASE WHEN s.id IS NULL THEN 'file_unsaid'
            WHEN a.id IS NULL THEN 'file_missing'
            ELSE 'file_changed' END
  FROM on_it s
  FULL JOIN worklists_attachment a ON a.id = (s.facts ->> 'attachment')::bigint
 WHERE (a.item_id, a.sha256, a.field)
       IS DISTINCT FROM (s.subject_id, s.facts ->> 'sha256', s.facts ->> 'field')
    OR (a.removed_at IS NOT NULL) IS DISTINCT FROM EXISTS (
           SELECT FROM said off
            WHERE off.action = 'item.detached' AND off.subject_id = a.item_id
              AND off.facts ->> 'attachment' = a.id::text)
 ORDER BY 1 NULLS LAST, 3
 LIMIT {LIMIT}
"""  # noqa: S608 - constant text

_CALLS = f"""
WITH said AS (
    SELECT e.id, e.subject_id, e.seq, e.actor_id, e.facts::jsonb AS facts
      FROM trail_event e
     WHERE e.subject_kind = 'item' AND e.action = 'item.escalation_acknowledged'
)
SELECT s.id, 'item', COALESCE(s.subject_id, c.item_id), COALESCE(s.seq, 0),
       CASE WHEN s.id IS NULL THEN 'answer_unsaid' ELSE 'answer_changed' END
  FROM said s
  FULL JOIN (SELECT * FROM worklists_escalation WHERE acknowledged_at IS NOT NULL) c
         ON c.id = (s.facts ->> 'escalation')::bigint
 WHERE (c.item_id, c.outcome, c.acknowledged_by_id)
       IS DISTINCT FROM (s.subject_id, s.facts ->> 'outcome', s.actor_id)
 ORDER BY 1 NULLS LAST, 3
 LIMIT {LIMIT}
"""  # noqa: S608 - constant text

# Words beside chains of no item: those of rules, of payer profiles.
_OTHER_WORDS = """
WITH words AS ({words}), promised AS (
    SELECT e.id, e.subject_kind, e.subject_id, e.seq, c.digest
      FROM trail_event e, unnest(e.commitments) AS c (digest)
     WHERE e.subject_kind <> 'item'
)
SELECT p.id, p.subject_kind, p.subject_id, p.seq,
       CASE WHEN w.content IS NULL THEN 'words_missing' ELSE 'words_changed' END
  FROM promised p
  LEFT JOIN words w ON w.commitment = p.digest
 WHERE w.content IS NULL AND w.redacted_at IS NULL
    OR w.content IS NOT NULL
   AND sha256(w.salt || convert_to(w.content, 'UTF8')) IS DISTINCT FROM w.commitment
 ORDER BY p.id
 LIMIT {limit}
"""

_DESTROYED = """
WITH words AS ({words})
SELECT e.id, e.subject_kind, e.subject_id, e.seq, 'words_destroyed_unsaid'
  FROM words w
  JOIN trail_event e ON w.commitment = ANY(e.commitments)
                    AND e.subject_kind = 'item' AND e.subject_id = w.item_id
 WHERE NOT EXISTS (SELECT FROM trail_event r
                    WHERE r.subject_kind = 'item' AND r.subject_id = w.item_id
                      AND r.action = 'item.redacted' AND r.seq > e.seq)
 ORDER BY 1
 LIMIT {limit}
"""

_OTHERS_DESTROYED = """
WITH words AS ({words})
SELECT e.id, e.subject_kind, e.subject_id, e.seq, 'words_destroyed_unsaid'
  FROM words w
  JOIN trail_event e ON w.commitment = ANY(e.commitments) AND e.subject_kind <> 'item'
 ORDER BY 1
 LIMIT {limit}
"""

MESSAGES = {
    "state_differs": "the item stands in another state than this event left it in",
    "file_unsaid": "a file stands on the item that no event attached",
    "file_missing": "the row of the file that this event attached is gone",
    "file_changed": "the file of this event stands under another digest, field or item, "
    "or was taken off or put back without an event",
    "answer_unsaid": "an escalation of the item has an answer that no event gave",
    "answer_changed": "the answer of this event stands with another outcome or name",
    "words_missing": "words bound by this event are gone",
    "words_changed": "words bound by this event were changed",
    "words_destroyed_unsaid": "words bound by this event were destroyed, and no event "
    "says so",
    "rule_changed": "the version of this event says something else now",
    "rule_by_another": "the version of this event names another person",
    "rule_unsaid": "a version of the rule works that no event approved",
    "version_missing": "the version that this event names is gone",
    "rule_state_unsaid": "the version was sent back or withdrawn, and no event says so",
    "rule_differs": "what works is not what the version in force says: it was changed "
    "beside the rule pages",
}


def row_faults() -> Iterator[Fault]:
    """Yield rows that say something else than their events, in order of their kinds."""
    for check in (_STATES, _FILES, _CALLS, _other_words()):
        yield from _found(check)
    yield from _rule_faults()


def destroyed() -> list[Fault]:
    """Return words that were destroyed and no event says so: allowed, and to be known.

    Destroying words and their salt leaves the chain whole; the product has no act that
    does it, so whoever did it by hand is asked here.
    """
    return [*_found(_destroyed()), *_found(_others_destroyed())]


def _found(check: str) -> Iterator[Fault]:
    with connection.cursor() as cursor:
        cursor.execute(check)
        for event, kind, subject_id, seq, code in cursor.fetchall():
            yield Fault(code, f"{kind}:{subject_id}", seq, event, MESSAGES[code])


def _tables(*, of_items: bool) -> list[str]:
    """Return the tables of committed words, of items or of anything else."""
    kept = [model for model in apps.get_models() if issubclass(model, Committed)]
    return [
        model._meta.db_table
        for model in kept
        if of_items == any(f.name == "item" for f in model._meta.fields)
    ]


def _destroyed() -> str:
    words = " UNION ALL ".join(
        f"SELECT item_id, commitment FROM {table} WHERE redacted_at IS NOT NULL"  # noqa: S608
        for table in _tables(of_items=True)
    )
    return _DESTROYED.format(words=words, limit=LIMIT)


def _others_destroyed() -> str:
    words = " UNION ALL ".join(
        f"SELECT commitment FROM {table} WHERE redacted_at IS NOT NULL"  # noqa: S608
        for table in _tables(of_items=False)
    )
    return _OTHERS_DESTROYED.format(words=words, limit=LIMIT)


def _other_words() -> str:
    words = " UNION ALL ".join(
        f"SELECT commitment, content, salt, redacted_at FROM {table}"  # noqa: S608
        for table in _tables(of_items=False)
    )
    return _OTHER_WORDS.format(words=words, limit=LIMIT)


def _rule_faults() -> Iterator[Fault]:
    """Yield versions that differ from what their events say, rule by rule."""
    said: dict[int, list[Event]] = {}
    for event in Event.objects.filter(subject_kind="rule").order_by(
        "subject_id", "seq"
    ):
        said.setdefault(event.subject_id, []).append(event)
    versions: dict[int, list[RuleVersion]] = {}
    for version in RuleVersion.objects.order_by("rule_id", "number"):
        versions.setdefault(version.rule_id, []).append(version)
    for rule in Rule.objects.order_by("pk"):
        events, kept = said.get(rule.pk, []), versions.get(rule.pk, [])
        yield from _missing(rule.pk, kept, events)
        for version in kept:
            yield from _version_faults(version, events)
        yield from _differing(rule, kept)
    for rule_id in said.keys() - set(Rule.objects.values_list("pk", flat=True)):
        yield from _missing(rule_id, [], said[rule_id])


def _missing(
    rule_id: int, versions: list[RuleVersion], events: list[Event]
) -> Iterator[Fault]:
    """Yield the versions that events name and that have no row any more, each once."""
    there = {version.number for version in versions}
    code = "version_missing"
    for event in events:
        number = _facts(event)["version"]
        if number is not None and number not in there:
            there.add(number)
            subject = f"rule:{rule_id}"
            yield Fault(code, subject, event.seq, event.pk, MESSAGES[code])


_WHO = {"rule.proposed": "proposed_by_id", "rule.approved": "decided_by_id"}
# What alone brings a version into these states.
_ENDED_BY = {
    RuleState.SENT_BACK: "rule.sent_back",
    RuleState.WITHDRAWN: "rule.withdrawn",
}
_APPROVED = {RuleState.APPROVED, RuleState.IN_FORCE, RuleState.SUPERSEDED}


def _version_faults(version: RuleVersion, events: list[Event]) -> Iterator[Fault]:
    subject = f"rule:{version.rule_id}"
    about = [
        (e, facts) for e in events if (facts := _facts(e))["version"] == version.number
    ]
    codes: list[tuple[Event | None, str]] = []
    for event, facts in about:
        if facts.get(DIGEST, ours := digest_of(version.content)) != ours:
            codes.append((event, "rule_changed"))
        who = _WHO.get(event.action)
        if who and getattr(version, who) != event.actor_id:
            codes.append((event, "rule_by_another"))
    joined = any("joins" in facts for _, facts in about)
    approved = any(event.action == "rule.approved" for event, _ in about)
    ended = _ENDED_BY.get(RuleState(version.state))
    if ended and not any(event.action == ended for event, _ in about):
        codes.append((about[-1][0] if about else None, "rule_state_unsaid"))
    works = version.state in _APPROVED and not version.alone
    if works and not (approved or joined):
        codes.append((None, "rule_unsaid"))
    for said, code in codes:
        seq, event_id = (said.seq, said.pk) if said else (0, None)
        yield Fault(code, subject, seq, event_id, MESSAGES[code])


def _facts(event: Event) -> dict[str, Any]:
    return {"version": None, **json.loads(event.facts)}


# The rows of these change by versions alone.
_BY_VERSIONS = {RuleKind.SLA, RuleKind.TEMPLATE, RuleKind.REVIEW}


def _differing(rule: Rule, versions: list[RuleVersion]) -> Iterator[Fault]:
    in_force = [one for one in versions if one.state == RuleState.IN_FORCE]
    if rule.kind not in _BY_VERSIONS or not in_force:
        return
    try:
        works = live_content(rule.kind, rule.slug)
    except NotVisible:
        works = {}
    if not works or not same_content(rule.kind, in_force[0].content, works):
        code = "rule_differs"
        yield Fault(code, f"rule:{rule.pk}", 0, None, MESSAGES[code])
