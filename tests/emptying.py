"""Emptying the database after a test that committed.

Django's ``flush`` truncates every table, empty or not, and makes every permission anew:
a third of a second after each such test, for the few dozen rows it wrote.
"""

from __future__ import annotations

from functools import cache

from django.db import connection, transaction

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

    Tables that refuse to delete are truncated, with what refers to them.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_holding())
        holding = {name for (name,) in cursor.fetchall()}
        guarded = [f'"{t}"' for t, refuses in _tables() if refuses and t in holding]
        if guarded:
            cursor.execute(f"TRUNCATE {', '.join(guarded)} CASCADE")
        for name, refuses in _tables():
            if name in holding and not refuses:
                cursor.execute(f'DELETE FROM "{name}"')  # noqa: S608 - a table's name


@cache
def _tables() -> list[tuple[str, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, [list(KEPT)])
        return cursor.fetchall()


@cache
def _holding() -> str:
    return " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")"  # noqa: S608
        for name, _ in _tables()
    )
