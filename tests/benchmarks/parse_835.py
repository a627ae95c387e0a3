"""``parse_835``: claims a second, parsing only, raw text and positions kept.

The file is one of ``make_x12``, 20 MB in one interchange. The reference splits the same
bytes at terminator and separator and keeps nothing: what no reader can be quicker
than. Beside it stand pyx12's segment reader (on a smaller file: it takes ten times as
long) and oxedi, and the memory of a process that does nothing but read the file.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import oxedi
from pyx12.x12file import X12Reader

from seeds.x12_writer import write_835
from tests.benchmarks.figures import Figure, interleaved
from worklists.x12 import RemittanceClaim, read_file

CLAIMS = 45_000
FEWER = 4_000
MEMORY = """
import sys
from worklists.x12 import read_file
with open(sys.argv[1], "rb") as stream:
    for event in read_file(stream):
        pass
with open("/proc/self/status") as status:
    print(next(line for line in status if line.startswith("VmHWM")).split()[1])
"""


def measure(runs: int = 9) -> Figure:
    """Return claims a second of ours and of plain splitting, run in turn."""
    with tempfile.TemporaryDirectory() as folder:
        path = _made(Path(folder), CLAIMS)
        fewer = _made(Path(folder), FEWER)
        found = interleaved(
            "parse_835",
            "claims/s",
            lambda: _speed(_read, path, CLAIMS),
            lambda: _speed(_split, path, CLAIMS),
            runs=runs,
        )
        pairs = [
            (_speed(_read, fewer, FEWER), _speed(_pyx12, fewer, FEWER))
            for _ in range(3)
        ]
        found.more = {
            "megabytes": round(path.stat().st_size / 1e6, 1),
            "times_pyx12": round(median(ours / theirs for ours, theirs in pairs), 1),
            "pyx12": round(median(theirs for _, theirs in pairs)),
            "oxedi": round(median(_speed(_oxedi, path, CLAIMS) for _ in range(3))),
            "rss_mb": round(_memory(path), 1),
        }
    return found


def _made(folder: Path, claims: int) -> Path:
    path = folder / f"{claims}.edi"
    with path.open("w", encoding="ascii", newline="") as out:
        write_835(out, claims=claims)
    return path


def _speed(read: Callable[[Path], None], path: Path, claims: int) -> float:
    began = time.perf_counter()
    read(path)
    return claims / (time.perf_counter() - began)


def _read(path: Path) -> None:
    claims = 0
    with path.open("rb") as stream:
        for event in read_file(stream):
            if type(event) is RemittanceClaim:
                claims += 1
    assert claims in (CLAIMS, FEWER)


def _split(path: Path) -> None:
    for segment in path.read_bytes().split(b"~"):
        segment.split(b"*")


def _pyx12(path: Path) -> None:
    for _ in X12Reader(io.StringIO(path.read_text(encoding="ascii"))):
        pass


def _oxedi(path: Path) -> None:
    oxedi.parse_file(str(path))


def _memory(path: Path) -> float:
    """Return the peak of a fresh process in MB."""
    line = [sys.executable, "-c", MEMORY, str(path)]
    done = subprocess.run(line, check=True, capture_output=True, text=True)
    return int(done.stdout) / 1024
