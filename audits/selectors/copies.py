"""Which seals lie in the second place, and which wait for it."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.db.models import Max

from audits.models import Seal, SealCopy, SealKey, SealKeyEnd
from audits.seal_format import key_end_record, key_record


def copied_to(place: str) -> int:
    """Return the number of the last seal that was copied there; 0 for none."""
    last = SealCopy.objects.filter(place=place).aggregate(last=Max("seal_id"))["last"]
    return int(last or 0)


def waiting(place: str, most: int) -> list[Seal]:
    """Return the next seals to copy, in order; they are copied in order, too."""
    return list(Seal.objects.filter(number__gt=copied_to(place)).order_by("pk")[:most])


def copy_lag(place: str) -> timedelta | None:
    """Return how long the oldest seal without a copy waits; None when none waits.

    By the database's clock.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT statement_timestamp() - sealed_at FROM audits_seal"
            " WHERE number > %s ORDER BY number LIMIT 1",
            [copied_to(place)],
        )
        row = cursor.fetchone()
    return max(row[0], timedelta(0)) if row else None


def record_of(key: SealKey, *, end: bool) -> bytes | None:
    """Return what the second place holds of a key, or of its end; None when none."""
    if not end:
        return key_record(
            public_key=bytes(key.public_key),
            since=key.since,
            vouched_by=key.vouched_by_id,
            voucher=bytes(key.voucher) if key.voucher is not None else None,
        )
    ended: SealKeyEnd | None = getattr(key, "end", None)
    if ended is None:
        return None
    return key_end_record(key=key.fingerprint, until=ended.until, cause=ended.cause)
