"""The database backend that settings name; see ``DatabaseWrapper``."""

from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, but a dead connection costs the pool all its idle ones at once.

    A server that was restarted has dropped every connection. The pool's own check finds
    that out one by one and waits 1, 2, 4 … seconds between: the first request after a
    restart would be refused after ten. Set ``CONN_HEALTH_CHECKS`` to False with it.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        """Return a connection that answers; ``PoolTimeout`` where none can be had."""
        connection: Connection = super().get_new_connection(conn_params)
        # By name, for the type stubs do not know it yet.
        pool: ConnectionPool | None = getattr(self, "pool", None)
        if pool is None:
            return connection
        try:
            ConnectionPool.check_connection(connection)
        except OperationalError:
            pool.putconn(connection)
            pool.drain()
            connection = super().get_new_connection(conn_params)
        return connection
