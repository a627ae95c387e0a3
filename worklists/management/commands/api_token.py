"""``manage.py api_token USER``: print, replace or end a person's token for the API."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from worklists.models import User
from worklists.services import tokens


class Command(BaseCommand):
    """Print the token alone, so that a script can read it; make it the first time."""

    help = "Prints the API token of an active person, replaces it, or ends it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one username and at most one of two acts."""
        parser.add_argument("username")
        act = parser.add_mutually_exclusive_group()
        act.add_argument(
            "--replace",
            action="store_true",
            help="print a new token; the one before opens nothing any more",
        )
        act.add_argument(
            "--revoke",
            action="store_true",
            help="end the token; also of a person who is not active",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it; each token made, replaced or ended is an event of the person."""
        name = options["username"]
        if options["revoke"]:
            self._revoke(name)
            return
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active person {name!r}.")
        give = tokens.replace_token if options["replace"] else tokens.token_of
        self.stdout.write(give(user))

    def _revoke(self, name: str) -> None:
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no person {name!r}.")
        if not tokens.end_token(user_id=user.pk, actor=None, because=tokens.ASKED):
            raise CommandError(f"{name} has no token, so there is nothing to end.")
        self.stdout.write(f"The token of {name} is ended.")
