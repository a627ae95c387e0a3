"""``manage.py load_reference``: what every installation starts from."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from seeds.loading import load_reference
from worklists.enums import Standing
from worklists.errors import Refusal
from worklists.selectors.shipped import lines


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
        other = sum(one.standing != Standing.AS_SHIPPED for one in lines())
        if other:
            self.stdout.write(
                f"What ships and does not work here as it ships: {other}. Look under "
                "Rules, Shipped with this release."
            )
