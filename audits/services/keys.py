"""The key that signs seals: its file, its row, its end.

The private key lies in one file outside the database (``SEAL_KEY_FILE``, mode 0600);
the database and the second place know public keys only. One key signs at a time. Each
beginning and end is an event on the site's own chain.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection, transaction

from audits.errors import KeyTrouble
from audits.models import KeyEndCause, SealKey, SealKeyEnd
from audits.seal_format import fingerprint, voucher_bytes
from audits.selectors.keys import active_key, database_time
from worklists.services import site_acts

_RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)
HELP = "docs/operating.md, “Seals and their key”, says what to do."


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key that may sign now, and the row of its public one."""

    private: Ed25519PrivateKey
    key: SealKey


def signer() -> Signer:
    """Return the key that seals.

    The embedded database makes its first key by itself. Otherwise raises ``KeyTrouble``
    when the file is missing, open to others or not the key that is registered: a new
    key is never made silently, since it would hide the loss of the former one.
    """
    if settings.EMBEDDED_DATABASE and not SealKey.objects.exists():
        with transaction.atomic():
            _alone()
            if not SealKey.objects.exists():  # else another worker was first
                return create_key()
    return check_key()


def check_key() -> Signer:
    """Return the registered key with its file; raise ``KeyTrouble`` as ``signer``."""
    registered, path = active_key(), _path()
    if registered is None:
        raise KeyTrouble(
            "No key is registered, so nothing is sealed. Run `manage.py seal_key "
            f"create`. {HELP}"
        )
    _finish_rotation(path, registered)
    if not path.exists():
        raise KeyTrouble(
            f"The key {registered} is registered, but {path} is missing, so nothing is "
            f"sealed. Bring it back from its backup. {HELP}"
        )
    private = _read(path)
    if _public(private) != bytes(registered.public_key):
        raise KeyTrouble(
            f"The key in {path} is {fingerprint(_public(private))[:16]}, registered is "
            f"{registered}, so nothing is sealed. Bring the right file back. {HELP}"
        )
    return Signer(private, registered)


def create_key() -> Signer:
    """Make the site's key, or register the one that lies in the file already.

    Raises ``KeyTrouble`` while another key signs: rotate or retire that one first.
    """
    with transaction.atomic():
        _alone()
        if active_key() is not None:
            raise KeyTrouble(
                f"The key {active_key()} signs. `manage.py seal_key rotate` puts a new "
                "one in its place."
            )
        path = _path()
        if not path.exists():
            _write(path, Ed25519PrivateKey.generate())
        private = _read(path)
        return Signer(private, _register(private, voucher=None))


def rotate_key() -> Signer:
    """End the key that signs and put a new one in its place, vouched for by the old.

    The old file stays beside as ``FILE.FINGERPRINT.old``, for the site to destroy.
    Raises ``KeyTrouble`` when the old key cannot sign: then retire it as lost.
    """
    with transaction.atomic():
        _alone()
        old, path = signer(), _path()
        _end(old.key, KeyEndCause.ROTATED)
        private = Ed25519PrivateKey.generate()
        key = _register(private, voucher=old)
        _new(path).unlink(missing_ok=True)
        _write(_new(path), private)
    _finish_rotation(path, key)
    return Signer(private, key)


def retire_key(*, cause: str) -> SealKey:
    """End the key that signs without its file: it was lost, compromised or retired.

    Nothing is sealed until a new one is made. Raises ``KeyTrouble`` when none signs.
    """
    with transaction.atomic():
        _alone()
        key = active_key()
        if key is None:
            raise KeyTrouble("No key signs, so there is none to retire.")
        _end(key, KeyEndCause(cause))
    path = _path()
    if path.exists() and _public(_read(path)) == bytes(key.public_key):
        _put_away(path)
    return key


def _finish_rotation(path: Path, registered: SealKey) -> None:
    """Put a new key's file in place, also after a kill between database and disk."""
    new = _new(path)
    if not new.exists() or _public(_read(new)) != bytes(registered.public_key):
        return
    if path.exists():
        _put_away(path)
    new.rename(path)


def _put_away(path: Path) -> None:
    name = fingerprint(_public(_read(path)))[:16]
    path.rename(path.with_name(f"{path.name}.{name}.old"))


def _new(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def _path() -> Path:
    return Path(settings.SEAL_KEY_FILE)


def _alone() -> None:
    """Wait for the sealer: no seal is made while the key changes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('seal_trail'))")


def _public(private: Ed25519PrivateKey) -> bytes:
    return private.public_key().public_bytes(*_RAW)


def _register(private: Ed25519PrivateKey, voucher: Signer | None) -> SealKey:
    public, since = _public(private), database_time()
    if SealKey.objects.filter(pk=fingerprint(public)).exists():
        raise KeyTrouble(
            f"The key in {_path()} has ended before and signs no more. Move the file "
            "away and create another one."
        )
    said = None
    if voucher is not None:
        name = voucher.key.fingerprint
        text = voucher_bytes(public_key=public, since=since, voucher=name)
        said = voucher.private.sign(text)
    key = SealKey.objects.create(
        fingerprint=fingerprint(public),
        public_key=public,
        since=since,
        vouched_by=voucher.key if voucher else None,
        voucher=said,
    )
    site_acts.record(action="seal_key.created", facts={"key": key.fingerprint})
    return key


def _end(key: SealKey, cause: KeyEndCause) -> None:
    SealKeyEnd.objects.create(key=key, until=database_time(), cause=cause)
    facts = {"key": key.fingerprint, "code": cause.value}
    site_acts.record(action="seal_key.ended", facts=facts)


def _read(path: Path) -> Ed25519PrivateKey:
    facts = path.stat()
    if facts.st_mode & 0o077 or facts.st_uid != os.geteuid():
        raise KeyTrouble(
            f"{path} must belong to the user who runs Codetrail, with mode 0600; "
            f"somebody else may have read the key. {HELP}"
        )
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyTrouble(f"{path} holds no private key that can be read.") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyTrouble(f"{path} holds a key that is not of the kind Ed25519.")
    return private


def _write(path: Path, private: Ed25519PrivateKey) -> None:
    """Write the key aside with mode 0600 and link it into place: the first one wins."""
    text = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=".seal-key-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(aside)
    except FileExistsError:
        pass  # somebody else was first; theirs is the key
    finally:
        Path(aside).unlink()
