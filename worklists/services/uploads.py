"""Files from outside: how much of them is taken, what they really are, where they lie.

A file is stored under its SHA-256 below ``settings.MEDIA_ROOT``, readable by the
product alone, and is never served from there.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import filetype
from django.conf import settings

from worklists.errors import BadInput, Busy
from worklists.services.page_images import (
    DRAWN,
    PASSING,
    PASSWORD,
    TOO_LARGE,
    TOO_LONG,
    PageRefusedError,
    refuse_undrawable,
)
from worklists.services.pdf_pages import PdfRefusedError, pages_of

FOLDER = "attachments"
HEAD = 4096
TYPES: dict[str, frozenset[str]] = {
    "application/pdf": frozenset({".pdf"}),
    "image/png": frozenset({".png"}),
    "image/jpeg": frozenset({".jpg", ".jpeg"}),
    "image/tiff": frozenset({".tif", ".tiff"}),
    "text/plain": frozenset({".txt"}),
}
UNDRAWN = (
    "This file is broken and cannot be shown. Scan or print it anew and attach that."
)
AGAIN = "Several files are being looked at just now. Attach it again in a moment."
# What is said of a file that cannot be shown, at the place where it is added.
_WHY = {
    TOO_LARGE: "This picture has more pixels than we draw. Scan it with fewer and attach "
    "that.",
    TOO_LONG: "This file takes too long to draw. Scan or print it anew and attach that.",
}
VAGUE = frozenset({"", "application/octet-stream", "binary/octet-stream"})

_MARKUP = re.compile(
    rb"<\s*(!doctype|html|head|body|svg|script|iframe|\?xml|!\[cdata|meta|object|embed)"
    rb"|^#!",
    re.IGNORECASE,
)
# C0 controls no text needs: all but tab, line feed, form feed, carriage return.
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Received:
    """A file in its waiting place: what it is and where it lies."""

    path: Path
    sha256: str
    size: int
    content_type: str = ""
    page_count: int | None = None


@contextmanager
def received(
    chunks: Iterable[bytes],
    *,
    file_name: str,
    declared: str = "",
    fits: Callable[[int | None], None] | None = None,
) -> Iterator[Received]:
    """Take in a file, look at what it is, and yield it; it is gone afterwards unless
    ``keep`` was called.

    Refuses empty files, files over ``settings.ATTACHMENT_MAX_BYTES``, kinds other
    than PDF, PNG, JPEG, TIFF and plain text, files that are not what their name or
    declared type says, and those whose first and last page cannot be drawn: nobody
    could look at that evidence. A PDF behind a password is taken: people open it.
    ``Busy`` while several others are being drawn. ``fits`` is told how many pages there
    are, None where they are not counted, and may refuse before anything is drawn.
    """
    waiting = folder() / f".{secrets.token_hex(16)}"
    try:
        sha256, size, head = _write(chunks, waiting)
        content_type = _sniff(waiting, head)
        _refuse_mismatch(content_type, file_name, declared)
        pages = _pages(waiting) if content_type == "application/pdf" else None
        if fits:
            fits(pages)
        _refuse_unshown(waiting, content_type, pages)
        yield Received(waiting, sha256, size, content_type, pages)
    finally:
        waiting.unlink(missing_ok=True)


def keep(file: Received) -> Path:
    """Move a received file to its lasting place and return it."""
    place = place_of(file.sha256)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.path.replace(place)
    return place


def folder() -> Path:
    """Return the folder of attachments, made when it is not there yet."""
    path = Path(settings.MEDIA_ROOT) / FOLDER
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def place_of(sha256: str) -> Path:
    """Return where a file with this digest lies."""
    return folder() / sha256[:2] / sha256


def _write(chunks: Iterable[bytes], path: Path) -> tuple[str, int, bytes]:
    limit, size, head, digest = settings.ATTACHMENT_MAX_BYTES, 0, b"", hashlib.sha256()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise _refused(f"The file is larger than {limit // 2**20} MB.")
            head = head or chunk[:HEAD]
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if not size:
        raise _refused("The file is empty.")
    return digest.hexdigest(), size, head


def _sniff(path: Path, head: bytes) -> str:
    """Return the type by content alone, or refuse it."""
    found = filetype.guess_mime(head)
    if found in TYPES:
        return str(found)
    if found is None and _is_text(path):
        return "text/plain"
    raise _refused("Attach a PDF, a PNG, JPEG or TIFF picture, or plain text.")


def _is_text(path: Path) -> bool:
    content = path.read_bytes()
    if _CONTROLS.search(content) or _MARKUP.search(content):
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _refuse_mismatch(content_type: str, file_name: str, declared: str) -> None:
    suffix = Path(file_name).suffix.lower()
    said = declared.partition(";")[0].strip().lower()
    if suffix not in TYPES[content_type] or (
        said not in VAGUE and said != content_type
    ):
        wanted = " or ".join(sorted(TYPES[content_type]))
        raise _refused(
            f"The file's content is {content_type}, but its name or type says "
            f"otherwise. Send it as {wanted}."
        )


def _pages(path: Path) -> int | None:
    try:
        return pages_of(path)
    except PdfRefusedError as refused:
        raise _refused(str(refused)) from None


def _refuse_unshown(path: Path, content_type: str, pages: int | None) -> None:
    locked = content_type == "application/pdf" and pages is None
    if locked or content_type not in DRAWN:
        return
    try:
        refuse_undrawable(path)
    except PageRefusedError as refused:
        if str(refused) in PASSING:
            raise Busy(AGAIN, fields={"file": [AGAIN]}) from None
        if str(refused) != PASSWORD:
            raise _refused(_WHY.get(str(refused), UNDRAWN)) from None


def _refused(why: str) -> BadInput:
    return BadInput(why, fields={"file": [why]})
