"""Log-ins, failed ones, lock-outs, log-outs and passwords: events of the person's chain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from worklists import trail
from worklists.models import User
from worklists.services import tokens


def record_login(user: User) -> None:
    """Record that a person logged in."""
    _record(user, "login", actor=user)


def record_logout(user: User, *, idle: bool = False) -> None:
    """Record that a person logged out, or was logged off after idling."""
    _record(user, "logout", actor=user, facts={"idle": True} if idle else None)


def record_password_change(user: User) -> None:
    """Record that a person changed the password; the password is nowhere."""
    _record(user, "password.changed", actor=user)


def record_failure(username: str, *, locked: bool = False, at: str = "") -> None:
    """Record a wrong log-in, or the lock-out after too many, for a known username.

    ``at`` names the place where it was no log-in: the page that changes the password.
    Whoever tried is not known, so the event has no actor. A name that nobody has
    leaves no event: it may be a password typed into the wrong box.
    """
    user = User.objects.filter(username=username).first()
    if user is not None:
        action = "login.locked" if locked else "login.failed"
        _record(user, action, actor=None, facts={"at": at} if at else None)


def finish_password_change(user: User) -> None:
    """Record a changed password, end the duty to change it, and end the API token."""
    with transaction.atomic():
        if user.must_change_password:
            user.must_change_password = False
            user.save(update_fields=["must_change_password"])
        record_password_change(user)
        tokens.end_token(user_id=user.pk, actor=user, because=tokens.PASSWORD)


def finish_handed_out_password(user: User, *, actor: User | None = None) -> None:
    """Record a password that somebody else set: its owner must change it first.

    Effects: the duty, ``password.changed`` on the person's chain, and the end of their
    API token. Nobody as actor is the command at the server.
    """
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(must_change_password=True)
        _record(user, "password.changed", actor=actor)
        tokens.end_token(user_id=user.pk, actor=actor, because=tokens.PASSWORD)


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
