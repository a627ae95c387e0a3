"""Four readers of environment variables that fail loudly.

Each names the variable and says which values it takes, so that a wrong setting is a
sentence on the first line of the log and never a strange effect a day later.
"""

import os
from collections.abc import Collection

from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})


def text(
    name: str, default: str | None = None, choices: Collection[str] | None = None
) -> str:
    """The variable as text. Without a default it must be set and not empty."""
    value = os.environ.get(name) or default
    if value is None:
        raise ImproperlyConfigured(f"{name} must be set to a text that is not empty.")
    if choices is not None and value not in choices:
        raise ImproperlyConfigured(
            f"{name} is {value!r}; accepted values: {', '.join(sorted(choices))}."
        )
    return value


def flag(name: str, default: bool = False) -> bool:  # noqa: FBT001, FBT002 - a reader
    """The variable as yes or no."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value not in TRUE | FALSE:
        accepted = ", ".join([*sorted(TRUE), *sorted(FALSE)])
        raise ImproperlyConfigured(f"{name} is {value!r}; accepted values: {accepted}.")
    return value in TRUE


def number(name: str, default: int, minimum: int = 0, maximum: int = 2**31) -> int:
    """The variable as a whole number between minimum and maximum, both included."""
    value = os.environ.get(name, "").strip() or str(default)
    if (
        not value.isascii()
        or not value.isdigit()
        or not (minimum <= int(value) <= maximum)
    ):
        raise ImproperlyConfigured(
            f"{name} is {value!r}; accepted values: whole numbers "
            f"from {minimum} to {maximum}."
        )
    return int(value)


def words(name: str, default: Collection[str] = ()) -> list[str]:
    """The variable as a list: values separated by commas, blanks around them ignored.

    An unset variable gives the default. A list with an empty place is refused, since a
    stray comma in a list of hosts or origins is a typing mistake.
    """
    value = os.environ.get(name, "").strip()
    if not value:
        return list(default)
    parts = [part.strip() for part in value.split(",")]
    if not all(parts):
        raise ImproperlyConfigured(
            f"{name} is {value!r}; accepted values: texts separated by single commas."
        )
    return parts
