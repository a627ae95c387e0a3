"""System checks of the house: each with an id and a hint, run by `check --deploy`."""

from typing import Any

from django.conf import settings
from django.core import checks


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
