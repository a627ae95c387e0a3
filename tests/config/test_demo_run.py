"""The whole demo, as a person starts and stops it: twice, and after a kill."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import psutil
import pytest

from config.embedded.places import CHECKOUT, ROOT_HOME, Places, digest_of
from tests.config.embedded.conftest import environment

pytestmark = pytest.mark.heavy
PATIENCE = 900  # a small demo loads in a minute, on a busy machine in many


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the product, so that a demo which runs here is left alone."""
    copy = tmp_path_factory.mktemp("demo") / "checkout"
    ignored = shutil.ignore_patterns(".git", ".venv", ".local", "__pycache__", "tests")
    shutil.copytree(CHECKOUT, copy, ignore=ignored)
    yield copy
    subprocess.run(
        [sys.executable, "-m", "config.reset"],
        cwd=copy,
        env=environment("demo"),
        check=True,
    )
    if os.geteuid() == 0:
        shutil.rmtree(ROOT_HOME / digest_of(copy), ignore_errors=True)


class Demo:
    """A running demo and its address."""

    def __init__(self, checkout):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.checkout = checkout
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"],
            cwd=checkout,
            env=environment("demo") | {"PORT": str(port), "DEMO_SIZE": "small"},
            stdout=subprocess.DEVNULL,
        )
        self.facts = self.wait_for_facts()

    def wait_for_facts(self):
        path = self.checkout / ".local" / "demo.json"
        deadline = time.monotonic() + PATIENCE
        while not path.exists():
            assert self.process.poll() is None, "the demo ended before it was up"
            assert time.monotonic() < deadline, "the demo did not come up"
            time.sleep(0.2)
        return json.loads(path.read_text())

    def ready(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(
                    f"{self.facts['url']}/health/ready"
                ) as page:
                    return json.load(page)["status"]
            except urllib.error.HTTPError:
                time.sleep(0.5)
        return "never"

    def stop(self, signum):
        self.process.send_signal(signum)
        return self.process.wait(timeout=60)


def left_over(checkout):
    """Processes that have to do with this checkout."""
    marks = (str(checkout), digest_of(checkout))
    found = []
    for process in psutil.process_iter(["pid", "cmdline", "status"]):
        line = " ".join(process.info["cmdline"] or [])
        zombie = process.info["status"] == psutil.STATUS_ZOMBIE
        if process.pid != os.getpid() and not zombie and any(m in line for m in marks):
            found.append(line)
    return found


def items(checkout):
    """How many rows the demo has: a second start must not add any."""
    code = (
        "from worklists.models import User; from django.apps import apps;"
        "print(sum(m._default_manager.count() for m in apps.get_app_config('worklists')"
        ".get_models() if m._meta.model_name in {'user', 'workitem', 'claim'}))"
    )
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", code],
        cwd=checkout,
        env=environment("demo"),
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


def test_demo_goes_on_with_its_data_and_leaves_nothing_behind(checkout):
    first = Demo(checkout)
    assert first.ready() == "ok"
    assert set(first.facts["people"][0]) == {"username", "password", "role"}
    assert first.stop(signal.SIGINT) == 0
    assert left_over(checkout) == []
    assert not (checkout / ".local" / "demo.json").exists()
    rows = items(checkout)
    killed = Demo(checkout)
    killed.process.kill()
    killed.process.wait()
    (checkout / ".local" / "demo.json").unlink()
    following = Demo(checkout)
    assert following.ready() == "ok"
    assert following.stop(signal.SIGTERM) == 0
    assert left_over(checkout) == []
    assert items(checkout) == rows


def test_demo_ends_when_one_of_its_parts_does(checkout):
    demo = Demo(checkout)
    parts = psutil.Process(demo.process.pid).children(recursive=True)
    beat = next(part for part in parts if "beat" in part.cmdline())
    beat.kill()
    assert demo.process.wait(timeout=60) == 1
    assert left_over(checkout) == []


def test_reset_stops_a_running_demo_and_removes_its_data(checkout):
    demo = Demo(checkout)
    subprocess.run(
        [sys.executable, "-m", "config.reset"],
        cwd=checkout,
        env=environment("demo"),
        check=True,
    )
    assert demo.process.wait(timeout=10) == 0
    assert left_over(checkout) == []
    assert not (checkout / ".local").exists()
    assert Places.existing_in(checkout) == []
