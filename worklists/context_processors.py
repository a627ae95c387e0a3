"""What the shell around every page shows: who is here, where they may go, what waits.

Registered in settings as ``worklists.context_processors.shell``. Everything is worked
out when a template asks for it, so a fragment without a shell costs nothing. Counts
and banners come from ``worklists.selectors.waiting_for(user)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from worklists import banners, page_help, selectors
from worklists.enums import Role
from worklists.role_words import role_words
from worklists.selectors.access import access_of
from worklists.selectors.shell import Waiting, Words

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from worklists.models import User

WARN_SECONDS = 120
# Counts stop there: every page can afford them, and nobody reads “1,204” on an icon.
MOST_SHOWN = 99


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the rail: where it leads, who sees it, its keys, its count.

    ``leads`` shows it to everybody who leads a team as well.
    """

    label: str
    icon: str
    address: str
    roles: frozenset[str]
    keys: str
    count: str = ""
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is drawn."""

    label: str
    icon: str
    url: str
    keys: str
    count: str
    current: bool


EVERYONE = frozenset(Role.values)
CODER = frozenset({Role.CODER})
READERS = frozenset({Role.CODER, Role.REVIEWER, Role.MANAGER, Role.AUDITOR})
PLANNERS = READERS | {Role.ADMINISTRATOR}
UPLOADERS = frozenset({Role.MANAGER, Role.ADMINISTRATOR})
TRAIL = frozenset({Role.AUDITOR, Role.MANAGER})

PLACES = (
    Place("Start", "home", "worklists:start", EVERYONE, "g s"),
    Place("Mine", "list-check", "worklists:mine", CODER, "g m", "mine"),
    Place("Returned", "arrow-back-up", "worklists:returned", CODER, "g r", "returned"),
    Place(
        "Review",
        "eye-check",
        "worklists:review",
        frozenset({Role.REVIEWER, Role.MANAGER}),
        "g v",
        "review",
    ),
    Place("Manage", "table", "worklists:manage", frozenset({Role.MANAGER}), "g t"),
    Place(
        "People",
        "users",
        "worklists:people",
        frozenset({Role.MANAGER}),
        "g p",
        leads=True,
    ),
    Place("Queues", "stack-2", "worklists:queues", READERS, "g q"),
    Place("Payers", "calendar-due", "denials:profiles", PLANNERS, "g y"),
    Place("Rules", "scale", "worklists:rules", PLANNERS, "g l", "rules"),
    Place("Upload", "file-upload", "worklists:upload", UPLOADERS, "g u"),
    Place("Trail", "history", "audits:trail", TRAIL, "g a"),
    Place(
        "Set-up", "adjustments", "admin:index", frozenset({Role.ADMINISTRATOR}), "g d"
    ),
)
ADDRESSES = {
    "start": "worklists:start",
    "search": "worklists:search",
    "inbox": "worklists:inbox",
    "next": "worklists:next",
    "settings": "worklists:settings",
    "password": "password_change",
    "login": "login",
    "logout": "logout",
    "session": "session",
    "keepalive": "health-live",
}


class Shell:
    """What the shell asks; each answer is worked out once, on first use."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def _user(self) -> User | AnonymousUser | None:
        return getattr(self._request, "user", None)

    @cached_property
    def _person(self) -> User | None:
        user = self._user
        return user if user is not None and user.is_authenticated else None

    @cached_property
    def roles(self) -> frozenset[str]:
        """Return the roles the person holds; none for nobody."""
        return access_of(self._person).roles if self._person else frozenset()

    @cached_property
    def _waiting(self) -> Waiting:
        return selectors.waiting_for(self._person) if self._person else Waiting({}, [])

    @property
    def counts(self) -> dict[str, int]:
        """Return what waits for the person, by name."""
        return self._waiting.counts

    @cached_property
    def banners(self) -> list[Words]:
        """Return the banners for the person's roles that they have not put away."""
        shown = self._waiting.banners
        away = banners.put_away(self._request.session) if shown else frozenset()
        return [one for one in shown if one.id not in away]

    @property
    def help(self) -> str:
        """Return the template that says what this page is for, empty where none does."""
        match = self._request.resolver_match
        return page_help.template_of(match.view_name) if match else ""

    @cached_property
    def nav(self) -> list[Entry]:
        """Return the rail's entries; the most exact address that fits is here."""
        leads = bool(self._person and access_of(self._person).teams)
        mine = [p for p in PLACES if p.roles & self.roles or (p.leads and leads)]
        found = [(place, url) for place in mine if (url := _url(place.address))]
        here = _nearest(self._request.path, [url for _, url in found])
        return [
            Entry(
                place.label,
                place.icon,
                url,
                place.keys,
                _shown(self.counts.get(place.count, 0)),
                current=url == here,
            )
            for place, url in found
        ]

    @cached_property
    def urls(self) -> dict[str, str]:
        """Return the addresses the shell links to, empty where none is built yet."""
        urls = {name: _url(address) for name, address in ADDRESSES.items()}
        if Role.CODER not in self.roles:
            urls["next"] = ""  # the key n is for people who take items
        if not self.roles & READERS:
            urls["search"] = ""  # whoever sees no item finds none
        return urls

    @property
    def username(self) -> str:
        """Return what separates drafts kept in one browser; empty for nobody."""
        return self._person.get_username() if self._person else ""

    @property
    def person(self) -> str:
        """Return the person's name."""
        return self._person.display_name if self._person else ""

    @cached_property
    def role_label(self) -> str:
        """Return what stands under the name: “Coder (apprentice)”, “Senior reviewer”."""
        if self.roles == {Role.AUDITOR}:
            return "Auditor, read only"
        tier = self._person.tier if self._person else ""
        return role_words(self.roles, tier) or "No role yet"

    @property
    def unread(self) -> str:
        """Return how many notices are unread, empty for none."""
        return _shown(self.counts.get("inbox", 0))

    @property
    def idle_seconds(self) -> int:
        """Return after how many idle seconds the session ends; 0 for nobody."""
        return int(settings.IDLE_LOG_OFF_SECONDS) if self._person else 0

    @property
    def idle_warn_seconds(self) -> int:
        """Return how long before that the warning stands."""
        return min(WARN_SECONDS, self.idle_seconds // 3)


def _url(address: str) -> str:
    try:
        return reverse(address)
    except NoReverseMatch:
        return ""  # a room that is not built yet has no entry


def _nearest(path: str, urls: list[str]) -> str:
    fits = [u for u in urls if u == path or (u != "/" and path.startswith(u))]
    return max(fits, key=len, default="")


def _shown(count: int) -> str:
    if not count:
        return ""
    return str(count) if count <= MOST_SHOWN else f"{MOST_SHOWN}+"


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Return the shell for templates."""
    return {"shell": Shell(request)}
