"""Counting the pages of a PDF that may be hostile: in a process of its own, limited.

Run as a script it prints the number of pages. A file that makes the reader loop,
recurse or swallow memory ends that process and nothing else.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SECONDS = 10
MEMORY = 512 * 2**20
MOST_PAGES = 20_000
LOCKED, BROKEN = 3, 4
TOO_LONG = "This PDF takes too long to open. Print it anew and attach that."
UNREADABLE = "This PDF cannot be opened. Print it anew and attach that."


class PdfRefusedError(Exception):
    """Why a PDF is not taken, as a sentence."""


def pages_of(path: Path) -> int | None:
    """Return how many pages a PDF has, None when a password hides them.

    Raises ``PdfRefusedError`` for a file that cannot be opened, has no page, or takes
    more than 10 seconds or 512 MB to look into.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own script, the path is ours
            [sys.executable, "-I", __file__, str(path)],
            capture_output=True,
            timeout=SECONDS + 2,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PdfRefusedError(TOO_LONG) from None
    if done.returncode == LOCKED:
        return None
    count = done.stdout.decode("ascii", "replace").strip()
    if done.returncode or not count.isdecimal() or not 0 < int(count) <= MOST_PAGES:
        raise PdfRefusedError(UNREADABLE)
    return int(count)


def _limit() -> None:
    import resource  # noqa: PLC0415 - only on the systems this script runs on

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _count(path: str) -> int:
    from pypdf import PdfReader  # noqa: PLC0415 - after the limits are in force
    from pypdf.errors import FileNotDecryptedError  # noqa: PLC0415 - as above

    try:
        reader = PdfReader(path, strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            return -1
        return len(reader.pages)
    except FileNotDecryptedError:
        return -1


def main() -> int:
    """Print the number of pages; exit 3 for a locked file, 4 for a broken one."""
    _limit()
    try:
        count = _count(sys.argv[1])
    except Exception:  # noqa: BLE001 - whatever it is, the file is at fault
        return BROKEN
    if count < 0:
        return LOCKED
    sys.stdout.write(f"{count}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
