"""A second PostgreSQL cluster of a test's own: dump one database, restore it there."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

from config import embedded
from config.embedded import binaries, postgres
from config.embedded.places import Places
from config.embedded.secrets import read_or_create


@contextmanager
def fresh_cluster() -> Iterator[Places]:
    """Have an empty cluster up, whose transaction ids begin anew, and remove it after."""
    places = Places("test-restore")
    places.create()
    read_or_create(places)
    postgres.start(places)
    try:
        yield places
    finally:
        postgres.stop(places)
        shutil.rmtree(places.sockets, ignore_errors=True)
        shutil.rmtree(places.folder)


def url_of(places: Places, role: str, database: str = postgres.DATABASE) -> str:
    """Where a role reaches a database of that cluster."""
    password = quote(read_or_create(places)[role], safe="")
    host = urlencode({"host": str(places.sockets)})
    return f"postgresql://{postgres.ROLES[role]}:{password}@/{database}?{host}"


def dump_and_restore(database: str, into: Places) -> None:
    """Dump a database of this instance as it is and restore it whole."""
    folder = binaries.postgres_bin(into)
    with tempfile.TemporaryDirectory() as aside:
        file = Path(aside) / "dump"
        source = embedded.database_url("superuser", database)
        _run(folder / "pg_dump", "--format=custom", f"--file={file}", source)
        target = f"--dbname={url_of(into, 'superuser')}"
        _run(folder / "pg_restore", "--exit-on-error", target, str(file))


def _run(*line: str | Path) -> None:
    done = subprocess.run(
        [str(part) for part in line], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
