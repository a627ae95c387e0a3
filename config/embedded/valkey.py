"""The embedded Valkey: broker and cache, on a unix socket, with a password.

Its settings go in through standard input, so that the password stands in no file and on
no command line but in the instance's secrets.
"""

import time
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.embedded import binaries
from config.embedded.errors import EmbeddedError
from config.embedded.places import Places
from config.embedded.secrets import read_or_create

START_SECONDS = 20

SETTINGS = """
daemonize yes
port 0
unixsocket "{socket}"
unixsocketperm 777
requirepass "{password}"
dir "{folder}"
logfile "{folder}/log"
databases 64
# Waiting tasks outlive a stop; half a minute of them at worst is lost with the power.
save ""
appendonly yes
appendfsync everysec
# A broker must never drop a task to make room.
maxmemory 512mb
maxmemory-policy noeviction
tcp-keepalive 60
enable-protected-configs no
enable-debug-command no
enable-module-command no
"""


def socket_of(places: Places) -> Path:
    """The unix socket."""
    return places.sockets / "valkey.sock"


def start(places: Places) -> None:
    """Have Valkey answer. Called with the instance locked."""
    places.create_service_folders()
    if is_running(places):
        return
    socket_of(places).unlink(missing_ok=True)
    # It reads its settings, puts itself into the background and leaves us.
    binaries.run(places, binaries.valkey_server(places), "-", text=_settings(places))
    _wait_until_up(places)


def stop(places: Places) -> None:
    """Stop Valkey, keeping what waits in it. Does nothing when it is not running."""
    if is_running(places):
        with _client(places) as client:
            client.shutdown(nosave=True)
        _wait_until_down(places)


def is_running(places: Places) -> bool:
    """Whether our server answers; waits for one that is still reading its data."""
    deadline = time.monotonic() + START_SECONDS
    while socket_of(places).exists() and time.monotonic() < deadline:
        try:
            with _client(places) as client:
                return bool(client.ping())
        except redis.exceptions.BusyLoadingError:
            time.sleep(0.05)
        except redis.exceptions.ConnectionError:
            return False
    return False


def _client(places: Places) -> redis.Redis:
    password = read_or_create(places)["valkey"]
    return redis.Redis(
        unix_socket_path=str(socket_of(places)),
        password=password,
        retry=Retry(NoBackoff(), 0),  # "nobody answers" is an answer here
        protocol=2,
    )


def _settings(places: Places) -> str:
    return SETTINGS.format(
        socket=socket_of(places),
        password=read_or_create(places)["valkey"],
        folder=places.valkey,
    )


def _wait_until_up(places: Places) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_running(places):
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"Valkey did not start within {START_SECONDS} s. "
                f"Its log is {places.valkey / 'log'}"
            )
        time.sleep(0.01)


def _wait_until_down(places: Places) -> None:
    deadline = time.monotonic() + START_SECONDS
    while socket_of(places).exists() and time.monotonic() < deadline:
        time.sleep(0.01)
