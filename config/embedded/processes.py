"""Telling a process that we started from another one with the same number."""

import json
from collections.abc import Iterable
from pathlib import Path

import psutil

Known = tuple[int, float]


def known(process: psutil.Process) -> Known:
    """A process by number and time of start: the pair is never used twice."""
    return process.pid, process.create_time()


def write(path: Path, processes: Iterable[psutil.Process]) -> None:
    """Note processes in a file, so that a later command can find them."""
    path.write_text(json.dumps([known(process) for process in processes]))


def read(path: Path) -> list[psutil.Process]:
    """The processes noted in a file that still live."""
    try:
        noted = json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return []  # never written, or its writer was killed in the middle
    return [process for pid, started in noted if (process := alive(pid, started))]


def alive(pid: int, started: float) -> psutil.Process | None:
    """The process with this number, if it is the one that started then."""
    try:
        process = psutil.Process(pid)
        same = process.create_time() == started
    except psutil.NoSuchProcess:
        return None
    return process if same and process.status() != psutil.STATUS_ZOMBIE else None


def end(processes: Iterable[psutil.Process], patience: float = 10) -> None:
    """Ask processes to end; after `patience` seconds, make them."""
    asked = list(processes)
    for process in asked:
        _send(process, psutil.Process.terminate)
    _gone, left = psutil.wait_procs(asked, timeout=patience)
    for process in left:
        _send(process, psutil.Process.kill)
    psutil.wait_procs(left, timeout=patience)


def _send(process: psutil.Process, signal: object) -> None:
    try:
        signal(process)  # type: ignore[operator]
    except psutil.NoSuchProcess:
        return
