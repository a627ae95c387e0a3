"""``manage.py seal_key``: make, show, rotate and retire the key that signs seals."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from audits.errors import KeyTrouble
from audits.models import SealKey
from audits.selectors.keys import all_keys
from audits.services import keys
from worklists.context import act_context
from worklists.enums import Source

CAUSES = ("lost", "compromised", "retired")


class Command(BaseCommand):
    """Say what was done, and what is left for a person to do."""

    help = "Makes, shows, rotates and retires the key that signs the trail's seals."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one of four words."""
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("create", help="make the key, or register the one in the file")
        acts.add_parser("show", help="every public key, and whether the file is right")
        acts.add_parser("rotate", help="a new key, vouched for by the present one")
        retire = acts.add_parser("retire", help="end the present key without its file")
        retire.add_argument("--because", choices=CAUSES, required=True)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it; exit 1 with a sentence when it cannot be done."""
        try:
            with act_context(source=Source.COMMAND):
                getattr(self, f"_{options['act']}")(options)
        except KeyTrouble as trouble:
            raise CommandError(trouble.detail) from trouble

    def _create(self, _options: dict[str, Any]) -> None:
        self._made(keys.create_key().key)

    def _rotate(self, _options: dict[str, Any]) -> None:
        self._made(keys.rotate_key().key)
        self.stdout.write(
            "The former private key lies beside it, its name ends in .old: destroy it, "
            "and its backups. Its public key stays, since its seals are checked by it."
        )

    def _retire(self, options: dict[str, Any]) -> None:
        ended = keys.retire_key(cause=options["because"])
        self.stdout.write(
            f"{ended.fingerprint} has ended ({options['because']}). Nothing is sealed "
            "until `manage.py seal_key create` has made a new key."
        )

    def _show(self, _options: dict[str, Any]) -> None:
        for key in all_keys():
            end = getattr(key, "end", None)
            until = f"until {end.until:%Y-%m-%d %H:%M} UTC ({end.cause})" if end else ""
            state = until or "signs now"
            since = f"since {key.since:%Y-%m-%d %H:%M} UTC"
            self.stdout.write(f"{key.fingerprint}  {since}  {state}")
        keys.check_key()
        self.stdout.write(
            f"The private key in {settings.SEAL_KEY_FILE} is the right one."
        )

    def _made(self, key: SealKey) -> None:
        self.stdout.write(
            f"{key.fingerprint}\nThe private key lies in {settings.SEAL_KEY_FILE}. Back "
            "it up where the database's administrators cannot read it, and note the "
            "fingerprint above outside this system: it is what proves the seals."
        )
