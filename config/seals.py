"""Reading the settings of seals: where the key lies and where copies go."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config import env

NONE = "none"


def key_file(folder: Path) -> Path:
    """Return where the private key lies: outside the database, mode 0600."""
    return Path(env.text("SEAL_KEY_FILE", default=str(folder / "seal.key")))


def is_named() -> bool:
    """Return whether the site named a place itself.

    Where we chose the folder we make it; a named one may be a disk that is not mounted.
    """
    return bool(os.environ.get("SEAL_STORE"))


def read_store(ours: Path | None) -> dict[str, str] | None:
    """Return where copies go: what the site named, else the folder of our own."""
    return store(env.text("SEAL_STORE", default=str(ours) if ours else NONE))


def s3() -> dict[str, str]:
    """Return how an S3 is reached; what is empty boto3 finds by itself."""
    names = ("endpoint", "region", "access_key", "secret_key")
    return {name: os.environ.get(f"SEAL_STORE_{name.upper()}", "") for name in names}


def store(value: str) -> dict[str, str] | None:
    """Return where copies go: an absolute folder, ``s3://bucket/prefix``, or nowhere."""
    if not value or value == NONE:
        return None
    if value.startswith("s3://"):
        parts = urlsplit(value)
        if parts.netloc and "@" not in parts.netloc and not parts.query:
            prefix = parts.path.strip("/")
            return {
                "name": f"s3://{parts.netloc}/{prefix}".rstrip("/"),
                "kind": "s3",
                "bucket": parts.netloc,
                "prefix": prefix,
            }
    elif "://" not in value and Path(value).is_absolute():
        return {"name": value, "kind": "folder", "folder": value}
    raise ImproperlyConfigured(
        f"SEAL_STORE is {value!r}; accepted values: an absolute folder, "
        f"s3://BUCKET/PREFIX, or none. Credentials stand in SEAL_STORE_ACCESS_KEY "
        f"and SEAL_STORE_SECRET_KEY."
    )
