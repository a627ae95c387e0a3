"""Make the database ready for the product: privileges, migrations, and its purpose."""

from typing import Any

from django.conf import settings
from django.core.management import (
    BaseCommand,
    CommandError,
    CommandParser,
    call_command,
)
from django.db import connection
from psycopg import sql

from worklists.enums import Purpose

GRANTS = (
    "ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
    "ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO {app}",
)


class Command(BaseCommand):
    """Grant the product's role what it needs on tables to come, migrate, and mark.

    Runs as the owning role. The grants come first and are defaults, so that a migration
    can take some of them back (the trail's tables do) and a second run gives nothing
    again. With `--purpose` a database without people is marked; one that is marked
    otherwise, or that holds anything not ours, is refused before it is touched.
    """

    help = "Grants the product's role its privileges, migrates, and marks the purpose."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """One option: what a new database is for."""
        parser.add_argument(
            "--purpose", choices=Purpose.values, help="mark a new database as this"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Refuse, grant, migrate, mark. Harmless when nothing is new."""
        purpose = options["purpose"]
        if purpose:
            self._refuse_other(purpose)
        if settings.DATABASE_APP_ROLE != settings.DATABASE_OWNER_ROLE:
            self._grant(settings.DATABASE_APP_ROLE)
        call_command("migrate", interactive=False, verbosity=options["verbosity"])
        if purpose:
            self._mark(purpose)

    def _refuse_other(self, purpose: str) -> None:
        found = self._state_found()
        if found not in {"new", f"marked as {purpose}"}:
            name = settings.DATABASES["default"]["NAME"]
            raise CommandError(
                f"The database {name} is {found}, not {purpose}: nothing was changed. "
                f"Point DATABASE_URL to an empty database, or unset it."
            )

    def _state_found(self) -> str:
        """What the database is, in words: new, marked as something, or in use."""
        tables = set(connection.introspection.table_names())
        if "worklists_installation" not in tables:
            return "in use by something else" if tables else "new"
        with connection.cursor() as cursor:
            cursor.execute("SELECT purpose FROM worklists_installation")
            row = cursor.fetchone()
            if row:
                return f"marked as {row[0]}"
            cursor.execute("SELECT EXISTS (SELECT FROM worklists_user)")
            return "in use and not marked" if cursor.fetchone()[0] else "new"

    def _grant(self, role: str) -> None:
        with connection.cursor() as cursor:
            for grant in GRANTS:
                cursor.execute(sql.SQL(grant).format(app=sql.Identifier(role)))

    def _mark(self, purpose: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO worklists_installation (id, purpose, name, marked_at)"
                " VALUES (1, %s, 'Codetrail', now()) ON CONFLICT DO NOTHING",
                [purpose],
            )
