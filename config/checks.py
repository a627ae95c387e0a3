"""System checks of the house: each with an id and a hint, run by `check --deploy`."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import connection

from worklists.selectors.setup import missing_setup

# What files and the worker's sweep open without anybody asking.
OPENED_BY_ITSELF = ("denial", "ingest_exception", "issue_report")


@checks.register(checks.Tags.security, deploy=True)
def secret_key_is_given(**_: Any) -> list[checks.CheckMessage]:
    """A real site gives its own key: a generated one differs from host to host."""
    if not settings.GENERATED_SECRET_KEY:
        return []
    return [
        checks.Error(
            "SECRET_KEY is not set, so a key was generated for this machine.",
            hint="Set SECRET_KEY to the same long random text on every host.",
            id="config.E001",
        )
    ]


@checks.register(checks.Tags.database, deploy=True)
def roles_are_apart(**_: Any) -> list[checks.CheckMessage]:
    """The product should not connect as the role that owns the trail's tables."""
    if settings.DATABASE_APP_ROLE != settings.DATABASE_OWNER_ROLE:
        return []
    return [
        checks.Warning(
            "The product connects as the owner of its tables.",
            hint=(
                "Set DATABASE_OWNER_URL to another role that runs migrations; then the "
                "product's own role cannot change the trail."
            ),
            id="config.W001",
        )
    ]


@checks.register(checks.Tags.security, deploy=True)
def seals_are_copied(**_: Any) -> list[checks.CheckMessage]:
    """Seals that lie in the database alone prove little against its administrators."""
    if settings.SEAL_STORE:
        return []
    return [
        checks.Warning(
            "SEAL_STORE is not set, so seals of the trail are copied nowhere.",
            hint="Set it to a folder or s3://BUCKET/PREFIX; see docs/operating.md 13.",
            id="config.W003",
        )
    ]


@checks.register(checks.Tags.database, deploy=True)
def site_is_set_up(
    databases: Collection[str] | None = None, **_: Any
) -> list[checks.CheckMessage]:
    """What comes in must find its place; asked with `--database default` only."""
    if not databases or not _is_migrated():
        return []
    return [
        checks.Warning(
            f"The site has not got {what}.",
            hint="Files that need it wait until it is there; see docs/operating.md 5.",
            id="config.W002",
        )
        for what in missing_setup(OPENED_BY_ITSELF)
    ]


def _is_migrated() -> bool:
    return "worklists_routingrule" in connection.introspection.table_names()
