"""What the shell around every page shows: who is here, where they may go, what waits for them.

Registered in settings as ``worklists.context_processors.shell``. Everything is
worked out when a template asks for it, so a fragment without a shell costs nothing.
Counts come from ``worklists.selectors.shell_counts(user) -> dict[str, int]`` with the
keys ``mine``, ``returned``, ``review`` and ``inbox`` (unread); a key that is missing
shows no number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from worklists import selectors
from worklists.enums import Role, Tier
from worklists.selectors.access import access_of

WARN_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the rail: who sees it, where it leads, which count stands on it."""

    label: str
    icon: str
    url_name: str
    roles: frozenset[str]
    keys: str
    count: str = ""


ANYONE = frozenset(Role.values)
PLACES = (
    Place("Start", "home", "worklists:start", ANYONE, "g s"),
    Place("Mine", "list-check", "worklists:mine", frozenset({Role.CODER}), "g m", "mine"),
    Place("Returned", "arrow-back-up", "worklists:returned", frozenset({Role.CODER}), "g r", "returned"),
    Place("Review", "eye-check", "worklists:review", frozenset({Role.REVIEWER}), "g v", "review"),
    Place("Manage", "table", "worklists:manage", frozenset({Role.MANAGER}), "g t"),
    Place("Queues", "stack-2", "worklists:queues", frozenset({Role.CODER, Role.REVIEWER, Role.MANAGER, Role.AUDITOR}), "g q"),
    Place("Upload", "file-upload", "worklists:upload", frozenset({Role.MANAGER, Role.ADMINISTRATOR}), "g u"),
    Place("Trail", "history", "audits:trail", frozenset({Role.AUDITOR, Role.MANAGER}), "g a"),
    Place("Set-up", "adjustments", "admin:index", frozenset({Role.ADMINISTRATOR}), "g d"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is drawn."""

    label: str
    icon: str
    url: str
    keys: str
    count: int
    current: bool


class Shell:
    """What the shell asks; each answer is worked out once, on first use."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._user = request.user

    @cached_property
    def roles(self) -> frozenset[str]:
        """Return the roles the person holds; none for nobody."""
        return access_of(self._user).roles if self._user.is_authenticated else frozenset()

    @cached_property
    def counts(self) -> dict[str, int]:
        """Return what waits for the person, by name."""
        return selectors.shell_counts(self._user) if self._user.is_authenticated else {}

    @cached_property
    def nav(self) -> list[Entry]:
        """Return the rail's entries; the most exact address that fits is the current one."""
        found = [(place, url) for place in PLACES if place.roles & self.roles for url in _addresses(place.url_name)]
        path = self._request.path
        fits = [url for _, url in found if url == path or (url != "/" and path.startswith(url))]
        here = max(fits, key=len, default="")
        return [
            Entry(place.label, place.icon, url, place.keys, self.counts.get(place.count, 0), url == here)
            for place, url in found
        ]

    @property
    def username(self) -> str:
        """Return the username that separates drafts kept in a browser; empty for nobody."""
        return self._user.get_username()

    @property
    def person(self) -> str:
        """Return the person's name."""
        return self._user.display_name if self._user.is_authenticated else ""

    @cached_property
    def role_label(self) -> str:
        """Return the role under the name: “Apprentice coder”, “Senior reviewer, Manager”."""
        labels = [Role(role).label for role in Role.values if role in self.roles]
        if self.roles == {Role.CODER} and self._user.tier == Tier.APPRENTICE:
            return "Apprentice coder"
        if self.roles == {Role.AUDITOR}:
            return "Auditor, read only"
        return ", ".join(labels) or "No role yet"

    @property
    def unread(self) -> int:
        """Return how many notices are unread."""
        return self.counts.get("inbox", 0)

    @property
    def next_url(self) -> str:
        """Return where the key ``n`` posts; empty for people who take no items."""
        return _address("worklists:next") if Role.CODER in self.roles else ""

    start_url = property(lambda self: _address("worklists:start") or "/")
    search_url = property(lambda self: _address("worklists:search"))
    inbox_url = property(lambda self: _address("worklists:inbox"))
    password_url = property(lambda self: _address("password_change"))
    logout_url = property(lambda self: _address("logout"))
    keepalive_url = property(lambda self: _address("health-live"))

    @property
    def idle_seconds(self) -> int:
        """Return after how many idle seconds the session ends; 0 for nobody."""
        return settings.IDLE_LOG_OFF_SECONDS if self._user.is_authenticated else 0

    @property
    def idle_warn_seconds(self) -> int:
        """Return how long before that the warning stands."""
        return min(WARN_SECONDS, settings.IDLE_LOG_OFF_SECONDS // 3)


def _addresses(name: str) -> Iterator[str]:
    try:
        yield reverse(name)
    except NoReverseMatch:
        return  # a room that is not built yet has no entry


def _address(name: str) -> str:
    return next(_addresses(name), "")


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Return the shell for templates."""
    return {"shell": Shell(request)}
