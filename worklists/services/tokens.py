"""Tokens of the API: made, replaced, ended. Each is an event on the person's chain."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import transaction

from worklists import trail
from worklists.models import User

# Why a token ended.
PASSWORD, DEACTIVATED, ASKED = "password_changed", "person_deactivated", "asked_for"


def _tokens() -> Any:
    """Return the rows of tokens: a table of REST framework, which services know not."""
    return apps.get_model("authtoken", "Token").objects


def token_of(user: User) -> str:
    """Return a person's token; make it the first time, which is an event.

    Tokens are handed out by the command at the server alone, so nobody is its actor.
    """
    with transaction.atomic():
        token, made = _tokens().get_or_create(user=user)
        if made:
            _record(user, "token.created")
    return str(token.key)


def replace_token(user: User) -> str:
    """Return a new token; the one before opens nothing from now on.

    Effects: ``token.replaced``, or ``token.created`` where there was none.
    """
    with transaction.atomic():
        ended, _ = _tokens().filter(user=user).delete()
        token = _tokens().create(user=user)
        _record(user, "token.replaced" if ended else "token.created")
    return str(token.key)


def end_token(*, user_id: int, actor: User | None, because: str) -> bool:
    """End a person's token and return whether there was one; none is no event.

    Whoever changes a password because somebody knows it must not stay open by a token.
    """
    with transaction.atomic():
        ended, _ = _tokens().filter(user_id=user_id).delete()
        if ended:
            trail.append_event(
                trail.Subject("user", user_id),
                action="token.ended",
                actor=actor,
                facts={"code": because},
            )
    return bool(ended)


def _record(user: User, action: str) -> None:
    trail.append_event(trail.Subject("user", user.pk), action=action, actor=None)
