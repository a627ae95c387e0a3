"""The one door of every page: log-in, policy, method, the person's time zone.

``@page(policy)`` is how a view is declared; a test walks every address and refuses
one that is not. The decorated view carries ``policy`` and ``methods``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache

from worklists import policies
from worklists.enums import Role
from worklists.errors import BadInput, NotPermitted
from worklists.policies import Access, Barred
from worklists.selectors.access import access_of

PagePolicy = Callable[[Access], Barred | None]
View = Callable[..., HttpResponse]
READ = ("GET", "HEAD")
ACT = ("POST",)
BOTH = (*READ, *ACT)


# The same as for the API.
anyone = policies.anyone
people_at_work = policies.may_read_items
may_see_people = policies.may_see_people


def may_manage_page(access: Access) -> Barred | None:
    """Managers, for the queues they manage."""
    if access.has(Role.MANAGER):
        return None
    return Barred("not_permitted", "This page is for managers.")


def open_door(view: View) -> View:
    """Declare a view that needs nobody logged in: log-in, log-out and what follows."""
    view.policy = nobody_needed  # type: ignore[attr-defined]
    return view


def nobody_needed(_access: Access) -> Barred | None:
    """Everybody, also who is not logged in."""
    return None


def page(policy: PagePolicy, methods: tuple[str, ...] = READ) -> Callable[[View], View]:
    """Declare a view: who may open it, by which methods.

    Nobody logged in is led to log-in and back. A person who must change the password
    does that first. Everything is written in the person's own time zone.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_login(request)
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            if any("\0" in text for _, texts in request.GET.lists() for text in texts):
                raise BadInput("This address cannot be read.")
            if request.user.must_change_password:
                return redirect("password_change")
            barred = policy(access_of(request.user))
            if barred:
                raise NotPermitted(barred.why, code=barred.code)
            with timezone.override(ZoneInfo(request.user.time_zone)):
                return view(request, *args, **kwargs)

        guarded.policy = policy  # type: ignore[attr-defined]
        guarded.methods = methods  # type: ignore[attr-defined]
        return never_cache(guarded)

    return declare


def _to_login(request: HttpRequest) -> HttpResponse:
    """Lead to log-in; a form that was sent leads back to a page, never to a POST."""
    here = request.get_full_path() if request.method in READ else "/"
    return redirect_to_login(here)
