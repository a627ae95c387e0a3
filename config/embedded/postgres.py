"""The embedded PostgreSQL: created, started and stopped with its own programs.

Three roles, all with scram-sha-256 passwords and never `trust`: the superuser (only for
tests that prove what even a superuser cannot do), `codetrail_owner` (owns the database,
runs migrations and tests) and `codetrail_app` (the running product).
"""

import shutil
import time
from pathlib import Path

import psutil

from config.embedded import binaries
from config.embedded.errors import EmbeddedError
from config.embedded.places import Places
from config.embedded.secrets import read_or_create

DATABASE = "codetrail"
SUPERUSER = "codetrail_superuser"
ROLES = {"superuser": SUPERUSER, "owner": "codetrail_owner", "app": "codetrail_app"}
START_SECONDS = 60
STOP_SECONDS = 60

HERE = Path(__file__).parent
SETTINGS_FILE = "postgresql.conf"
HBA_FILE = "pg_hba.conf"

ROLES_SQL = f"""
ALTER ROLE {SUPERUSER} PASSWORD '{{superuser}}'
CREATE ROLE codetrail_owner LOGIN CREATEDB PASSWORD '{{owner}}'
CREATE ROLE codetrail_app LOGIN PASSWORD '{{app}}'
"""
# In template1, so that every database made later, test databases too, has them.
PRIVILEGES_SQL = """
ALTER DEFAULT PRIVILEGES FOR ROLE codetrail_owner \
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO codetrail_app
ALTER DEFAULT PRIVILEGES FOR ROLE codetrail_owner \
GRANT USAGE, SELECT ON SEQUENCES TO codetrail_app
"""
DATABASE_SQL = "CREATE DATABASE codetrail OWNER codetrail_owner"


def start(places: Places) -> None:
    """Have PostgreSQL accept connections. Called with the instance locked.

    Creates the cluster when there is none; waits for a server that is still stopping;
    clears what a crash or a reboot left behind.
    """
    places.create_service_folders()
    if is_running(places):
        return
    _create_cluster(places)
    _write_settings(places)
    _clear_leftovers(places)
    _pg_ctl(places, "start", f"--timeout={START_SECONDS}", f"--log={_log(places)}")


def stop(places: Places) -> None:
    """Stop PostgreSQL, ending its sessions. Does nothing when it is not running."""
    if _postmaster(places) is not None:
        _pg_ctl(places, "stop", "--mode=fast", f"--timeout={STOP_SECONDS}")


def is_running(places: Places) -> bool:
    """Whether our server accepts connections; waits for one that starts or stops."""
    deadline = time.monotonic() + STOP_SECONDS
    while _postmaster(places) is not None and time.monotonic() < deadline:
        if _status(places) == "ready":
            return True
        time.sleep(0.02)
    return False


def _pid_lines(places: Places) -> list[str]:
    try:
        return (places.cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _status(places: Places) -> str:
    lines = _pid_lines(places)
    return lines[7].strip() if len(lines) > 7 else ""  # noqa: PLR2004 - its 8th line


def _postmaster(places: Places) -> psutil.Process | None:
    """The server of this very folder, or None.

    A process number alone proves nothing: after a reboot it may be anybody's.
    """
    lines = _pid_lines(places)
    if not lines or not lines[0].strip().isdigit():
        return None
    try:
        process = psutil.Process(int(lines[0]))
        command = process.cmdline()
    except psutil.Error:
        return None
    return process if str(places.cluster) in command else None


def _create_cluster(places: Places) -> None:
    """Make a cluster aside and move the finished one into place in one step."""
    if places.cluster.exists():
        return
    for left in places.cluster.parent.glob("new-*"):
        shutil.rmtree(left)  # of a run that was killed
    aside = places.cluster.parent / f"new-{time.time_ns()}"
    _initdb(places, aside)
    passwords = read_or_create(places)
    _single_user(places, aside, "postgres", ROLES_SQL.format(**passwords))
    _single_user(places, aside, "template1", PRIVILEGES_SQL)
    _single_user(places, aside, "postgres", DATABASE_SQL)
    aside.rename(places.cluster)


def _initdb(places: Places, aside: Path) -> None:
    binaries.run(
        places,
        binaries.postgres_bin(places) / "initdb",
        f"--pgdata={aside}",
        f"--username={SUPERUSER}",
        "--auth=reject",  # replaced by our own rules, which ask for a password
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--locale=C.UTF-8",
        "--data-checksums",
        "--no-sync",
        "--no-instructions",
    )


def _single_user(places: Places, cluster: Path, database: str, sql: str) -> None:
    """Run statements, one a line, on a cluster that accepts no connection yet."""
    program = binaries.postgres_bin(places) / "postgres"
    options = ("-c", "exit_on_error=on", "-D", str(cluster), database)
    binaries.run(places, program, "--single", *options, text=sql.strip() + "\n")


def _write_settings(places: Places) -> None:
    """Lay down the settings of this start: the documented file, then the paths."""
    kind = places.instance.partition("-")[0]  # test-anna is a test instance, too
    sources = [HERE / "postgresql.conf", HERE / f"postgresql.{kind}.conf"]
    parts = [source.read_text() for source in sources if source.exists()]
    parts.append(
        f"""
# --- Paths of this instance
data_directory = '{places.cluster}'
hba_file = '{places.folder / HBA_FILE}'
ident_file = '{places.cluster / "pg_ident.conf"}'
unix_socket_directories = '{places.sockets}'
"""
    )
    _write(places.folder / SETTINGS_FILE, "\n".join(parts))
    _write(places.folder / HBA_FILE, "local all all scram-sha-256\n")


def _write(path: Path, text: str) -> None:
    aside = path.with_suffix(".new")
    aside.write_text(text)
    aside.chmod(0o644)  # nothing secret, and the service user must read it
    aside.replace(path)


def _clear_leftovers(places: Places) -> None:
    """Remove what a crash or a reboot left: PostgreSQL would trust a reused number."""
    for path in (
        places.cluster / "postmaster.pid",
        places.sockets / ".s.PGSQL.5432",
        places.sockets / ".s.PGSQL.5432.lock",
    ):
        path.unlink(missing_ok=True)


def _log(places: Places) -> Path:
    return places.cluster.parent / "log"


def _pg_ctl(places: Places, action: str, *options: str) -> None:
    program = binaries.postgres_bin(places) / "pg_ctl"
    settings = f"--options=-c config_file={places.folder / SETTINGS_FILE}"
    fixed = [action, "--silent", "--wait", f"--pgdata={places.cluster}"]
    if action == "start":
        fixed.append(settings)
    try:
        binaries.run(places, program, *fixed, *options)
    except EmbeddedError as error:
        raise EmbeddedError(f"{error}\nIts log is {_log(places)}") from error
