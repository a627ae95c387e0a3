"""``manage.py make_x12``: a valid synthetic file with realistic denials."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from seeds.x12_writer import DEFAULT_DATE, write_835

KINDS = ("835",)


class Command(BaseCommand):
    """Write a synthetic X12 file; the same seed gives the same bytes."""

    help = "Write a valid synthetic X12 file. Kinds: 835."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the kind, how many claims, where to, and the seed."""
        parser.add_argument("--kind", required=True, choices=KINDS)
        parser.add_argument("--claims", required=True, type=int)
        parser.add_argument("--out", required=True, type=Path)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--date", type=date.fromisoformat, default=DEFAULT_DATE)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write to a file beside and move it in place, so no half file is left."""
        claims, out = options["claims"], options["out"]
        if claims < 1:
            raise CommandError("--claims takes a number from 1 on.", returncode=2)
        part = out.with_name(f"{out.name}.part")
        try:
            with part.open("w", encoding="ascii", newline="") as file:
                write_835(file, claims=claims, seed=options["seed"], on=options["date"])
            part.replace(out)
        except OSError as error:
            raise CommandError(f"{out}: {error.strerror}") from error
        self.stdout.write(f"{out}: {claims} claims, {out.stat().st_size} bytes.")
