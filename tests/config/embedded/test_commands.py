"""The command line around the servers, and what `make reset` removes."""

import os
import secrets
import shlex
import shutil
import signal
import subprocess
import sys

import pytest

from config import embedded
from config.embedded import postgres, valkey
from config.embedded.places import CHECKOUT, ROOT_HOME, Places, digest_of
from tests.config.embedded.conftest import USER, environment

pytestmark = [pytest.mark.integration, pytest.mark.heavy]


def manage(places, *command):
    return subprocess.Popen(
        [sys.executable, "manage.py", *command],
        cwd=CHECKOUT,
        env=environment(places.instance),
        stdout=subprocess.PIPE,
        text=True,
    )


def up(places):
    return postgres.is_running(places), valkey.is_running(places)


@pytest.fixture
def servers(instance):
    """`manage.py servers`, with the lines that it printed."""
    process = manage(instance, "servers")
    lines = [process.stdout.readline() for _ in range(4)]
    assert "Ctrl-C" in lines[-1]
    yield process, lines
    process.kill()
    process.wait()
    process.stdout.close()


def test_version_starts_nothing():
    unused = Places(f"probe-{secrets.token_hex(4)}")
    said, _ = manage(unused, "version").communicate()
    assert said.startswith("5.2")
    assert not unused.cluster.exists()
    embedded.remove(unused)


def test_servers_command_prints_a_line_that_works(servers):
    line = next(line for line in servers[1] if line.startswith("psql"))
    command = shlex.split(line.removeprefix("psql"))
    done = subprocess.run(
        [*command, "-Atc", "SELECT current_user"], capture_output=True, check=True
    )
    assert done.stdout == b"codetrail_app\n"


@pytest.mark.parametrize(
    ("signum", "code"),
    [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)],
)
def test_signal_ends_command_and_servers(instance, servers, signum, code):
    servers[0].send_signal(signum)
    servers[0].communicate(timeout=30)
    assert servers[0].returncode == code
    assert up(instance) == (False, False)


def test_killed_command_leaves_servers_that_the_next_command_stops(instance, servers):
    servers[0].kill()
    servers[0].communicate()
    assert up(instance) == (True, True)
    following = manage(instance, "shell", "-v0", "-c", "pass")
    following.communicate()
    assert following.returncode == 0
    assert up(instance) == (False, False)


@pytest.fixture
def checkout(tmp_path):
    """Another checkout of the product: just what the servers need."""
    ignored = shutil.ignore_patterns("__pycache__", "static")
    shutil.copytree(CHECKOUT / "config", tmp_path / "config", ignore=ignored)
    yield tmp_path
    if os.geteuid() == 0:
        shutil.rmtree(ROOT_HOME / digest_of(tmp_path), ignore_errors=True)


def reset(checkout):
    return subprocess.run(
        [sys.executable, "-m", "config.reset"],
        cwd=checkout,
        env=environment("demo"),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def other_user(checkout):
    process = subprocess.Popen(
        [sys.executable, "-c", USER],
        cwd=checkout,
        env=environment(f"probe-{secrets.token_hex(4)}"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "up\n"
    yield process
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def test_reset_refuses_while_a_command_runs_and_removes_nothing(checkout, other_user):
    home = Places("any", checkout=checkout).home
    before = sorted(home.rglob("PG_VERSION"))
    done = reset(checkout)
    assert done.returncode == 1
    assert "in use by another command" in done.stderr
    assert sorted(home.rglob("PG_VERSION")) == before != []


def test_reset_removes_every_instance_and_its_servers(checkout, other_user):
    (checkout / ".local").mkdir(exist_ok=True)
    (checkout / ".local" / "demo.json").write_text("{}")
    home = Places("any", checkout=checkout).home
    (places,) = Places.existing_in(checkout)
    other_user.kill()  # its servers stay up
    other_user.wait()
    assert up(places) == (True, True)
    assert reset(checkout).returncode == 0
    assert up(places) == (False, False)
    assert not home.exists()
    assert not (checkout / ".local").exists()


def test_reset_of_an_untouched_checkout_is_fine(checkout):
    done = reset(checkout)
    assert (done.returncode, done.stderr) == (0, "")
