"""``manage.py make_x12``: a valid synthetic file with realistic denials."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from seeds.x12_writer import DEFAULT_DATE, write_835

KINDS = ("835",)


def _claims(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(f"takes a number of claims from 1 on, not “{text}”")
    return int(text)


class Command(BaseCommand):
    """Write a synthetic X12 file; the same seed and date give the same bytes.

    Wrong usage exits 2 and names what is right; a file that cannot be written exits 1.
    Either way no half file is left.
    """

    help = "Write a valid synthetic X12 file. Kinds there are: 835."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the kind, how many claims, where to, the seed and the payment date."""
        parser.add_argument(
            "--kind", required=True, choices=KINDS, help="the transaction set to write"
        )
        parser.add_argument("--claims", required=True, type=_claims)
        parser.add_argument("--out", required=True, type=Path)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--date",
            type=date.fromisoformat,
            default=DEFAULT_DATE,
            help=f"the payment date, YYYY-MM-DD (default {DEFAULT_DATE})",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write to a file beside and move it in place."""
        claims, out = options["claims"], options["out"]
        part = out.with_name(f"{out.name}.part")
        try:
            with part.open("w", encoding="ascii", newline="") as file:
                write_835(file, claims=claims, seed=options["seed"], on=options["date"])
            part.replace(out)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise CommandError(f"{out}: {error.strerror}") from error
        self.stdout.write(f"{out}: {claims} claims, {out.stat().st_size} bytes.")
