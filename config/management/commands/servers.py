"""Keep the embedded servers up while you work with them."""

import signal
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand

from config import embedded
from config.embedded import binaries


class Command(BaseCommand):
    """Hold the embedded servers until Ctrl-C and say how to reach them."""

    help = "Keeps the embedded servers running until Ctrl-C and prints their addresses."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print where the servers are, then wait."""
        places = embedded.here()
        psql = binaries.postgres_bin(places) / "psql"
        self.stdout.write(f"instance  {places.instance}, data in {places.folder}")
        self.stdout.write(f"psql      {psql} '{embedded.database_url('app')}'")
        self.stdout.write(f"Redis     {settings.REDIS_URL}")
        self.stdout.write("Ctrl-C stops what this command started.")
        self.stdout.flush()
        signal.pause()
