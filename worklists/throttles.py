"""How often one person, or one address without a person, may ask.

Searches, files and opened names have one budget a person, whether a page or the API is
asked: the API by ``throttle_classes``, pages by ``spend``.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from worklists.errors import TooOften

RATES = {"searches": "60/min", "uploads": "60/min", "names": "60/min"}


class PerPerson(SimpleRateThrottle):
    """A rate for each person. ``THROTTLE_RATES`` of the settings win over ``RATES``."""

    scope = "everything"
    what = "requests"

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count every request; of a scope of acts only those that do something."""
        looks = self.scope in RATES and request.method in SAFE_METHODS
        return looks or super().allow_request(request, view)

    def get_rate(self) -> str:
        """Return the scope's rate."""
        return str(self.THROTTLE_RATES.get(self.scope) or RATES[self.scope])

    def get_cache_key(self, request: Request, _view: Any) -> str:
        """One counter a person and scope; strangers share one an address."""
        ident = request.user.pk if request.user.is_authenticated else None
        return f"throttle:{self.scope}:{ident or self.get_ident(request)}"


class Everything(PerPerson):
    """All requests of one person."""


class Searches(PerPerson):
    """Searches of one person."""

    scope, what = "searches", "searches"


class Uploads(PerPerson):
    """Files sent by one person."""

    scope, what = "uploads", "files sent"


class Names(PerPerson):
    """Patients' names opened by one person."""

    scope, what = "names", "patients’ names opened"


def spend(request: HttpRequest, budget: type[PerPerson]) -> None:
    """Count an act of a person on a page against their budget.

    Over it the act is refused (``TooOften``, with the seconds to wait), and nothing of
    it is done.
    """
    asked: Any = budget()  # REST framework's, which any request serves
    if asked.allow_request(request, None):
        return
    seconds = int(asked.wait() or asked.duration) + 1
    raise TooOften(
        f"{asked.num_requests} {asked.what} in {_PERIODS[asked.duration]} are the most "
        f"for one person, on pages and by the API together. Wait {seconds} seconds, "
        "then ask again.",
        later=seconds,
    )


_PERIODS = {1: "a second", 60: "a minute", 3600: "an hour", 86400: "a day"}
