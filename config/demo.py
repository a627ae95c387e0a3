"""`make demo`: everything one person needs to try the product, started and stopped.

The order: refuse what must be refused (a taken port, a demo that runs already, a
database that holds real work), end what a killed run left behind, prepare the database,
load, start web, worker and beat side by side, and say where they are once web answers.
"""

import fcntl
import importlib
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import psutil
from django.conf import settings
from django.core.management import CommandError
from honcho.manager import Manager

from config.demo_files import FACTS, LOCAL, LOCK, PROCESSES
from config.embedded import processes

HOST = "127.0.0.1"
STOPPED_BY_PERSON = {130, 143}
START_SECONDS = 60
GUNICORN = "-m gunicorn -c config/gunicorn_settings.py config.wsgi:application"
WORKER = "worker --concurrency 2 --without-gossip --without-mingle"
BEAT = f"beat --pidfile= --schedule {shlex.quote(str(LOCAL / 'beat-schedule'))}"
PARTS = {
    "web": GUNICORN,
    "worker": f"-m celery -q -A config {WORKER} -l WARNING",
    "beat": f"-m celery -q -A config {BEAT} -l WARNING",
}


def run(port: int) -> int:
    """Run the demo until it is stopped; the exit code of the command."""
    LOCAL.mkdir(mode=0o755, exist_ok=True)
    with _only_one(LOCAL / LOCK):
        refuse_taken_port(port)
        (LOCAL / FACTS).unlink(missing_ok=True)
        _load()
        return _serve(port)


def refuse_taken_port(port: int) -> None:
    """Refuse a port on which somebody already answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} cannot be used ({error.strerror}). Choose another one, "
                f"for example: PORT={port + 1} make demo"
            ) from error


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Refuse a second demo of this checkout; first end what a killed one left behind.

    A killed demo's parts hold its lock for as long as they live, since they were forked
    from it: so a lock whose process is gone is freed by ending them.
    """
    with path.open("a+") as lock:
        if not _locked(lock):
            if processes.read(path):
                raise CommandError(
                    "The demo of this checkout runs already. Stop it with Ctrl-C where "
                    "it was started, or with `make reset`, which also removes its data."
                )
            processes.end(processes.read(path.with_name(PROCESSES)))
            fcntl.flock(lock, fcntl.LOCK_EX)
        processes.write(path, [psutil.Process()])
        yield


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _load() -> None:
    """Bring database and static files to where the demo starts from.

    Each step is a command of its own, as its own role, and harmless the second time.
    """
    _manage("prepare_database", "--purpose", "demo", "-v", "0", role="owner")
    _manage("load_reference")
    _manage("load_demo")
    _manage("collectstatic", "--noinput", "-v", "0")


def _manage(*command: str, role: str = "app") -> None:
    environment = os.environ | {"CODETRAIL_DB_ROLE": role}
    line = [sys.executable, str(settings.BASE_DIR / "manage.py"), *command]
    done = subprocess.run(line, env=environment, check=False)  # noqa: S603 - our own
    if done.returncode:
        raise CommandError(f"The step `manage.py {command[0]}` failed; see above.")


class _Demo(Manager):  # type: ignore[misc]
    """Honcho, which also says where the demo is once it answers."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port
        # Honcho would signal whole groups, and a worker's children would drop their
        # tasks instead of finishing them: each part stops its own children.
        self._procmgr.terminate = _ask_to_end

    def _start(self) -> None:
        super()._start()
        # Only now: honcho forks, and a fork with threads is trouble.
        threading.Thread(target=_announce, args=(self._port,), daemon=True).start()


def _ask_to_end(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)


def _serve(port: int) -> int:
    manager = _Demo(port)
    extra = {
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
        # Celery's advice to root; what it is afraid of, pickle, is switched off.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
        "LOG_FORMAT": os.environ.get("LOG_FORMAT", "text"),
    }
    for name, arguments in PARTS.items():
        command = f"exec {shlex.quote(sys.executable)} {arguments}"
        environment = os.environ | extra
        manager.add_process(name, command, env=environment, cwd=str(settings.BASE_DIR))
    try:
        manager.loop()
    finally:
        # Also after a second Ctrl-C: nothing that we started may stay behind.
        processes.end(psutil.Process().children(recursive=True))
        for name in (PROCESSES, FACTS):
            (LOCAL / name).unlink(missing_ok=True)
    if manager.returncode in STOPPED_BY_PERSON:
        return 0
    sys.stderr.write("One part of the demo ended by itself; its last lines say why.\n")
    return 1


def _announce(port: int) -> None:
    """Wait until web answers, then write and print where it is and who may log in."""
    url = f"http://{HOST}:{port}"
    children = psutil.Process().children(recursive=True)
    processes.write(LOCAL / PROCESSES, children)
    if not _answers(f"{url}/health/live"):
        return
    children = psutil.Process().children(recursive=True)
    processes.write(LOCAL / PROCESSES, children)
    people = demo_people()
    write_facts(LOCAL / FACTS, url, people)
    sys.stdout.write(_welcome(url, people))
    sys.stdout.flush()


def _answers(url: str) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own address
                return True
        except OSError:
            time.sleep(0.1)
    return False


def demo_people() -> list[dict[str, str]]:
    """The demo people with passwords and roles, as the seeds tell them."""
    # By name, since nothing below the seeds may import them.
    seeds: Any = importlib.import_module("seeds.demo")
    return [
        {name: str(person[name]) for name in ("username", "password", "role")}
        for person in seeds.people()
    ]


def write_facts(path: Path, url: str, people: list[dict[str, str]]) -> None:
    """Write the address and the people in one step, readable by us only."""
    aside = path.with_suffix(".new")
    aside.write_text(json.dumps({"url": url, "people": people}, indent=2) + "\n")
    aside.chmod(0o600)
    aside.replace(path)


def _welcome(url: str, people: list[dict[str, str]]) -> str:
    width = max((len(person["username"]) for person in people), default=0)
    lines = [
        f"  {person['username']:<{width}}  {person['password']}  {person['role']}"
        for person in people
    ]
    head = f"\nCodetrail is ready at {url}\nLog in as one of these people:\n"
    return head + "\n".join(lines) + "\n\nCtrl-C stops everything.\n"
