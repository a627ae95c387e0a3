"""``manage.py changepassword [USER]``: Django's own, and what follows from a new one."""

from __future__ import annotations

import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError
from django.db import transaction

from worklists.models import User
from worklists.services import sessions

TRIES = 3


class Command(changepassword.Command):
    """Ask twice and set it, as Django does; the person changes it at the next log-in."""

    help = "Hands out a password, which the person changes at the next log-in."

    def handle(self, *_args: Any, **options: Any) -> str:
        """Set it; the duty, the event and the end of the token stand with it.

        No transaction is open while the passwords are typed: it would be ended.
        """
        name = options["username"] or getpass.getuser()
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no person {name!r}.")
        self.stdout.write(f"A new password for {name!r}.")
        password = self._asked_twice(user)
        with transaction.atomic():
            user.set_password(password)
            user.save(update_fields=["password"])
            sessions.finish_handed_out_password(user)
        return f"The password of {name!r} is changed."

    def _asked_twice(self, user: User) -> str:
        for _ in range(TRIES):
            password = getpass.getpass(prompt="Password: ")
            if password != getpass.getpass(prompt="Password (again): "):
                self.stdout.write("The two differ. Try again.")
                continue
            try:
                validate_password(password, user)
            except ValidationError as refusal:
                self.stderr.write("\n".join(refusal.messages))
            else:
                return password
        raise CommandError(f"Nothing is changed after {TRIES} tries.")
