"""Where a request comes from, and what somebody reads who is locked out."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import select_template
from django.utils.crypto import salted_hmac

LOCKED_OUT = (
    "Too many failed log-ins for this name from this place. "
    "Wait 15 minutes, or ask your administrator to open it now."
)


def address_of(request: HttpRequest) -> str:
    """The caller's address: the connection's, or what our own proxies saw.

    With `TRUSTED_PROXIES` = n the nth address from the right of X-Forwarded-For counts;
    what stands left of it was written by the caller and proves nothing.
    """
    connection: str = request.META.get("REMOTE_ADDR", "")
    if not settings.TRUSTED_PROXIES:
        return connection
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    if len(hops) < settings.TRUSTED_PROXIES:
        return connection
    return hops[-settings.TRUSTED_PROXIES].strip() or connection


def name_kept(
    request: HttpRequest, credentials: dict[str, Any] | None = None
) -> str | None:
    """The name by which the lock-out counts failures, which it keeps in its tables.

    A name that nobody has may be a password typed into the wrong box: it is kept as a
    keyed digest, which counts as well and says nothing.
    """
    typed = (credentials or request.POST).get("username")
    if not typed:
        return None
    person = get_user_model()
    if person.objects.filter(**{person.USERNAME_FIELD: typed}).exists():
        return str(typed)
    return f"unknown-{salted_hmac('config.clients', typed).hexdigest()}"


def locked_out(
    request: HttpRequest, _credentials: dict[str, Any] | None = None, *_: object
) -> HttpResponse:
    """Say for how long, as a page or in the API's error shape, with status 429."""
    if request.path.startswith("/api/"):
        body = {"code": "locked_out", "detail": LOCKED_OUT}
        return JsonResponse(body, status=429)
    template = select_template(["registration/locked_out.html", "429.html"])
    page = template.render({"message": LOCKED_OUT}, request)
    return HttpResponse(page, status=429)
