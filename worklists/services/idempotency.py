"""A write sent twice under one key acts once; the second time gets the first answer.

The key's row stands in the transaction of the act, so both come to be or neither: a
killed process leaves no key without its act. While one request is at work another
with the same key waits for it. ``services.upkeep`` forgets answers after 24 hours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now
from psycopg.errors import LockNotAvailable

from worklists.errors import BadInput, Busy, KeyReused, Refusal
from worklists.models import IdempotencyKey, User

KEPT = timedelta(hours=24)
LONGEST_KEY = 200
LONGEST_WAIT = "10s"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a write answered: status, JSON body and headers of its own.

    ``items`` are those whose content the body shows; None is said by whoever knows no
    better, and means the item of the address.
    """

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    items: Sequence[int] | None = None


def once(
    *,
    user: User,
    key: str,
    digest: str,
    act: Callable[[], Answer],
    recheck: Callable[[Answer], None],
) -> Answer:
    """Run ``act`` unless this person's key has an answer from the last 24 hours.

    ``digest`` stands for the whole request. A refusal is an answer, too, and is kept
    and raised again. ``recheck`` refuses to give a kept answer again to somebody who
    may not see any more what it shows. Raises ``KeyReused`` when the key came with another request or
    when the first one is still at work after 10 seconds; ``Busy`` and any other error
    leave the key unused.
    """
    check_key(key)
    with transaction.atomic():
        row, is_new = _claim(user, key, digest)
        if not is_new:
            return _again(row, digest, recheck)
        refusal, answer = _run(act)
        row.status, row.answer = answer.status, asdict(answer)
        row.save(update_fields=["status", "answer"])
    if refusal:
        raise refusal
    return answer


def is_answered(user: User, key: str) -> bool:
    """Return whether a key has an answer from the last 24 hours."""
    rows = IdempotencyKey.objects.filter(user=user, key=key, status__isnull=False)
    return rows.filter(created_at__gte=Now() - KEPT).exists()


def check_key(key: str) -> None:
    """A key is 1 to 200 plain characters."""
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise BadInput(
            f"The Idempotency-Key has 1 to {LONGEST_KEY} plain characters.",
            fields={"Idempotency-Key": ["Send a fresh random word, such as a UUID."]},
        )


def _claim(user: User, key: str, digest: str) -> tuple[IdempotencyKey, bool]:
    mine = IdempotencyKey.objects.filter(user=user, key=key)
    mine.filter(created_at__lt=Now() - KEPT).delete()
    row = IdempotencyKey(user=user, key=key, body_hash=digest)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout TO '{LONGEST_WAIT}'")
            IdempotencyKey.objects.bulk_create([row], ignore_conflicts=True)
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise  # an outage is no answer about the first request
        raise KeyReused(
            "The first request with this Idempotency-Key is still at work. Ask again."
        ) from error
    stored = mine.get()
    return stored, stored.status is None


def _again(
    row: IdempotencyKey, digest: str, recheck: Callable[[Answer], None]
) -> Answer:
    if row.body_hash != digest:
        raise KeyReused(
            "This Idempotency-Key was used for another request. Take a fresh one."
        )
    answer = Answer(**(row.answer or {}))
    recheck(answer)
    if answer.status >= Refusal.status:
        raise _refusal(answer)
    return answer


def _run(act: Callable[[], Answer]) -> tuple[Refusal | None, Answer]:
    try:
        return None, act()
    except Busy:
        raise  # no answer about the request: the key stays unused
    except Refusal as refusal:
        said = {
            "detail": refusal.detail,
            "code": refusal.code,
            "fields": refusal.fields,
            "extra": refusal.extra,
        }
        return refusal, Answer(refusal.status, said)


def _refusal(answer: Answer) -> Refusal:
    refusal = Refusal(**answer.body)
    refusal.status = answer.status
    return refusal
