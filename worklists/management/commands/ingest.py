"""Bring files in: ``manage.py ingest FILE… [--json] [--dry-run]`` (CONTRACT 2)."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand

from worklists.context import act_context
from worklists.enums import BatchStatus, Source
from worklists.errors import Refusal
from worklists.services.batches import ingest_path
from worklists.services.batches.report import refused


class Command(BaseCommand):
    """Each file is its own unit of work; exit code 1 when any of them is rejected."""

    help = "Reads X12 835 files and stores claims, remittances, denials and items."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the files and the two switches."""
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--json", action="store_true", help="one JSON line a file")
        parser.add_argument(
            "--dry-run", action="store_true", help="report the same, change nothing"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Bring in the files in the order given."""
        rejected = False
        with act_context(source=Source.COMMAND):
            for name in options["files"]:
                report = self._one(name, dry_run=options["dry_run"])
                self.stdout.write(
                    json.dumps(report) if options["json"] else _row(report)
                )
                rejected |= report["status"] == BatchStatus.REJECTED
        if rejected:
            raise SystemExit(1)

    def _one(self, name: str, *, dry_run: bool) -> dict[str, Any]:
        try:
            report = ingest_path(Path(name), dry_run=dry_run)
        except OSError as error:
            report = refused(name, "file_not_readable", f"{error.strerror}: {name}")
        except Refusal as refusal:
            report = refused(name, refusal.code, refusal.detail)
        if report["status"] == BatchStatus.REJECTED:
            for found in report["errors"]:
                where = f"segment {found['segment']}: " if found["segment"] else ""
                self.stderr.write(f"{name}: {where}{found['message']}")
        return report


def _row(report: dict[str, Any]) -> str:
    created = report["created"]
    said = ", ".join(f"{name} {value}" for name, value in created.items())
    return f"{report['file']}: {report['status']}; {said}"
