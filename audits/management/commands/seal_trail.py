"""``manage.py seal_trail``: seal and copy now, as the worker does each minute."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audits.errors import KeyTrouble
from audits.services.copying import copy_seals
from audits.services.sealing import seal_passed_over, seal_trail
from worklists.context import act_context
from worklists.enums import Source

A_DAY = 86_400.0


class Command(BaseCommand):
    """For after a restore or an upgrade, and for what a verification named."""

    help = "Seals finished events and copies the seals to the second place."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take ``--passed-over`` and ``--quietly``."""
        parser.add_argument(
            "--passed-over",
            action="store_true",
            help="search the whole trail for finished events that no seal holds",
        )
        parser.add_argument("--quietly", action="store_true", help="say nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Seal, copy, say how many."""
        try:
            with act_context(source=Source.COMMAND):
                found = seal_passed_over() if options["passed_over"] else 0
                sealed = found + seal_trail(seconds=A_DAY)
        except KeyTrouble as trouble:
            raise CommandError(trouble.detail) from trouble
        copied = copy_seals(seconds=A_DAY)
        if not options["quietly"]:
            self.stdout.write(f"{sealed} events sealed, {copied} seals copied.")
