"""Django's own signals about log-ins, written to the trail.

Connected in one place, ``WorklistsConfig.ready``. Between our own apps there are no
signals; these are Django's and axes', which offer no other way to hear of them.
"""

from __future__ import annotations

from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth import signals
from django.http import HttpRequest
from django.urls import reverse

from worklists.models import User
from worklists.services import sessions


def connect() -> None:
    """Listen from now on; a second call changes nothing."""
    signals.user_logged_in.connect(logged_in, dispatch_uid="trail.login")
    signals.user_logged_out.connect(logged_out, dispatch_uid="trail.logout")
    signals.user_login_failed.connect(login_failed, dispatch_uid="trail.login_failed")
    user_locked_out.connect(locked_out, dispatch_uid="trail.login_locked")


def logged_in(user: User, **_: Any) -> None:
    """Record the log-in of a person."""
    sessions.record_login(user)


def logged_out(user: User | None, request: HttpRequest | None = None, **_: Any) -> None:
    """Record the end of a person's session; nobody's session has none."""
    if user is None:
        return
    idle = request is not None and bool(request.POST.get("idle"))
    sessions.record_logout(user, idle=idle)


def login_failed(
    credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any
) -> None:
    """Record a wrong password: at the log-in, or as the old one where it is changed."""
    changing = getattr(request, "path", "") == reverse("password_change")
    sessions.record_failure(
        str(credentials.get("username", "")),
        at="change of password" if changing else "",
    )


def locked_out(username: str | None = None, **_: Any) -> None:
    """Record that a name is locked out for a while."""
    sessions.record_failure(username or "", locked=True)
