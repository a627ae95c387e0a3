"""Keeping files: outside the web root, once each, under their SHA-256."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import BinaryIO, NamedTuple

from django.conf import settings
from django.db import transaction

from worklists import policies, trail
from worklists.context import now
from worklists.errors import BadInput
from worklists.models import IngestBatch, User
from worklists.selectors.access import access_of

UPLOAD_LIMIT = 1 << 30
CHUNK = 1 << 20
FOLDER = "batches"


class Kept(NamedTuple):
    """A file in the private folder: where, how long, and its SHA-256."""

    stored_as: str
    size: int
    sha256: str


def receive_upload(*, stream: BinaryIO, file_name: str, actor: User) -> IngestBatch:
    """Keep an uploaded file and make its batch; a worker processes it.

    Effects: the file, one batch row, one event on the person's chain. Refuses people
    who may not upload and a file over ``UPLOAD_LIMIT``; nothing is left of a refused
    upload.
    """
    barred = policies.may_upload(access_of(actor))
    if barred:
        raise barred.error()
    kept = keep(stream, limit=UPLOAD_LIMIT)
    with transaction.atomic():
        batch = make_batch(kept, file_name=file_name, actor=actor)
        trail.append_event(
            trail.Subject("user", actor.pk),
            action="batch.uploaded",
            actor=actor,
            about=trail.Subject("batch", batch.pk),
            facts={"sha256": kept.sha256, "size": kept.size},
        )
    return batch


def make_batch(kept: Kept, *, file_name: str, actor: User | None) -> IngestBatch:
    """Store the waiting batch of a kept file."""
    return IngestBatch.objects.create(
        file_name=Path(file_name).name.replace("\x00", "")[:255],
        sha256=kept.sha256,
        size=kept.size,
        stored_as=kept.stored_as,
        uploaded_by=actor,
        created_at=now(),
    )


def keep(stream: BinaryIO, *, limit: int | None = None) -> Kept:
    """Copy a stream into the private folder and return where it lies.

    The same content is kept once. Refuses, and leaves nothing of, a stream longer
    than ``limit`` bytes.
    """
    folder = _folder(Path(settings.MEDIA_ROOT) / FOLDER)
    fresh = folder / f"new-{secrets.token_hex(8)}"
    try:
        size, sha256 = _copy(stream, fresh, limit)
        place = _folder(folder / sha256[:2]) / sha256
        fresh.replace(place)
    finally:
        fresh.unlink(missing_ok=True)
    return Kept(f"{FOLDER}/{sha256[:2]}/{sha256}", size, sha256)


def place_of(batch: IngestBatch) -> Path:
    """Return where a batch's file lies."""
    return Path(settings.MEDIA_ROOT) / batch.stored_as


def _folder(path: Path) -> Path:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _copy(stream: BinaryIO, place: Path, limit: int | None) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            _refuse_too_long(size, limit)
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())  # the batch row must never outlive the file's bytes
    return size, digest.hexdigest()


def _refuse_too_long(size: int, limit: int | None) -> None:
    if limit is not None and size > limit:
        raise BadInput(
            f"This file is longer than {limit // (1 << 20)} MB. Ask for it in parts, or "
            "have it brought in on the server with the ingest command.",
            code="too_large",
            fields={"file": ["The file is too long."]},
        )


def digest_of(path: Path) -> tuple[int, str]:
    """Return length and SHA-256 of a file that is not kept (a dry run)."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            digest.update(chunk)
    return size, digest.hexdigest()
