"""Emptying the database after a test that committed.

Django's ``flush`` truncates every table, empty or not, and makes every permission anew:
a third of a second after each such test, for the few dozen rows it wrote.
"""

from __future__ import annotations

from functools import cache

from django.db import IntegrityError, connection, transaction

LARGE = 2**20  # bytes
LOOKS = 3
# What every database has after its migrations and no test changes.
KEPT = ("django_migrations", "django_content_type", "auth_permission")

_TABLES = """
SELECT c.relname, EXISTS (
         SELECT 1 FROM pg_trigger t
          WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgtype & 8 = 8)
  FROM pg_class c
 WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
   AND c.relname <> ALL (%s)
 ORDER BY c.relname
"""


def empty_tables() -> None:
    """Leave no row but what ``KEPT`` names; ids go on where they are.

    A page that was just closed may still send its last beat: what it wrote between two
    deletions is met by a second look.
    """
    for _ in range(LOOKS - 1):
        try:
            _empty()
        except IntegrityError:
            continue
        return
    _empty()


def _empty() -> None:
    """Empty what holds rows, in one transaction.

    Tables that refuse to delete are truncated, with what refers to them, and so is
    everything once one is large: each deleted row is looked for wherever it might be
    referred to, which takes minutes for a hundred thousand.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_holding())
        sizes = dict(cursor.fetchall())
        large = max(sizes.values(), default=0) > LARGE
        truncated = [t for t, refuses in _tables() if t in sizes and (refuses or large)]
        if truncated:
            names = ", ".join(f'"{name}"' for name in truncated)
            cursor.execute(f"TRUNCATE {names} CASCADE")
        for name, _ in _tables():
            if name in sizes and name not in truncated:
                cursor.execute(f'DELETE FROM "{name}"')  # noqa: S608 - a table's name


@cache
def _tables() -> list[tuple[str, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, [list(KEPT)])
        return cursor.fetchall()


@cache
def _holding() -> str:
    return " UNION ALL ".join(
        f"SELECT '{name}', pg_relation_size('\"{name}\"') WHERE EXISTS (SELECT 1 FROM \"{name}\")"  # noqa: S608
        for name, _ in _tables()
    )
