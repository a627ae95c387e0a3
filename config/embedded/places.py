"""Where the embedded servers of this checkout live, and which folders we may touch.

Root keeps data under `/var/lib/codetrail/<digest of the checkout's path>/`, because the
servers run as a service user who may not be able to enter the checkout. Anybody else
keeps it under `.local/embedded/` in the checkout. Each instance (demo, test, bench) has
its own folder and its own servers, and so has each checkout.

We create folders with the mode they need and refuse one that belongs to somebody else.
We never change a folder that we did not create.
"""

import hashlib
import os
import pwd
import re
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from config.embedded.errors import EmbeddedError

CHECKOUT = Path(__file__).resolve().parents[2]
ROOT_HOME = Path("/var/lib/codetrail")
SERVICE_USER = "nobody"
# The kernel allows 107 bytes; PostgreSQL adds "/.s.PGSQL.5432".
LONGEST_SOCKET_FOLDER = 85


def digest_of(checkout: Path) -> str:
    """Twelve hexadecimal digits that stand for a checkout's place on this machine."""
    return hashlib.sha256(str(checkout).encode()).hexdigest()[:12]


def ensure_folder(path: Path, mode: int, owner: int | None = None) -> Path:
    """Create a folder with this mode and owner; leave one that exists as it is.

    Refuses an existing folder of another owner: its files could not be trusted.
    """
    expected = os.geteuid() if owner is None else owner
    try:
        path.mkdir(mode=mode)
    except FileExistsError:
        _refuse_foreign(path, expected)
        return path
    path.chmod(mode)  # mkdir's mode is cut by the umask
    if expected != os.geteuid():
        os.chown(path, expected, -1)
    return path


def _refuse_foreign(path: Path, expected: int) -> None:
    facts = path.lstat()
    if path.is_symlink() or not path.is_dir() or facts.st_uid != expected:
        raise EmbeddedError(
            f"{path} exists but is not a folder of user {expected}, so the embedded "
            f"servers cannot use it. Move it away, or set DATABASE_URL and REDIS_URL."
        )


@dataclass(frozen=True)
class Places:
    """Every path of one instance of one checkout."""

    instance: str
    checkout: Path = CHECKOUT
    as_root: bool = os.geteuid() == 0

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9-]{1,16}", self.instance):
            raise EmbeddedError(
                f"CODETRAIL_INSTANCE is {self.instance!r}; accepted values: 1 to 16 "
                f"lower-case letters, digits and hyphens, such as demo, test, bench."
            )

    @classmethod
    def existing_in(cls, checkout: Path = CHECKOUT) -> "list[Places]":
        """Every instance of a checkout that has a folder."""
        home = cls("any", checkout).home
        if not home.is_dir():
            return []
        folders = [folder for folder in home.iterdir() if folder.is_dir()]
        return [cls(folder.name, checkout) for folder in folders]

    @property
    def service_uid(self) -> int:
        """Whom the servers run as: PostgreSQL refuses to run as root."""
        return pwd.getpwnam(SERVICE_USER).pw_uid if self.as_root else os.geteuid()

    @property
    def home(self) -> Path:
        """The checkout's folder, parent of its instances."""
        if self.as_root:
            return ROOT_HOME / digest_of(self.checkout)
        return self.checkout / ".local" / "embedded"

    @property
    def folder(self) -> Path:
        """The instance's folder; ours, and readable by the service user."""
        return self.home / self.instance

    @property
    def cluster(self) -> Path:
        """PostgreSQL's data folder. It appears in one step, complete."""
        return self.folder / "postgres" / "data"

    @property
    def valkey(self) -> Path:
        """Valkey's data folder."""
        return self.folder / "valkey"

    @property
    def uploads(self) -> Path:
        """Uploaded files, unless UPLOAD_DIR names another place; ours, mode 0700."""
        return self.folder / "uploads"

    @property
    def seals(self) -> Path:
        """Copies of the trail's seals, unless SEAL_STORE names another place."""
        return self.folder / "seals"

    @property
    def secrets(self) -> Path:
        """The generated passwords, mode 0600."""
        return self.folder / "secrets.json"

    @cached_property
    def sockets(self) -> Path:
        """The folder of both unix sockets, entered only by us and the servers."""
        inside = self.folder / "run"
        if len(str(inside)) <= LONGEST_SOCKET_FOLDER:
            return inside
        name = f"codetrail-{os.geteuid()}-{digest_of(self.checkout)}-{self.instance}"
        return Path(tempfile.gettempdir()) / name

    def create(self) -> None:
        """Make the folders that are missing. Does nothing the second time."""
        self._create_home()
        # The service user must pass through to its own folders, and see no names here.
        ensure_folder(self.folder, 0o711)

    def create_service_folders(self) -> None:
        """Make the folders that belong to the servers."""
        for path in (self.cluster.parent, self.valkey, self.sockets):
            ensure_folder(path, 0o700, owner=self.service_uid)

    def _create_home(self) -> None:
        if self.as_root:
            for folder in (ROOT_HOME, self.home):
                ensure_folder(folder, 0o755)
            return
        try:
            ensure_folder(self.home.parent, 0o755)
            ensure_folder(self.home, 0o700)
        except PermissionError as error:
            raise EmbeddedError(
                f"{self.home} cannot be written by this user, so the embedded servers "
                f"have no place for their data. Work in a checkout of your own, or set "
                f"DATABASE_URL and REDIS_URL."
            ) from error
