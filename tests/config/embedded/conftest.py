"""Servers of their own for the tests that start, kill and remove servers."""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from config import embedded
from config.embedded.places import CHECKOUT, Places

USER = """
import sys
from config import embedded
with embedded.servers():
    print("up", flush=True)
    sys.stdin.read()
"""


def environment(instance: str) -> dict[str, str]:
    """What a process needs to use an instance, whatever this run itself uses."""
    ours = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "CODETRAIL_DB_ROLE"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | {"CODETRAIL_INSTANCE": instance}


@pytest.fixture(autouse=True)
def _embedded_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def places() -> Iterator[Places]:
    """An instance of this checkout that nobody else uses, removed afterwards."""
    made = Places(f"probe-{secrets.token_hex(4)}")
    yield made
    if made.folder.exists():
        embedded.remove(made)


@pytest.fixture
def instance(places: Places, monkeypatch: pytest.MonkeyPatch) -> Places:
    """That instance as the one this process uses, too."""
    monkeypatch.setenv("CODETRAIL_INSTANCE", places.instance)
    return places


@pytest.fixture
def use(instance: Places) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Call: another process that uses the servers until it is ended."""
    started: list[subprocess.Popen[str]] = []

    def start(*, wait: bool = True) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", USER],
            cwd=CHECKOUT,
            env=environment(instance.instance),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        if wait:
            assert process.stdout.readline() == "up\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
