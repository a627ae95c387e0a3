"""Real PostgreSQL and Valkey for whoever has none: from the wheels, started for you.

Used when `DATABASE_URL` or `REDIS_URL` is unset, each for itself. Public entry points:
`servers()` holds them up for the time of a block; `database_url(role)` and
`redis_url()` say where they are, whether they run or not; `superuser_dsn()` is for the
tests that prove what even a superuser cannot do.

`places` says where data lies and whom it belongs to, `binaries` finds the programs,
`postgres` and `valkey` run one server each, `lease` counts the users.

The trap: never use the wheel's own Python interface. Run as root, it opens up the
permissions of every parent folder of its data.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlencode

from psycopg.conninfo import make_conninfo

from config import running
from config.embedded import lease, postgres, secrets, valkey
from config.embedded.errors import EmbeddedError
from config.embedded.places import Places

__all__ = [
    "EmbeddedError",
    "database_url",
    "here",
    "redis_url",
    "remove",
    "secret_key",
    "servers",
    "superuser_dsn",
]


def here() -> Places:
    """The paths of the instance that this process uses."""
    name = os.environ.get("CODETRAIL_INSTANCE") or running.default_instance()
    return Places(name)


def database_url(role: str, database: str = postgres.DATABASE) -> str:
    """Where the embedded PostgreSQL is, for a role: `app`, `owner` or `superuser`."""
    places = here()
    password = quote(secrets.read_or_create(places)[role], safe="")
    host = urlencode({"host": str(places.sockets)})
    return f"postgresql://{postgres.ROLES[role]}:{password}@/{database}?{host}"


def superuser_dsn(database: str = postgres.DATABASE) -> str:
    """The superuser's connection, for tests of what the trail refuses even to it.

    With servers of your own, `DATABASE_SUPERUSER_URL` says who that is.
    """
    if not os.environ.get("DATABASE_URL"):
        return database_url("superuser", database)
    given = os.environ.get("DATABASE_SUPERUSER_URL")
    if not given:
        raise EmbeddedError(
            "DATABASE_SUPERUSER_URL must name the superuser of the server in "
            "DATABASE_URL: this test shows what even a superuser cannot do."
        )
    return make_conninfo(given, dbname=database)


def redis_url(number: int = 0) -> str:
    """Where the embedded Valkey is; `number` is the database inside it."""
    places = here()
    password = quote(secrets.read_or_create(places)["valkey"], safe="")
    return f"unix://:{password}@{valkey.socket_of(places)}?db={number}"


def secret_key() -> str:
    """A key for signing that outlives restarts, for when `SECRET_KEY` is unset."""
    return secrets.read_or_create(here())["secret_key"]


@contextmanager
def servers() -> Iterator[None]:
    """Have the servers that nobody gave us up for the time of the block."""
    wanted = []
    if not os.environ.get("DATABASE_URL"):
        wanted.append(postgres)
    if not os.environ.get("REDIS_URL"):
        wanted.append(valkey)
    if not wanted:
        yield
        return
    places = here()

    def start() -> None:
        for server in wanted:
            server.start(places)

    with lease.lease(places, start=start, stop=lambda: _stop(places)):
        yield


def remove(places: Places) -> None:
    """Stop the servers of an instance and remove its data for good.

    Refuses while a command uses them.
    """
    with lease.alone_with(places):
        _stop(places)
        shutil.rmtree(places.sockets, ignore_errors=True)
        shutil.rmtree(places.folder)


def _stop(places: Places) -> None:
    for server in (postgres, valkey):
        server.stop(places)
