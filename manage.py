#!/usr/bin/env python
"""Codetrail's command line: Django's, with the embedded servers around it."""

import os
import signal
import sys
from types import FrameType

from config import running


def _leave(signum: int, _frame: FrameType | None) -> None:
    # The stack must unwind, or the servers would be left running.
    raise SystemExit(128 + signum)


def main() -> None:
    """Run one command, with PostgreSQL and Valkey up for as long as it takes."""
    running.export(sys.argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # After the environment is set: these read it at import.
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    if not running.needs_servers(sys.argv):
        execute_from_command_line(sys.argv)
        return
    from config import embedded  # noqa: PLC0415

    for signum in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, _leave)
    try:
        with embedded.servers():
            execute_from_command_line(sys.argv)
    except embedded.EmbeddedError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main()
