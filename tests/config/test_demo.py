"""What the demo refuses and writes, and that it leaves nothing behind."""

import json
import socket
import stat
import subprocess
import sys

import psutil
import pytest
from django.core.management import CommandError

from config import demo, demo_files
from config.embedded import processes

pytestmark = pytest.mark.integration
PEOPLE = [{"username": "cora", "password": "pw", "role": "coder"}]


@pytest.fixture
def sleeper():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield psutil.Process(process.pid)
    process.kill()
    process.wait()


def test_taken_port_is_refused_with_a_way_out():
    with socket.socket() as taken:
        taken.bind((demo.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError) as refused:
            demo.refuse_taken_port(port)
    assert f"Port {port} cannot be used (Address already in use)" in str(refused.value)
    assert f"PORT={port + 1} make demo" in str(refused.value)


def test_free_port_is_fine():
    with socket.socket() as probe:
        probe.bind((demo.HOST, 0))
        port = probe.getsockname()[1]
    demo.refuse_taken_port(port)
    with socket.socket() as web:
        web.bind((demo.HOST, port))  # the question does not take it
        assert web.getsockname() == (demo.HOST, port)


def test_facts_are_what_the_contract_says_and_ours_alone(tmp_path):
    path = tmp_path / demo_files.FACTS
    demo.write_facts(path, "http://127.0.0.1:8000", PEOPLE)
    assert json.loads(path.read_text()) == {
        "url": "http://127.0.0.1:8000",
        "people": PEOPLE,
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_welcome_names_address_people_and_passwords():
    said = demo._welcome("http://127.0.0.1:8000", PEOPLE)
    assert "http://127.0.0.1:8000" in said
    assert "cora  pw  coder" in said


def test_second_demo_of_a_checkout_is_refused(tmp_path):
    path = tmp_path / demo_files.LOCK
    with (
        demo._only_one(path),
        pytest.raises(CommandError, match="runs already"),
        demo._only_one(path),
    ):
        pass
    with demo._only_one(path):
        assert processes.read(path) == [psutil.Process()]


HOLDER = """
import fcntl, os, sys, time
lock = open(sys.argv[1], "a+")
fcntl.flock(lock, fcntl.LOCK_EX)
print("locked", flush=True)
time.sleep(60)
"""


def test_parts_of_a_killed_demo_are_ended_first(tmp_path):
    path = tmp_path / demo_files.LOCK
    left = subprocess.Popen(
        [sys.executable, "-c", HOLDER, path], stdout=subprocess.PIPE, text=True
    )
    assert left.stdout.readline() == "locked\n"
    path.write_text(json.dumps([[2**22 + 1, 1.0]]))  # its runner is gone
    processes.write(tmp_path / demo_files.PROCESSES, [psutil.Process(left.pid)])
    with demo._only_one(path):
        assert not psutil.pid_exists(left.pid)
    left.communicate()


def test_process_is_known_by_number_and_start(sleeper):
    pid, started = processes.known(sleeper)
    assert processes.alive(pid, started) == sleeper
    assert processes.alive(pid, started - 1) is None


def test_ended_process_is_not_alive(sleeper):
    known = processes.known(sleeper)
    processes.end([sleeper])
    assert processes.alive(*known) is None


def test_process_that_ignores_the_request_is_killed(tmp_path):
    script = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print('deaf', flush=True); time.sleep(60)"
    )
    deaf = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True
    )
    assert deaf.stdout.readline() == "deaf\n"
    processes.end([psutil.Process(deaf.pid)], patience=0.2)
    assert not psutil.pid_exists(deaf.pid)
    deaf.communicate()


@pytest.mark.parametrize("text", ["", "[[1"])
def test_unreadable_note_names_nobody(tmp_path, text):
    path = tmp_path / "note"
    path.write_text(text)
    assert processes.read(path) == []
