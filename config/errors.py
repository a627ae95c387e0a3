"""Every refusal, mapped once: for the API, and for pages and their fragments.

Services raise ``worklists.errors.Refusal``; REST framework and Django raise their
own. All end in one shape: for the API ``{"code", "detail", "fields"?, "actions"?}``,
for people ``templates/errors/<status>.html`` or, asked by htmx, ``_error.html``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.signals import got_request_exception
from django.db import (
    InterfaceError,
    NotSupportedError,
    OperationalError,
    connection,
)
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from redis.exceptions import RedisError
from rest_framework import exceptions
from rest_framework.response import Response

from config import logs
from worklists.errors import Refusal

API = "/api/"
Fields = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong: HTTP status, stable code, a sentence, and the fields at fault."""

    status: int
    code: str
    detail: str
    fields: Fields = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Return what the API answers."""
        body: dict[str, Any] = {"code": self.code, "detail": self.detail}
        if self.fields:
            body["fields"] = self.fields
        return body | dict(self.extra)


SENTENCES: dict[int, tuple[str, str]] = {
    400: ("bad_input", "This request cannot be read."),
    401: ("not_authenticated", "Log in, or send a token."),
    403: ("not_permitted", "You may not do this."),
    404: ("not_found", "There is nothing here for you."),
    405: ("method_not_allowed", "This address does not take this method."),
    406: ("not_acceptable", "This address answers in JSON."),
    413: ("too_large", "This request is larger than we take."),
    414: (
        "address_too_long",
        "This address is longer than the 4,000 characters we take.",
    ),
    415: ("unsupported_media_type", "Send JSON, or a form where a file is asked for."),
    429: ("throttled", "That was too often. Wait a moment and ask again."),
    500: ("server_error", "Something went wrong on our side. Nothing was changed."),
    503: (
        "unavailable",
        "A part of the system does not answer. Try again in a moment.",
    ),
}


def plain(status: int, **more: Any) -> Problem:
    """Return the problem of a status without any sentence of its own."""
    code, detail = SENTENCES.get(status, SENTENCES[400])
    return Problem(status, code, detail, **more)


DJANGO: tuple[tuple[type[Exception], int], ...] = (
    (Http404, 404),
    (PermissionDenied, 403),
    (RequestDataTooBig, 413),
    (SuspiciousOperation, 400),
)


def problem_of(error: Exception) -> Problem | None:
    """Return what an error means for the caller, None for a fault of ours."""
    if isinstance(error, Refusal):
        later = {"Retry-After": str(error.later)} if error.later else {}
        return Problem(
            error.status, error.code, error.detail, error.fields, error.extra, later
        )
    if isinstance(error, exceptions.ValidationError):
        return _shape(error)
    if isinstance(error, exceptions.APIException):
        return _rest(error)
    known = (status for kind, status in DJANGO if isinstance(error, kind))
    status = next(known, None)
    return plain(status) if status else None


def _shape(error: exceptions.ValidationError) -> Problem:
    fields = _fields(error.detail)
    names = ", ".join(name for name in sorted(fields) if name != NO_FIELD)
    words = f"Some values cannot be read: {names}." if names else plain(400).detail
    return Problem(400, "bad_input", words, fields)


NO_FIELD = "request"


def _fields(detail: Any, name: str = "") -> Fields:
    """Return messages by field, nested ones as ``evidence.why``."""
    if isinstance(detail, Mapping):
        found: Fields = {}
        for key, inner in detail.items():
            own = "" if key == "non_field_errors" else str(key)[:80]
            found |= _fields(inner, ".".join(filter(None, (name, own))))
        return found
    texts = (
        detail
        if isinstance(detail, Sequence) and not isinstance(detail, str)
        else [detail]
    )
    return {name or NO_FIELD: [str(text) for text in texts]}


def _rest(error: exceptions.APIException) -> Problem:
    headers: dict[str, str] = {}
    wait = getattr(error, "wait", None)
    if isinstance(error, exceptions.Throttled) and wait is not None:
        headers["Retry-After"] = str(int(wait) + 1)
    if challenge := getattr(error, "auth_header", ""):
        headers["WWW-Authenticate"] = challenge
    known = plain(error.status_code, headers=headers)
    said = isinstance(error, exceptions.ParseError | exceptions.AuthenticationFailed)
    if isinstance(error, exceptions.PermissionDenied):
        said = "CSRF" in str(error.detail)
    detail = str(error.detail) if said else known.detail
    return Problem(error.status_code, known.code, detail, headers=headers)


def api_exception(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer an error of an API view in the one shape (REST framework's handler)."""
    problem = problem_of(error)
    if problem is None:
        return None
    if asked := context.get("request"):
        asked._request.refused_as = problem.code  # noqa: SLF001 - REST framework's
    return Response(
        problem.body(), status=problem.status, headers=dict(problem.headers)
    )


class PageRefusals:
    """Draw what a page view refuses; errors of ours go on to Django's handling."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, error: Exception
    ) -> HttpResponse | None:
        """Answer a refusal raised in a page view."""
        if not isinstance(error, Refusal):
            return None
        problem = problem_of(error)
        return answer(request, problem) if problem else None


class LongAddresses:
    """Refuse an address of over ``MOST`` characters, query and all, in our words.

    A request line of over 8,190 gunicorn answers by itself, with a bare page.
    """

    MOST = 4_000

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if len(request.get_full_path()) > self.MOST:
            return answer(request, plain(414))
        return self.get_response(request)


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Say a problem in the form the caller reads: JSON, a fragment, or a page."""
    request.refused_as = problem.code  # type: ignore[attr-defined]
    if request.path.startswith(API):
        return JsonResponse(
            problem.body(), status=problem.status, headers=dict(problem.headers)
        )
    said = {
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        "fields": {_label(name): texts for name, texts in problem.fields.items()},
        "names": " ".join(name for name in problem.fields if name != NO_FIELD),
        "request_id": logs.request_id.get(),
        **problem.extra,
    }
    with timezone.override(_zone(request)):
        page = render(request, _template(request, problem), said, status=problem.status)
    for name, value in problem.headers.items():
        page[name] = value
    return page


def _zone(request: HttpRequest) -> ZoneInfo:
    """Return the person's time zone, UTC for nobody."""
    return ZoneInfo(getattr(getattr(request, "user", None), "time_zone", "UTC"))


# The database or Valkey is away, has no connection left, or took too long.
OUTAGES = (OperationalError, InterfaceError, RedisError)
PAGES = frozenset({400, 403, 404, 409, 414, 422, 429})


def _template(request: HttpRequest, problem: Problem) -> str:
    htmx = getattr(request, "htmx", None)
    if htmx and not htmx.boosted:
        return "errors/_error.html"
    if problem.code == "csrf":
        return "errors/403_csrf.html"
    return f"errors/{problem.status if problem.status in PAGES else 400}.html"


def _label(name: str) -> str:
    """Return a field's name as a word: ``reason_code`` is “Reason code”."""
    return name.replace("_", " ").replace(".", " ").capitalize()


@receiver(got_request_exception)
def end_outdated_connection(**_who: Any) -> None:
    """Close a connection whose kept plans a change of the schema has made wrong.

    The server refuses such a plan each time, and outside a transaction nothing makes
    psycopg forget it: every later request that the pool gives this connection to would
    fail, too, until the connection is old.
    """
    if isinstance(sys.exc_info()[1], NotSupportedError) and connection.connection:
        connection.connection.close()
        connection.close()


# Django's own handlers, named in config.urls; it asks for exactly these arguments.


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what cannot be read."""
    return answer(request, plain(400))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django itself does not permit."""
    return answer(request, plain(403))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that leads nowhere."""
    return answer(request, plain(404))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a fault of ours, or an outage; asks neither database nor session."""
    away = isinstance(sys.exc_info()[1], OUTAGES)
    problem = plain(503, headers={"Retry-After": "5"}) if away else plain(500)
    status, headers = problem.status, dict(problem.headers)
    if request.path.startswith(API):
        return JsonResponse(problem.body(), status=status, headers=headers)
    said = {
        "request_id": logs.request_id.get(),
        "status": status,
        "detail": problem.detail,
    }
    htmx = bool(getattr(request, "htmx", None))
    name = "errors/_error.html" if htmx else f"errors/{status}.html"
    return HttpResponse(render_to_string(name, said), status=status, headers=headers)


def csrf_failure(request: HttpRequest, **_why: Any) -> HttpResponse:
    """Answer a form that was too old or came from elsewhere."""
    detail = "This form was open too long, or came from elsewhere. Load the page anew."
    return answer(request, Problem(403, "csrf", detail))
