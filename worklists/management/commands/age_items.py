"""``manage.py age_items``: one aging and escalation sweep, as the worker runs it."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_datetime

from worklists.context import now
from worklists.errors import Refusal
from worklists.services.sweep import sweep

WORDS = {
    "reaged": "re-aged",
    "resumed": "came back from deferral",
    "released": "released after no work",
    "left_to_people": "lie idle and are left to people",
    "escalated": "ladder steps fired",
    "review_overdue": "reviews escalated that nobody decided in their time",
    "failed": "could not be brought up to date",
}


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no time: {error}.") from error
    if moment is None or moment.tzinfo is None:
        raise ArgumentTypeError(
            f"{text!r} is no time with an offset, such as 2026-11-20T08:00:00-06:00."
        )
    return moment


class Command(BaseCommand):
    """Exit 0 after a sweep, 1 when items could not be brought up to date."""

    help = "Re-age, bring back, release and escalate whatever is due; print the counts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take ``--at`` (demo and test databases only) and ``--json``."""
        parser.add_argument(
            "--at", type=_moment, metavar="TIME", help="sweep as of this time"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Sweep, print, and set the exit code."""
        at, changes = self._sweep(options["at"])
        if options["json"]:
            said = {"at": at.isoformat(), "changes": changes}
            self.stdout.write(json.dumps(said))
        else:
            for change, count in changes.items():
                self.stdout.write(f"{count:>8,}  {WORDS[change]}")
        if changes["failed"]:
            self.stderr.write("Each failed item has an issue report that names it.")
            sys.exit(1)

    def _sweep(self, at: datetime | None) -> tuple[datetime, dict[str, int]]:
        try:
            return at or now(), sweep(at)
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
