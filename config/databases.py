"""From one connection address to Django's database settings, and to Celery's broker."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from config import running

FIELDS = {
    "dbname": "NAME",
    "user": "USER",
    "password": "PASSWORD",
    "host": "HOST",
    "port": "PORT",
}
# Two web processes with four threads each: a thread rarely waits for a connection.
POOL = {"min_size": 2, "max_size": 8, "timeout": 10, "max_lifetime": 1800}
# Uses of one statement on one connection before the server keeps its plan.
PREPARED_AFTER = 3
# A transaction that somebody forgot would hold back the trail, on any server.
FORGOTTEN_TIMEOUT = "-c idle_in_transaction_session_timeout=2min"
# A page that takes longer has lost its reader; commands and workers may take longer.
WEB_STATEMENT_TIMEOUT = "-c statement_timeout=60s"


def database(variable: str, url: str) -> dict[str, Any]:
    """Django's settings for one PostgreSQL address, in a form libpq understands.

    Refuses an address without a database name, and any engine but PostgreSQL.
    """
    parts = _parts(variable, url)
    settings: dict[str, Any] = {"ENGINE": "config.postgresql"}
    settings |= {django: parts.pop(name, "") for name, django in FIELDS.items()}
    settings["OPTIONS"] = parts
    # The server plans a statement once and keeps the plan: a quarter of an act. Both
    # are needed: Django prepares nothing unless it is told after how many uses.
    parts["server_side_binding"] = True
    parts["prepare_threshold"] = PREPARED_AFTER
    settings["CONN_HEALTH_CHECKS"] = not running.is_web()
    if running.is_web():
        parts["pool"] = POOL
        parts.setdefault("options", f"{FORGOTTEN_TIMEOUT} {WEB_STATEMENT_TIMEOUT}")
    else:
        parts.setdefault("options", FORGOTTEN_TIMEOUT)
        settings["CONN_MAX_AGE"] = 60
    return settings


def _parts(variable: str, url: str) -> dict[str, Any]:
    accepted = (
        f"{variable}: accepted values look like postgresql://USER:PASSWORD@HOST/NAME"
    )
    if not url.startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured(f"{accepted}; no other database is supported.")
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError as error:
        raise ImproperlyConfigured(f"{accepted}; {error}") from error
    if not parts.get("dbname"):
        raise ImproperlyConfigured(f"{accepted}; the database name is missing.")
    return {name: value for name, value in parts.items() if value is not None}


def broker(url: str) -> str:
    """Celery's form of a Redis address: only unix sockets are written differently."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    number = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={number}"
