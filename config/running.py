"""What kind of process is this? Decided once, from the command line and environment.

Two answers follow from it: which instance of the embedded servers is used, and as which
database role we connect. Both can be set by hand (`CODETRAIL_INSTANCE`,
`CODETRAIL_DB_ROLE`); what is decided is exported, so child processes agree.
"""

import gc
import os
import sys
from collections.abc import Sequence

OWNER = "owner"
APP = "app"
# New objects before the collector looks at them, and its looks before it looks deeper.
# Python's 700 fit a short script; one file's chunk alone makes thousands.
COLLECTION = (5_000, 20, 20)

# These change the schema or empty tables, which the running product may not.
OWNER_COMMANDS = frozenset(
    {
        "flush",
        "makemigrations",
        "migrate",
        "prepare_database",
        "showmigrations",
        "sqlmigrate",
        "squashmigrations",
        "test",
    }
)
# These say something about the program and need no server.
SERVERLESS_COMMANDS = frozenset({"", "help", "version", "--version", "-h", "--help"})


def under_tests() -> bool:
    """Whether pytest runs us. Test runs have their own servers and the owner role."""
    return "pytest" in sys.modules


def command_of(argv: Sequence[str]) -> str:
    """The management command named on a command line, or an empty string."""
    return argv[1] if len(argv) > 1 else ""


def needs_servers(argv: Sequence[str]) -> bool:
    """Whether the command line names something that may talk to a server."""
    return command_of(argv) not in SERVERLESS_COMMANDS and "--help" not in argv


def export(argv: Sequence[str]) -> None:
    """Put role and instance of this command into the environment, unless given."""
    owner = under_tests() or command_of(argv) in OWNER_COMMANDS
    os.environ.setdefault("CODETRAIL_DB_ROLE", OWNER if owner else APP)
    os.environ.setdefault("CODETRAIL_INSTANCE", default_instance())


def default_instance() -> str:
    """The instance used when nobody names one: a test run never shares the demo's."""
    return "test" if under_tests() else "demo"


def is_web() -> bool:
    """Whether this process answers HTTP for real; set by `wsgi` and `asgi`."""
    return os.environ.get("CODETRAIL_PROCESS") == "web"


def test_worker() -> int:
    """1, 2, … for the parallel workers of a test run, else 0."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    return int(worker.removeprefix("gw")) + 1 if worker else 0


def settle() -> None:
    """Spare the garbage collector what has been loaded for good.

    It walks over every object that ever survived; after start-up that is the program
    itself, a hundred thousand objects, and a tenth of the time of reading a file.
    """
    gc.freeze()
    gc.set_threshold(*COLLECTION)
