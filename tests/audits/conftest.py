"""A key and a second place of their own for each test of seals."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.db import connection

from worklists.services import site_acts

TABLES = ("trail_event", "audits_seal", "audits_sealkey", "audits_sealcopy")


@pytest.fixture
def place(tmp_path, settings, transactional_db):
    """Sealing as a demo does it: a folder as second place, a key on first use."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    settings.SEAL_KEY_FILE = tmp_path / "seal.key"
    settings.EMBEDDED_DATABASE = True
    settings.SEAL_STORE = {
        "name": str(folder),
        "kind": "folder",
        "folder": str(folder),
    }
    return SimpleNamespace(folder=folder, key=tmp_path / "seal.key", name=str(folder))


@pytest.fixture
def act() -> Callable[..., None]:
    """Write events, each its own transaction."""

    def write(count: int = 1) -> None:
        for n in range(count):
            site_acts.record(action="setup.changed", facts={"n": n})

    return write


@pytest.fixture
def by_force() -> Callable[..., None]:
    """Run SQL as somebody who may switch the triggers off, and switch them on again."""

    def run(sql: str, *params: object) -> None:
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(sql, params)
            for table in TABLES:
                cursor.execute(
                    f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER trail_no_change"
                )
            cursor.execute(
                "ALTER TABLE trail_event ENABLE ALWAYS TRIGGER trail_seal_row"
            )

    return run
