"""Start the whole demo; see `config.demo`."""

import sys
from typing import Any

from django.core.management import BaseCommand

from config import demo, env


class Command(BaseCommand):
    """Prepare and load the demo database, then run web, worker and beat."""

    help = "Runs the demo on 127.0.0.1:$PORT (default 8000) until Ctrl-C."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run until stopped."""
        sys.exit(demo.run(env.number("PORT", 8000, minimum=1, maximum=65535)))
