"""The generated passwords of one instance, readable only by the user who runs it."""

import json
import os
import secrets
import tempfile
from pathlib import Path

from config.embedded.errors import EmbeddedError
from config.embedded.places import Places

NAMES = ("superuser", "owner", "app", "valkey", "secret_key")


def read_or_create(places: Places) -> dict[str, str]:
    """Return the instance's passwords; the first caller makes them, for ever.

    Two callers at once agree: the file is written aside and linked into place, and the
    one who comes second reads the first one's.
    """
    if not places.secrets.exists():
        places.create()
        _create(places.secrets)
    return _read(places.secrets)


def _read(path: Path) -> dict[str, str]:
    facts = path.stat()
    if facts.st_mode & 0o077 or facts.st_uid != os.geteuid():
        raise EmbeddedError(
            f"{path} must belong to the user who runs Codetrail, with mode 0600. "
            f"Somebody else may have read the passwords: run `make reset`."
        )
    stored: dict[str, str] = json.loads(path.read_text())
    return stored


def _create(path: Path) -> None:
    made = {name: secrets.token_urlsafe(36) for name in NAMES}
    descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=".secrets-")
    try:
        with os.fdopen(descriptor, "w") as file:
            json.dump(made, file)
            file.flush()
            os.fsync(file.fileno())
        Path(path).hardlink_to(aside)
    except FileExistsError:
        pass  # another process was first; its passwords are the ones
    finally:
        Path(aside).unlink()
