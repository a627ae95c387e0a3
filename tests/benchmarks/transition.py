"""``transition``: submit with six evidence fields, ours against raw SQL."""

from __future__ import annotations

import json
import secrets
import time
from hashlib import sha256
from typing import Any

from tests.benchmarks.figures import Figure, interleaved, percentile
from tests.benchmarks.next_item import WARM, crowd

CALLS = 40
NAMES = [f"field_{n}" for n in range(6)]


def _answers(turn: int) -> dict[str, str]:
    return {name: f"answer {turn} of {name}, said in a sentence" for name in NAMES}


def _ours(number: int, calls: int, ready: Any, out: Any) -> None:
    import django

    django.setup()
    from worklists.models import User
    from worklists.services.next_item import next_item
    from worklists.services.perform import perform

    actor = User.objects.get(username=f"bench-{number}")
    items = [next_item(actor=actor).item for _ in range(WARM + calls)]
    took = []
    for turn, item in enumerate(items):
        assert item is not None
        if turn == WARM:
            ready.wait()
        started = time.perf_counter()
        perform(
            item_id=item.pk,
            action="submit",
            actor=actor,
            expected_version=item.version,
            evidence=_answers(turn),
        )
        took.append(time.perf_counter() - started)
    out.put(took[WARM:])


_INSERT = (
    "INSERT INTO worklists_answer (item_id, field, version, template_id, saved_by_id,"
    " saved_at, content, salt, commitment) VALUES (%s, %s, 1, %s, %s, now(), %s, %s, %s)"
)
_EVENT = """
INSERT INTO trail_event (subject_kind, subject_id, seq, prev_hash, action, actor_id,
    actor_name, actor_role, source, request_id, facility_id, queue_id, from_state,
    to_state, facts, commitments, occurred_at)
SELECT 'item', id, trail_seq + 1, trail_hash, 'item.submitted', %s, 'b', 'coder',
       'command', '', facility_id, queue_id, 'in_progress', 'completed', '{}', %s, now()
  FROM worklists_workitem WHERE id = %s FOR NO KEY UPDATE
RETURNING seq, hash
"""
_ITEM = (
    "UPDATE worklists_workitem SET state = 'completed', completed_at = now(),"
    " entered_at = now(), touched_at = now(), outcome = 'completed', wake_at = NULL,"
    " reage_at = NULL, evidence_done = 6, version = version + 1, trail_seq = %s,"
    " trail_hash = %s WHERE id = %s"
)
_CLOCK = (
    "UPDATE worklists_itemclock SET met_at = now(), next_step_at = NULL"
    " WHERE item_id = %s"
)


def _raw(number: int, calls: int, ready: Any, out: Any) -> None:
    import django

    django.setup()
    import psycopg

    from config import embedded
    from worklists.models import User
    from worklists.services.next_item import next_item

    actor = User.objects.get(username=f"bench-{number}")
    items = [next_item(actor=actor).item for _ in range(WARM + calls)]
    took = []
    with psycopg.connect(embedded.database_url("app")) as link:
        for turn, item in enumerate(items):
            if turn == WARM:
                ready.wait()
            started = time.perf_counter()
            _submit(link, item, actor.pk, _answers(turn))
            took.append(time.perf_counter() - started)
    out.put(took[WARM:])


def _submit(link: Any, item: Any, me: int, answers: dict[str, str]) -> None:
    rows = []
    for name, text in answers.items():
        salt, content = secrets.token_bytes(32), json.dumps(text)
        digest = sha256(salt + content.encode()).digest()
        rows.append((item.pk, name, item.template_id, me, content, salt, digest))
    with link.transaction(), link.cursor() as cursor:
        for row in rows:
            cursor.execute(_INSERT, row)
        cursor.execute(_EVENT, [me, [row[-1] for row in rows], item.pk])
        seq, digest = cursor.fetchone()
        cursor.execute(_ITEM, [seq, digest, item.pk])
        cursor.execute(_CLOCK, [item.pk])


def measure(runs: int = 3) -> Figure:
    """Return submits per second of ours and of the reference, with p50 and p95."""
    seen: list[float] = []

    def ours() -> float:
        rate, calls = crowd(_ours, CALLS)
        seen.extend(calls)
        return rate

    figure = interleaved(
        "transition", "submits/s", ours, lambda: crowd(_raw, CALLS)[0], runs=runs
    )
    figure.more = {
        "p50_ms": round(percentile(seen, 0.5) * 1000, 2),
        "p95_ms": round(percentile(seen, 0.95) * 1000, 2),
        "workers": 8,
    }
    return figure
