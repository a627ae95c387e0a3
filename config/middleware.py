"""What happens around every request: its id, its policy, its idle log-off."""

import logging
import re
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.functional import SimpleLazyObject

from config import logs
from worklists.context import act_context
from worklists.services.refusing import record_refused

Handler = Callable[[HttpRequest], HttpResponse]
access = logging.getLogger("config.access")
# A caller's id is kept only if it is plain: it ends up in logs and in the trail.
PLAIN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
QUIET = ("/health/", "/static/")


class RequestContext:
    """Give the request an id and a door, and write one access line without its query.

    The id is the caller's `X-Request-Id` when that is plain, else a new one; it is sent
    back, stands in every log line and in every trail event of the request. The door is
    `api` below `/api/` and `page` elsewhere.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if PLAIN_ID.fullmatch(given) else uuid.uuid4().hex
        source = "api" if request.path.startswith("/api/") else "page"
        token = logs.request_id.set(request_id)
        started = time.perf_counter()
        try:
            with act_context(source=source, request_id=request_id):
                response = self.get_response(request)
            _log_access(request, response, started)
        finally:
            logs.request_id.reset(token)
        response["X-Request-Id"] = request_id
        return response


def _log_access(request: HttpRequest, response: HttpResponse, started: float) -> None:
    if request.path.startswith(QUIET):
        return
    milliseconds = round((time.perf_counter() - started) * 1000, 1)
    facts = {
        "method": request.method,
        "path": request.path,
        "status": response.status_code,
        "ms": milliseconds,
        "user_id": _known_user_id(request),
    }
    access.info("%s %s", request.method, request.path, extra=facts)


def _known_user_id(request: HttpRequest) -> int | None:
    """Return who asked where that was found out; a log line asks no database."""
    user = getattr(request, "user", None)
    if isinstance(user, SimpleLazyObject):
        user = getattr(request, "_cached_user", None)
    return getattr(user, "pk", None)


class RefusedAccess:
    """Have refused accesses of people written down: 403 and 404 at an address of ours.

    What a page asks by itself in the background is no person's access, and a form that
    was too old (CSRF) was not refused to anybody. Addresses that lead nowhere name no
    page and are left out.
    """

    # What a page asks by itself while it is open; told by the address, since a header is
    # sent by whoever asks.
    BACKGROUND = frozenset({"worklists:beat", "worklists:changed"})
    # What an address names, by its parameter; the first that it has.
    NAMED = {
        "item_id": "item",
        "claim_id": "claim",
        "batch_id": "batch",
        "bulk_act_id": "bulk_act",
        "user_id": "user",
        "absence_id": "absence",
    }
    LONGEST = 18

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        code = getattr(request, "refused_as", "")
        place = request.resolver_match
        if response.status_code not in (403, 404) or not code or not place:
            return response
        background = place.view_name in self.BACKGROUND
        if background or code == "csrf" or not request.user.is_authenticated:
            return response
        record_refused(
            actor=request.user,
            page=place.view_name,
            code=code,
            about=self._about(place.kwargs),
        )
        return response

    def _about(self, named: Mapping[str, Any]) -> tuple[str, int] | None:
        found = ((kind, named[key]) for key, kind in self.NAMED.items() if key in named)
        kind, number = next(found, ("", 0))
        if not kind or len(str(number)) > self.LONGEST:
            return None
        return kind, int(number)


class ContentSecurityPolicy:
    """Send the one policy with every response that has none of its own."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        policy = settings.CONTENT_SECURITY_POLICY
        response.headers.setdefault("Content-Security-Policy", policy)
        return response


class NothingKept:
    """Tell browsers and proxies to keep no answer: each may hold a patient's data.

    Pages, fragments, the API, files and refusals alike. Static files are answered before
    it and carry what they may be kept by.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        patch_cache_control(response, no_store=True, private=True)
        return response


class IdleLogOff:
    """End a session whose person has done nothing for `IDLE_LOG_OFF_SECONDS`.

    A request that the page makes by itself (header `X-Background: 1`) is not an act: it
    neither counts nor prolongs. The session is written at most every `EVERY` seconds.
    Every response to a person says in `X-Idle-Log-Off` how many seconds are left, so
    that the page can warn. An htmx request of an ended session makes the page reload,
    which leads to the log-in page and from there back.
    """

    EVERY = 20
    SEEN = "seen_at"

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not self._logged_in_by_session(request):
            return self.get_response(request)
        left = self._seconds_left(request)
        if left <= 0:
            logout(request)
            if request.headers.get("HX-Request"):
                return HttpResponse(status=401, headers={"HX-Refresh": "true"})
            return self.get_response(request)
        if request.headers.get("X-Background") != "1":
            left = self._touch(request)
        response = self.get_response(request)
        response["X-Idle-Log-Off"] = str(left)
        return response

    def _logged_in_by_session(self, request: HttpRequest) -> bool:
        # Asking for the user would read the session of an anonymous page, too.
        return settings.SESSION_COOKIE_NAME in request.COOKIES and (
            request.user.is_authenticated
        )

    def _seconds_left(self, request: HttpRequest) -> int:
        seen: int = request.session.get(self.SEEN) or int(time.time())
        return seen + settings.IDLE_LOG_OFF_SECONDS - int(time.time())

    def _touch(self, request: HttpRequest) -> int:
        now = int(time.time())
        if now - request.session.get(self.SEEN, 0) >= self.EVERY:
            request.session[self.SEEN] = now
        return int(settings.IDLE_LOG_OFF_SECONDS)


def idle_log_off(_request: HttpRequest) -> dict[str, int]:
    """For templates: after how many idle seconds the person is logged off."""
    return {"idle_log_off_seconds": settings.IDLE_LOG_OFF_SECONDS}
