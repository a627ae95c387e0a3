"""``manage.py verify_trail``: check every chain and seal of the trail."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from audits.services.verification import Verdict, verify_trail


class Command(BaseCommand):
    """Exit 0 when the trail is whole, 1 after naming the first bad event and seal."""

    help = "Check every chain and seal; exit 1 names the first bad event and seal."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take ``--json``."""
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Verify, print, and set the exit code."""
        verdict = verify_trail()
        if options["json"]:
            self.stdout.write(json.dumps(verdict.as_json()))
        else:
            self._say(verdict)
        self._name(verdict)
        if not verdict.whole:
            sys.exit(1)

    def _say(self, verdict: Verdict) -> None:
        word = "whole" if verdict.whole else "NOT whole"
        self.stdout.write(
            f"The trail is {word}: {verdict.events} events in {verdict.chains} chains."
        )
        self.stdout.write(
            f"{verdict.files} files of evidence, {verdict.files_read} of them read."
        )
        copies = f", copies in {verdict.place}" if verdict.place else ""
        self.stdout.write(
            f"{verdict.seals} seals hold {verdict.sealed} of the events{copies}."
        )
        if verdict.waiting_since:
            since = verdict.waiting_since.isoformat(timespec="seconds")
            self.stdout.write(f"Events since {since} wait for their seal.")

    def _name(self, verdict: Verdict) -> None:
        for fault in (*verdict.faults, *verdict.destroyed):
            place = f"event {fault.event}" if fault.event else "an event that is gone"
            where = f"{fault.subject} no. {fault.seq} ({place})"
            self.stderr.write(f"{where}: {fault.code}: {fault.message}")
        for wrong in verdict.seal_faults:
            where = f"seal {wrong.number}" if wrong.number else "a key of the seals"
            event = f" (event {wrong.event})" if wrong.event else ""
            self.stderr.write(f"{where}{event}: {wrong.code}: {wrong.message}")
