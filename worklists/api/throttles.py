"""How often one person, or one address without a person, may ask."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

RATES = {"searches": "60/min", "uploads": "60/min", "names": "60/min"}


class PerPerson(SimpleRateThrottle):
    """A rate for each person. ``THROTTLE_RATES`` of the settings win over ``RATES``."""

    scope = "everything"

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

    scope = "searches"


class Uploads(PerPerson):
    """Files sent by one person."""

    scope = "uploads"


class Names(PerPerson):
    """Patients' names opened by one person."""

    scope = "names"
