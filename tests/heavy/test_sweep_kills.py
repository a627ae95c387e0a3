"""Real workers killed with SIGKILL while they sweep end where undisturbed ones end."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from celery import Celery
from django.conf import settings
from django.db import connection

from audits.services.verification import verify_trail
from config import embedded
from tests.heavy.emptying import empty_database
from tests.worklists.services.aftermath import differences, picture, varied_items
from tests.worklists.services.timekeeping import timed_site
from worklists.context import now
from worklists.models import Escalation, ItemClock, WorkItem

pytestmark = [pytest.mark.heavy, pytest.mark.django_db(transaction=True)]

ITEMS = 300
KILLS = 50
WHOLE_WORKERS = 3  # of the kills, how many take parent and children at once
PATIENCE = 600
FIRST = now() - timedelta(days=20, hours=10)  # so that no band begins meanwhile


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the workers write what they log, to be read when this test fails."""
    return tmp_path


def prepare() -> None:
    """Have the same items as any other run, and nothing else."""
    empty_database()
    varied_items(timed_site(release_after_hours=6), seed=5, count=ITEMS, first=FIRST)
    sender().control.purge()


@cache
def sender() -> Celery:
    """Return an app of its own to send tasks by: the product's is eager under tests."""
    return Celery("sender", broker=settings.CELERY_BROKER_URL, set_as_current=False)


def environment() -> dict[str, str]:
    """The environment of a worker on this test's database, as the product's role."""
    name = connection.settings_dict["NAME"]
    given = os.environ.get("DATABASE_URL")
    url = embedded.database_url("app", name)
    if given:
        url = urlsplit(given)._replace(path=f"/{name}").geturl()
    return os.environ | {
        "DATABASE_URL": url,
        "REDIS_URL": settings.REDIS_URL,
        "CODETRAIL_DB_ROLE": "app",
        "LOG_FORMAT": "text",
    }


class Worker:
    """A Celery worker with two processes, as `make demo` runs it."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "celery", "-A", "config.celery", "worker"]
        options = ["--concurrency=2", "--without-mingle", "--without-gossip"]
        with (folder / "worker.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, *options],
                env=environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def children(self) -> list[psutil.Process]:
        """Return the processes that run tasks."""
        return psutil.Process(self.process.pid).children()

    def wait_until_up(self) -> None:
        """Wait for both processes."""
        wait_for(lambda: len(self.children()) >= 2, "two worker processes")

    def kill(self) -> None:
        """Kill parent and children at once, as a machine that loses its power."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def working(folder: Path) -> Iterator[Worker]:
    worker = Worker(folder)
    try:
        worker.wait_until_up()
        yield worker
    finally:
        worker.kill()


def wait_for(met: Any, what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(0.05)


def sweep_twice() -> None:
    """Ask for two sweeps, so that both processes are at it."""
    for _ in range(2):
        sender().send_task("worklists.tasks.sweep")


def due() -> int:
    """Return how many moments lie behind and are not done yet."""
    clocks = ItemClock.objects.filter(next_step_at__lte=now()).count()
    items = WorkItem.objects.filter(wake_at__lte=now()).count()
    return clocks + items + WorkItem.objects.filter(reage_at__lte=now()).count()


def finish(folder: Path) -> list[dict[str, Any]]:
    with working(folder):
        sweep_twice()
        wait_for(lambda: due() == 0, "the sweeps to end")
        time.sleep(1)
    return picture()


def kill_some(folder: Path, rng: random.Random) -> int:
    """Kill processes at random moments of their work; return how many were hit."""
    hit = 0
    whole = set(rng.sample(range(KILLS), WHOLE_WORKERS))
    while hit < KILLS and due():
        with working(folder) as worker:
            while hit < KILLS and due():
                sweep_twice()
                before = Escalation.objects.count()
                wait_for(
                    lambda n=before: Escalation.objects.count() > n or not due(), "work"
                )
                time.sleep(rng.random() / 10)
                hit += 1
                if hit in whole:
                    break  # the block's end kills all of it
                rng.choice(worker.children()).kill()
    return hit


def test_fifty_kills_end_where_an_undisturbed_run_ends(folder: Path) -> None:
    prepare()
    undisturbed = finish(folder)
    prepare()
    hit = kill_some(folder, random.Random(11))  # noqa: S311 - moments, no secrets
    assert hit == KILLS
    assert due() > 0, "there was nothing left to kill: have more items"
    assert differences(finish(folder), undisturbed) == []
    verdict = verify_trail()
    assert verdict.whole, verdict.faults[:3]
