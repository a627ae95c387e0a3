"""Reading the settings of seals: where the key lies and where copies go."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

NONE = "none"


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
