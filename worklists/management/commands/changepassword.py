"""``manage.py changepassword USER``: Django's own, and what follows from a new one."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.db import transaction

from worklists.models import User
from worklists.services import sessions


class Command(changepassword.Command):
    """Ask twice and set it, as Django does; the person changes it at the next log-in."""

    help = "Hands out a password, which the person changes at the next log-in."

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Set it; the duty, the event and the end of the token stand with it."""
        with transaction.atomic():
            said: str | None = super().handle(*args, **options)
            user = User.objects.get(username=options["username"])
            sessions.finish_handed_out_password(user)
        return said
