"""Public keys of the seals: which signs, which have ended."""

from __future__ import annotations

from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection

from audits.models import SealKey


def active_key() -> SealKey | None:
    """Return the key that signs, None when none was made or the last one has ended."""
    return SealKey.objects.filter(end=None).order_by("-since").first()


def all_keys() -> list[SealKey]:
    """Return every key there was with its end, oldest first."""
    return list(SealKey.objects.select_related("end").order_by("since"))


def database_time() -> datetime:
    """Return the database's own time, which nobody injects."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        at: datetime = cursor.fetchone()[0]
        return at


def signed_by(public_key: bytes, signature: bytes, text: bytes) -> bool:
    """Return whether the signature over a text is by the holder of a public key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True
