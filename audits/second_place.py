"""Where copies of seals and public keys lie outside the database: a folder, or S3.

Behind Django's storage interface (django-storages for S3). A copy is written whole or
not at all, and never over another one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage
from storages.backends.s3 import S3Storage

READ_ONLY = 0o444
READERS = 8
# What a place that is away, full or closed to us raises.
AWAY = (OSError, Boto3Error, BotoCoreError, ClientError)


class Differs(Exception):  # noqa: N818 - it says what was found
    """Another content lies under the name already; it is left as it is."""


class Folder(FileSystemStorage):
    """A folder in which a file appears whole, in one step, and is never replaced."""

    def _save(self, name: str, content: File[Any]) -> str:
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".copy-") as aside:
            for chunk in content.chunks():
                aside.write(chunk)
            aside.flush()
            Path(aside.name).chmod(READ_ONLY)
            target.hardlink_to(aside.name)
        return name


@dataclass(frozen=True)
class SecondPlace:
    """One place: its name as people write it, without credentials."""

    name: str
    kind: str
    folder: str = ""
    bucket: str = ""
    prefix: str = ""

    @cached_property
    def storage(self) -> Storage:
        """The storage behind it."""
        return self._s3() if self.kind == "s3" else Folder(location=self.folder)

    def put(self, name: str, content: bytes) -> None:
        """Write a copy unless it lies there already.

        Raises ``Differs`` when other content does, and one of ``AWAY`` when the place
        cannot be reached; a folder that is not there is never made, since it may be a
        disk that is not mounted.
        """
        found = self.get(name)
        if found is None:
            self.storage.save(name, ContentFile(content))
        elif found != content:
            raise Differs(name)

    def get(self, name: str) -> bytes | None:
        """Return what lies under a name, None when nothing does.

        Our own folder is made with the first copy; another that is missing is away.
        """
        ours = settings.SEAL_STORE_IS_OURS
        if self.kind == "folder" and not ours and not Path(self.folder).is_dir():
            raise FileNotFoundError(f"{self.folder} is not there")
        try:
            with self.storage.open(name) as file:
                return bytes(file.read())
        except FileNotFoundError:
            return None

    def get_all(self, names: Sequence[str]) -> list[bytes | None]:
        """Return what lies under each name, several asked for at once."""
        with ThreadPoolExecutor(READERS) as readers:
            return list(readers.map(self.get, names))

    def _s3(self) -> Storage:
        given: dict[str, Any] = settings.SEAL_STORE_S3
        endpoint = given["endpoint"] or None
        storage: Storage = S3Storage(
            bucket_name=self.bucket,
            location=self.prefix,
            endpoint_url=endpoint,
            region_name=given["region"] or None,
            access_key=given["access_key"] or None,
            secret_key=given["secret_key"] or None,
            default_acl=None,
            client_config=Config(
                connect_timeout=5,
                read_timeout=30,
                retries={"total_max_attempts": 3},
                # Stores other than Amazon's refuse checksums they were not asked for.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                s3={"addressing_style": "path" if endpoint else "auto"},
                signature_version="s3v4",
                max_pool_connections=READERS,
            ),
        )
        return storage


def second_place() -> SecondPlace | None:
    """Return the site's second place, None where none is set."""
    return SecondPlace(**settings.SEAL_STORE) if settings.SEAL_STORE else None
