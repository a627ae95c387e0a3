"""Log-ins, failed ones, lock-outs, log-outs and passwords: events of the person's chain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from worklists import trail
from worklists.models import User


def record_login(user: User) -> None:
    """Record that a person logged in."""
    _record(user, "login", actor=user)


def record_logout(user: User, *, idle: bool = False) -> None:
    """Record that a person logged out, or was logged off after idling."""
    _record(user, "logout", actor=user, facts={"idle": True} if idle else None)


def record_password_change(user: User) -> None:
    """Record that a person changed the password; the password is nowhere."""
    _record(user, "password.changed", actor=user)


def record_failure(username: str, *, locked: bool = False) -> None:
    """Record a wrong log-in, or the lock-out after too many, for a known username.

    Whoever tried is not known, so the event has no actor. A name that nobody has
    leaves no event: it may be a password typed into the wrong box.
    """
    user = User.objects.filter(username=username).first()
    if user is not None:
        _record(user, "login.locked" if locked else "login.failed", actor=None)


def finish_password_change(user: User) -> None:
    """Record a changed password and end the duty to change it."""
    with transaction.atomic():
        if user.must_change_password:
            user.must_change_password = False
            user.save(update_fields=["must_change_password"])
        record_password_change(user)


def _record(
    user: User,
    action: str,
    *,
    actor: User | None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    with transaction.atomic():
        trail.append_event(
            trail.Subject("user", user.pk), action=action, actor=actor, facts=facts
        )
