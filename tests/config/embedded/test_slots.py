"""Test runs at once in one checkout do not meet."""

import os
import subprocess
import sys

import pytest

from config.embedded import slots
from config.embedded.errors import EmbeddedError
from config.embedded.places import CHECKOUT, Places

pytestmark = pytest.mark.unit
RUN = """
import sys
from pathlib import Path
from config.embedded import slots
from config.embedded.places import Places
print(slots.claim(Places("probe", Path(sys.argv[1]), False)), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def places(tmp_path, monkeypatch):
    monkeypatch.delenv(slots.VARIABLE)
    monkeypatch.setattr(slots, "_held", [])
    yield Places("probe", tmp_path, as_root=False)
    for descriptor in slots._held:
        os.close(descriptor)


@pytest.fixture
def other_run(places, tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(tmp_path)],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "0\n"
    yield process
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def test_second_run_takes_the_next_slot(places, other_run):
    assert slots.claim(places) == 1


def test_slot_of_a_killed_run_is_free(places, other_run):
    other_run.kill()
    other_run.wait()
    assert slots.claim(places) == 0


def test_workers_of_a_run_share_its_slot(places, monkeypatch):
    monkeypatch.setenv(slots.VARIABLE, "3")
    assert slots.claim(places) == 3
    assert not places.folder.exists()


def test_too_many_runs_are_told_what_to_do(places, monkeypatch, other_run):
    monkeypatch.setattr(slots, "SLOTS", 1)
    with pytest.raises(EmbeddedError, match="set CODETRAIL_INSTANCE"):
        slots.claim(places)


def test_no_two_runs_or_workers_share_a_database():
    names = {slots.database_name(slot) for slot in range(slots.SLOTS)}
    numbers = {
        slots.valkey_number(slot, worker)
        for slot in range(slots.SLOTS)
        for worker in range(slots.WORKERS)
    }
    assert len(names) == slots.SLOTS
    assert numbers == set(range(64))
