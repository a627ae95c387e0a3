"""``manage.py load_reference``: what every installation starts from."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from seeds.loading import load_reference
from worklists.errors import Refusal


class Command(BaseCommand):
    """Load roles, taxonomy, appeal profiles, templates and policies; may run again."""

    help = "Load reference data: roles, taxonomy, appeal profiles, templates, policies."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Load and say how much there is."""
        try:
            counts = load_reference()
        except Refusal as error:
            raise CommandError(error.detail) from error
        told = ", ".join(f"{count} {name}" for name, count in counts.items())
        self.stdout.write(f"Reference data: {told}.")
