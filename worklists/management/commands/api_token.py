"""``manage.py api_token USER``: print a person's token for the API."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from rest_framework.authtoken.models import Token

from worklists.models import User
from worklists.services import reading


class Command(BaseCommand):
    """Print the token alone, so that a script can read it; make it the first time."""

    help = "Prints the API token of an active person."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one username."""
        parser.add_argument("username")

    @transaction.atomic
    def handle(self, *_args: Any, **options: Any) -> None:
        """Print it; making one is an event on the person's chain."""
        name = options["username"]
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active person {name!r}.")
        token, made = Token.objects.get_or_create(user=user)
        if made:
            reading.record(actor=user, action="token.created")
        self.stdout.write(token.key)
