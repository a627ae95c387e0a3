"""Rows that every test needs, made once a process and written back as they were.

A site costs twenty statements and as many objects; two thousand tests stand on one.
What a maker wrote is kept as rows, and the next test gets them, ids and all, by one
statement. No sequence goes back when a test is undone, so the ids stay free.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import connection, transaction

P = ParamSpec("P")
T = TypeVar("T")
_INTO = re.compile(r'INSERT INTO "(\w+)"')


@dataclass(frozen=True, slots=True)
class Kept:
    """What a maker returned and the statement that writes its rows."""

    result: bytes
    statement: str


_kept: dict[object, Kept] = {}


def kept(make: Callable[P, T]) -> Callable[P, T]:
    """Have a maker's rows written back from its second call in a process on.

    For makers that only add rows, and whose rows never differ: the arguments tell
    apart what is kept. Each call returns a copy of its own of what the first returned.
    """

    @wraps(make)
    def again(*args: P.args, **more: P.kwargs) -> T:
        key = (make, args, tuple(sorted(more.items())))
        found = _kept.get(key)
        if found is None:
            made, found = _watch(lambda: make(*args, **more))
            _kept[key] = found
            return made
        with connection.cursor() as cursor:
            cursor.execute(found.statement)
        result: T = pickle.loads(found.result)  # noqa: S301 - written by this process
        return result

    return again


def forget_kept() -> None:
    """Forget all rows: for a database whose ids begin anew."""
    _kept.clear()


def _watch(make: Callable[[], T]) -> tuple[T, Kept]:
    tables = _written(make)
    before = {table: _newest(table) for table in tables}
    made = make()
    rows = [_rows(table, newest) for table, newest in reversed(before.items())]
    return made, Kept(pickle.dumps(made), ";\n".join(rows))


def _written(make: Callable[[], Any]) -> list[str]:
    """Return the tables that a maker writes, in its order, and undo it."""
    tables: dict[str, None] = {}

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        if found := _INTO.match(sql):
            tables[found[1]] = None
        return execute(sql, *rest)

    with transaction.atomic():
        with connection.execute_wrapper(note):
            make()
        transaction.set_rollback(True)
    return list(tables)


def _newest(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT coalesce(max(id), 0) FROM "{table}"')  # noqa: S608
        return int(cursor.fetchone()[0])


_COLUMNS = """
SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
 WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
   AND attgenerated = ''
"""


def _rows(table: str, newest: int) -> str:
    """Return the statement that writes what came into a table since ``newest``."""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, [table])
        columns = cursor.fetchone()[0]
        cursor.execute(
            f'SELECT json_agg(t ORDER BY id)::text FROM "{table}" t WHERE id > %s',  # noqa: S608
            [newest],
        )
        rows = cursor.fetchone()[0]
    assert "$rows$" not in rows
    return (
        f'INSERT INTO "{table}" ({columns}) SELECT {columns}'  # noqa: S608
        f' FROM json_populate_recordset(NULL::"{table}", $rows${rows}$rows$)'
    )
