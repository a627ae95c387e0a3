"""``manage.py load_demo``: the demonstration's data, into a demo database only."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from seeds import demo
from seeds.demo_day import SITE_ZONE
from worklists.errors import Refusal


class Command(BaseCommand):
    """Load ninety days of history; a second run changes nothing."""

    help = "Load demo data into a database marked as demo. DEMO_SIZE: small, large."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Load once."""
        name = os.environ.get("DEMO_SIZE", "small")
        if name not in demo.SIZES:
            raise CommandError(f"DEMO_SIZE is one of {', '.join(demo.SIZES)}.")
        today = timezone.now().astimezone(SITE_ZONE).date()
        self.stdout.write("Demo data: ninety days of history …")
        try:
            loaded = demo.load(demo.SIZES[name], today=today, say=self._say)
        except Refusal as error:
            raise CommandError(error.detail) from error
        self.stdout.write(
            "\nDemo data: loaded." if loaded else "Demo data: there already."
        )

    def _say(self, text: str) -> None:
        self.stdout.write(f" {text}", ending="")
        self.stdout.flush()
