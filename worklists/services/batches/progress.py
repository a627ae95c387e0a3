"""How far a file is read, told to people while its transaction is still open."""

from __future__ import annotations

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from worklists.models import IngestBatch

_TELL = "UPDATE worklists_ingestbatch SET bytes_read = %s WHERE id = %s"


class Progress:
    """Writes the bytes read through a connection of its own.

    Opened with the first report, so a small file costs none. Nothing else is ever
    written there.
    """

    def __init__(self, batch: IngestBatch) -> None:
        self._batch_id = batch.pk
        self._connection: BaseDatabaseWrapper | None = None

    def tell(self, read: int) -> None:
        """Store how many bytes were read."""
        if self._connection is None:
            self._connection = connections.create_connection("default")
        with self._connection.cursor() as cursor:
            cursor.execute(_TELL, [read, self._batch_id])

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
