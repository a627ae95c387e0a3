"""A site and the process that brings a file into it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

from config import embedded
from seeds.loading import load_reference, load_site
from tests.heavy.emptying import empty_database


def empty_site() -> None:
    """Have the shipped set-up, and nothing that a file brought."""
    empty_database()
    load_reference()
    load_site()


def ingesting(file: Path) -> subprocess.Popen[bytes]:
    """Start ``manage.py ingest`` on a file, as the product's role."""
    return subprocess.Popen(
        _command(file),
        env=_environment(),
        cwd=settings.BASE_DIR,
        stdout=subprocess.DEVNULL,
    )


def most_memory_ingesting(file: Path) -> int:
    """Run ``manage.py ingest`` on a file; return the most bytes it ever held.

    A process counts the memory of whoever started it as its own until it is another
    program, and this one has grown by all tests before: a small process starts it.
    Raises ``CalledProcessError`` where the command failed.
    """
    measured = subprocess.run(
        [sys.executable, "-c", _MEASURE, *_command(file)],
        env=_environment(),
        cwd=settings.BASE_DIR,
        check=True,
        capture_output=True,
        text=True,
    )
    return int(measured.stdout) * 1024


_MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def _command(file: Path) -> list[str]:
    return [sys.executable, "manage.py", "ingest", str(file)]


def _environment() -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "DATABASE_URL": embedded.database_url("app", connection.settings_dict["NAME"]),
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
    }
