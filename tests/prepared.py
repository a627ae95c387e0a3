"""A database with every migration in it, made once and copied by each test process.

Running the migrations costs a process fifteen seconds, and every run of a single test
file paid them. The copy is named by a digest of the migrations, so a changed one makes a
new database; it is beside the test databases and older ones are dropped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection
from psycopg import Cursor, sql

LOCK = 7_310_022


def prepare() -> str:
    """Return the name of the prepared database; make it where it is missing."""
    stem = f"test_{connection.settings_dict['NAME']}_prepared_"
    name = f"{stem}{_digest()}"
    with _server() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])  # ends with the session
        cursor.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [stem]
        )
        there = {row[0] for row in cursor.fetchall()}
        if name not in there:
            for old in sorted(there):
                cursor.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(old)))
            _make(f"{stem}making")
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            begun, done = map(sql.Identifier, (f"{stem}making", name))
            cursor.execute(rename.format(begun, done))
    return name


def _digest() -> str:
    """Return what changes with any migration, ours or a package's."""
    root = Path(settings.BASE_DIR)
    ours = {Path(one.path) for one in apps.get_app_configs()}
    files = [
        path
        for app in sorted(ours)
        if app.is_relative_to(root) and ".venv" not in app.parts
        for path in sorted((app / "migrations").rglob("*"))
        if path.suffix in {".py", ".sql"}
    ]
    digest = hashlib.sha256()
    for path in (*files, root / "requirements.txt"):
        digest.update(str(path.relative_to(root)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _make(name: str) -> None:
    """Create a database and run every migration in it."""
    known = connection.settings_dict["NAME"]
    test = connection.settings_dict["TEST"]
    ours, test["NAME"] = test["NAME"], name
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
    finally:
        connection.close()
        test["NAME"] = ours
        settings.DATABASES["default"]["NAME"] = known
        connection.settings_dict["NAME"] = known


@contextmanager
def _server() -> Iterator[Cursor]:
    """Yield a cursor on the server, outside every database of ours."""
    with connection._nodb_cursor() as cursor:
        yield cursor
