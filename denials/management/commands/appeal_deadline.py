"""``manage.py appeal_deadline``: by when an appeal must be in (CONTRACT 1 and 3)."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand

from denials.selectors.profiles import (
    Counted,
    counted_for,
    facility_of,
    site_calendar,
)
from worklists.context import now
from worklists.errors import Refusal


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no date such as 2026-05-15.") from error


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 2:  # noqa: PLR2004 - two digits are plenty
        raise ArgumentTypeError(f"{text!r} is no level: 1 and up, 0 for filing.")
    return int(text)


class Command(BaseCommand):
    """Exit 0 with the deadline, 1 when it cannot be counted, 2 on wrong usage."""

    help = "Count an appeal deadline by a payer profile and say what it stands on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take profile, level and dates."""
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--payer-profile", required=True, metavar="P")
        parser.add_argument(
            "--level", required=True, type=_number, help="1 and up; 0 is filing"
        )
        parser.add_argument(
            "--notice",
            required=True,
            type=_day,
            metavar="DATE",
            help="date on the notice or remittance; for filing the last day of service",
        )
        parser.add_argument("--received", type=_day, metavar="DATE")
        parser.add_argument(
            "--facility", metavar="SLUG", help="whose business days count"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Count, print, and set the exit code; warnings go to standard error."""
        try:
            counted = _counted(options)
        except Refusal as refusal:
            self.stderr.write(refusal.detail)
            sys.exit(1)
        for warning in filter(None, (counted.warning, counted.floor_warning)):
            self.stderr.write(f"Warning: {warning}")
        said = counted.deadline.as_json()
        if options["json"]:
            self.stdout.write(json.dumps(said))
        else:
            for name, value in said.items():
                self.stdout.write(f"{name:>12}  {value}")


def _counted(options: dict[str, Any]) -> Counted:
    return counted_for(
        options["payer_profile"],
        options["level"],
        notice_on=options["notice"],
        received_on=options["received"],
        calendar=site_calendar(facility_of(options["facility"])),
        today=now().date(),
    )
