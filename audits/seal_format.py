"""What is signed of a seal and of a key, and how both are written to the second place.

Final, like the trail's format: a signature is over these bytes for ever. Each is a tag
and fields, a field being its length as a signed big-endian 32-bit integer and its bytes;
NULL is the length -1. Numbers are decimal text, moments microseconds since 1970-01-01
UTC as decimal text. ``docs/security.md`` has both with an example.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

SEAL_TAG = "codetrail-seal-1"
KEY_TAG = "codetrail-key-1"
KEY_END_TAG = "codetrail-key-end-1"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SealFacts:
    """Everything that a seal's signature is over.

    ``previous`` is the hash of the seal before, ``total`` how many events the seals up
    to this one hold, ``key`` the fingerprint. ``complete_to``, ``drawn_to`` and
    ``next_xid`` are where the search for unsealed events goes on; see
    ``docs/decisions/0010-seals.md``.
    """

    number: int
    previous: bytes | None
    tree_size: int
    total: int
    root: bytes
    ids_digest: bytes
    first_event: int
    last_event: int
    complete_to: int
    drawn_to: int
    next_xid: int
    sealed_at: datetime
    key: str

    def signed_bytes(self) -> bytes:
        """Return the canonical bytes: the tag and 13 fields in the order above."""
        return SEAL_TAG.encode() + b"".join(
            [
                _number(self.number),
                _field(self.previous),
                _number(self.tree_size),
                _number(self.total),
                _field(self.root),
                _field(self.ids_digest),
                _number(self.first_event),
                _number(self.last_event),
                _number(self.complete_to),
                _number(self.drawn_to),
                _number(self.next_xid),
                _number(micros(self.sealed_at)),
                _field(bytes.fromhex(self.key)),
            ]
        )

    def hash(self) -> bytes:
        """Return the seal's hash, which the next seal carries."""
        return sha256(self.signed_bytes()).digest()


def ids_digest(event_ids: Sequence[int]) -> bytes:
    """Return SHA-256 over the events' ids in leaf order, 8 bytes big-endian each."""
    return sha256(struct.pack(f">{len(event_ids)}q", *event_ids)).digest()


def fingerprint(public_key: bytes) -> str:
    """Return the SHA-256 of a public key's 32 raw bytes, in hexadecimal."""
    return sha256(public_key).hexdigest()


def voucher_bytes(*, public_key: bytes, since: datetime, voucher: str) -> bytes:
    """Return what the former key signs of the one that follows it."""
    fields = [
        _field(public_key),
        _number(micros(since)),
        _field(bytes.fromhex(voucher)),
    ]
    return KEY_TAG.encode() + b"".join(fields)


def seal_record(
    facts: SealFacts, *, event_ids: Sequence[int], signature: bytes
) -> bytes:
    """Return the seal as it is written to the second place: one line of JSON."""
    return _line(
        {
            "format": SEAL_TAG,
            "number": facts.number,
            "previous": facts.previous.hex() if facts.previous else None,
            "tree_size": facts.tree_size,
            "total": facts.total,
            "root": facts.root.hex(),
            "ids_digest": facts.ids_digest.hex(),
            "first_event": facts.first_event,
            "last_event": facts.last_event,
            "complete_to": facts.complete_to,
            "drawn_to": facts.drawn_to,
            "next_xid": facts.next_xid,
            "sealed_at": moment(facts.sealed_at),
            "key": facts.key,
            "hash": facts.hash().hex(),
            "signature": signature.hex(),
            "event_ids": list(event_ids),
        }
    )


def key_record(
    *,
    public_key: bytes,
    since: datetime,
    vouched_by: str | None,
    voucher: bytes | None,
) -> bytes:
    """Return a public key as it is written to the second place."""
    return _line(
        {
            "format": KEY_TAG,
            "fingerprint": fingerprint(public_key),
            "public_key": public_key.hex(),
            "since": moment(since),
            "vouched_by": vouched_by,
            "voucher": voucher.hex() if voucher else None,
        }
    )


def key_end_record(*, key: str, until: datetime, cause: str) -> bytes:
    """Return the end of a key as it is written to the second place."""
    facts = {"fingerprint": key, "until": moment(until), "cause": cause}
    return _line({"format": KEY_END_TAG, **facts})


def seal_name(number: int) -> str:
    """Return where a seal lies in the second place, a thousand in a folder."""
    return f"seals/{number // 1000:09d}/{number:012d}.json"


def key_name(key: str, *, end: bool = False) -> str:
    """Return where a public key, or its end, lies in the second place."""
    return f"keys/{key}.end.json" if end else f"keys/{key}.json"


def micros(at: datetime) -> int:
    """Return microseconds since 1970-01-01 UTC, exactly."""
    return (at - EPOCH) // timedelta(microseconds=1)


def moment(at: datetime) -> str:
    """Return a moment as records write it: UTC with six decimals."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _field(value: bytes | None) -> bytes:
    if value is None:
        return struct.pack(">i", -1)
    return struct.pack(">i", len(value)) + value


def _number(value: int) -> bytes:
    return _field(str(value).encode())


def _line(facts: Mapping[str, Any]) -> bytes:
    text = json.dumps(facts, separators=(",", ":"))
    return text.encode() + b"\n"
