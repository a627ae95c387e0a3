"""Drawing pages of evidence as pictures: in a process of its own, limited, kept.

A PDF or picture may be hostile. Run as a script this draws one page and prints the
number of pages, a line feed and the PNG; whatever loops, recurses or swallows memory
ends that process and nothing else. Pictures are drawn anew, never passed through.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 10
PATIENCE = 5  # seconds to wait for a place
MEMORY = 1024 * 2**20
LONG_SIDE = 1800  # pixels: small print of a scanned letter can be read
MOST_PIXELS = 120_000_000  # of a picture, before it is made smaller
MOST_PAGES = 20_000
AT_ONCE = BoundedSemaphore(2)  # in one web process: drawing takes a core each
LOCKED, BROKEN, NO_PAGE, HUGE = 3, 4, 5, 6
FOLDER = "pages"
TOO_LONG = "This page takes too long to draw. Download the file to look at it."
UNREADABLE = "This file is broken and cannot be drawn. Download it to look at it."
PASSWORD = "This PDF is locked by a password. Download it to look at it."  # noqa: S105 - a sentence
TOO_LARGE = "This picture has too many pixels to draw. Download it to look at it."
NO_SUCH = "The file has no such page."
BUSY = "Several pages are being drawn just now. Look again in a moment."
# What the same file would be refused for again.
LASTING = frozenset({TOO_LONG, TOO_LARGE, UNREADABLE, PASSWORD})
REFUSED_FOR = 3_600  # seconds: a busy hour is not the file's fault for ever
KEPT_FOR = 30 * 86_400  # seconds since a page was drawn
DRAWN = frozenset({"application/pdf", "image/png", "image/jpeg", "image/tiff"})
_WHY = {LOCKED: PASSWORD, NO_PAGE: NO_SUCH, HUGE: TOO_LARGE}
STOPPED = "The system stopped the drawing of this page. Look again in a moment."
# Nothing is wrong with the file: the same is drawn a moment later.
PASSING = frozenset({BUSY, STOPPED})


class PageRefusedError(Exception):
    """Why a page cannot be drawn, as a sentence."""


@dataclass(frozen=True, slots=True)
class PageImage:
    """A drawn page: where its PNG lies, and how many pages the file has."""

    path: Path
    pages: int


def page_image(source: Path, *, sha256: str, number: int, folder: Path) -> PageImage:
    """Return page ``number`` (from 1) of a stored file as a PNG, drawn once.

    ``folder`` holds what was drawn, by digest, and what was refused within an hour.
    Raises ``PageRefusedError`` for a file that is locked or broken, a page it does not
    have, and one that takes more than 10 seconds or 1 GB.
    """
    place = folder / FOLDER / sha256[:2] / sha256
    kept, count = place / f"{number}.png", place / "count"
    if kept.exists() and count.exists():
        return PageImage(kept, int(count.read_text("ascii")))
    refused = place / f"{number}.refused"
    if refused.exists() and refused.stat().st_mtime > time.time() - REFUSED_FOR:
        raise PageRefusedError(refused.read_text("utf-8"))
    try:
        pages, png = _draw(source, number)
    except PageRefusedError as why:
        if str(why) in LASTING:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            _keep(refused, str(why).encode())
        raise
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    _keep(count, str(pages).encode("ascii"))
    _keep(kept, png)
    return PageImage(kept, pages)


def refuse_undrawable(source: Path) -> None:
    """Draw the first and the last page of a file and keep neither.

    A file that was cut off shows it at its end. Raises ``PageRefusedError`` like
    ``page_image``.
    """
    pages, _ = _draw(source, 1)
    if pages > 1:
        _draw(source, pages)


def forget_old(folder: Path, *, now: float) -> int:
    """Delete pages drawn 30 days ago; they are drawn again when somebody looks.

    ``now`` is seconds since 1970. Returns how many files went.
    """
    gone = 0
    for path in (folder / FOLDER).glob("*/*/*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < now - KEPT_FOR:
                path.unlink()
                gone += 1
    return gone


def _keep(path: Path, content: bytes) -> None:
    """Write a file that another process may be writing, too: whole or not at all."""
    waiting = path.with_name(f".{secrets.token_hex(8)}")
    handle = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    waiting.replace(path)


@contextmanager
def _turn() -> Iterator[None]:
    if not AT_ONCE.acquire(timeout=PATIENCE):
        raise PageRefusedError(BUSY)
    try:
        yield
    finally:
        AT_ONCE.release()


def _draw(source: Path, number: int) -> tuple[int, bytes]:
    with _turn():
        try:
            done = subprocess.run(  # noqa: S603 - our own script, the path is ours
                [sys.executable, "-I", __file__, str(source), str(number)],
                capture_output=True,
                timeout=SECONDS + 2,
                check=False,
                env={},  # no address, no key: the file may take the process over
            )
        except subprocess.TimeoutExpired:
            raise PageRefusedError(TOO_LONG) from None
    if done.returncode == -signal.SIGXCPU:
        raise PageRefusedError(TOO_LONG)
    if done.returncode == -signal.SIGKILL:  # by somebody else: the machine lacks memory
        raise PageRefusedError(STOPPED)
    if done.returncode:
        raise PageRefusedError(_WHY.get(done.returncode, UNREADABLE))
    pages, _, png = done.stdout.partition(b"\n")
    return int(pages), png


def _limit() -> None:
    import resource  # noqa: PLC0415 - only on the systems this script runs on

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _of_pdf(path: str, number: int) -> tuple[int, Any]:
    import pypdfium2  # noqa: PLC0415 - after the limits are in force

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        sys.exit(LOCKED if "assword" in str(error) else BROKEN)
    count = len(document)
    if not 0 < number <= min(count, MOST_PAGES):
        sys.exit(NO_PAGE)
    page = document[number - 1]
    scale = LONG_SIDE / max(*page.get_size(), 1)
    return count, page.render(scale=scale, may_draw_forms=False).to_pil()


def _of_picture(path: str, number: int) -> tuple[int, Any]:
    from PIL import Image, ImageOps  # noqa: PLC0415 - after the limits are in force

    Image.MAX_IMAGE_PIXELS = None  # counted here, to say it by its name
    picture: Any = Image.open(path, formats=("PNG", "JPEG", "TIFF"))
    if picture.width * picture.height > MOST_PIXELS:
        sys.exit(HUGE)
    count = int(getattr(picture, "n_frames", 1))
    if not 0 < number <= count:
        sys.exit(NO_PAGE)
    picture.seek(number - 1)
    if picture.width * picture.height > MOST_PIXELS:  # pages have sizes of their own
        sys.exit(HUGE)
    turned = ImageOps.exif_transpose(picture).convert("RGB")
    turned.thumbnail((LONG_SIDE, LONG_SIDE))
    return count, turned


def main() -> int:
    """Print the number of pages and the PNG of one; exit 3 locked, 4 broken, 5 no page, 6 huge."""
    _limit()
    path, number = sys.argv[1], int(sys.argv[2])
    try:
        with Path(path).open("rb") as file:
            is_pdf = b"%PDF-" in file.read(1024)
        count, image = (_of_pdf if is_pdf else _of_picture)(path, number)
        sys.stdout.buffer.write(f"{count}\n".encode("ascii"))
        image.save(sys.stdout.buffer, "PNG")
    except Exception:  # noqa: BLE001 - whatever it is, the file is at fault
        return BROKEN
    return 0


if __name__ == "__main__":
    sys.exit(main())
