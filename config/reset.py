"""`make reset`: stop what runs in this checkout, then remove its data.

Refuses, before anything is removed, while a command other than the demo still uses a
server of this checkout.
"""

import shutil
import sys
from contextlib import suppress
from pathlib import Path

from config import embedded
from config.demo_files import LOCAL, LOCK, PROCESSES
from config.embedded import processes
from config.embedded.places import CHECKOUT, Places


def stop_demo(local: Path) -> None:
    """End the demo of this checkout, if it runs, and what a killed one left behind."""
    # The demo itself waits up to 5 s for its parts, then stops its servers.
    processes.end(processes.read(local / LOCK), patience=30)
    processes.end(processes.read(local / PROCESSES))


def main() -> int:
    """Stop, then remove; 1 when something of this checkout is still in use."""
    stop_demo(LOCAL)
    try:
        for places in Places.existing_in(CHECKOUT):
            embedded.remove(places)
    except embedded.EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    shutil.rmtree(LOCAL, ignore_errors=True)
    with suppress(FileNotFoundError):
        Places("any", CHECKOUT).home.rmdir()
    return 0


if __name__ == "__main__":
    sys.exit(main())
