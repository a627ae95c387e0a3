"""``make bench``: run the benchmarks, print a table, write ``bench.json``.

``BENCH_ITEMS`` sets the number of open items (default 100000). Names on the command
line run only those figures.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

MODULES = (
    "parse_835",
    "ingest_835",
    "next_item",
    "transition",
    "queue_page",
    "item_page",
    "manager_page",
    "crowd",
    "age",
    "bulk_reassign",
)


def _machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "items": int(os.environ.get("BENCH_ITEMS", "100000")),
    }


def _measures(names: list[str]) -> list[tuple[str, Callable[[], Any]]]:
    return [
        (name, import_module(f"tests.benchmarks.{name}").measure)
        for name in MODULES
        if not names or name in names
    ]


def _line(figure: Any) -> str:
    reference = f"{figure.reference:>12,.1f}" if figure.reference else f"{'–':>12}"
    ratio = f"{figure.ratio:>7.3f}" if figure.ratio else f"{'–':>7}"
    more = ", ".join(f"{k} {v}" for k, v in figure.more.items())
    return (
        f"{figure.name:<12} {figure.ours:>12,.1f} {reference} {ratio} "
        f"{figure.unit:<10} {more}"
    )


def main(names: list[str]) -> None:
    """Prepare the rows, run, print, write."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    from config import embedded

    with embedded.servers():
        # Migrations run as the owner; the product, and so the benchmark, does not.
        prepare = [sys.executable, "manage.py", "prepare_database", "--verbosity=0"]
        prepare += ["--purpose", "test"]
        subprocess.run(prepare, check=True)
        # A page names its style sheets by their digests, as everywhere but in tests.
        static = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"]
        subprocess.run(static, check=True)
        django.setup()
        from tests.benchmarks import dataset

        dataset.prepare(_machine()["items"])
        figures = []
        print(f"{'figure':<12} {'ours':>12} {'reference':>12} {'ratio':>7}")
        for _, measure in _measures(names):
            found = measure()
            for figure in found if isinstance(found, list) else [found]:
                figures.append(figure)
                print(_line(figure), flush=True)
    report = {"machine": _machine(), "figures": {f.name: f.as_json() for f in figures}}
    Path("bench.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
