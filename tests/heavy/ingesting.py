"""A site and the process that brings a file into it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from config import embedded
from seeds.loading import load_reference, load_site
from worklists.models import Installation


def empty_site() -> None:
    """Have the shipped set-up, and nothing that a file brought."""
    call_command("flush", interactive=False, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE trail_event")
    Installation.objects.create(purpose="test")
    load_reference()
    load_site()


def ingesting(file: Path) -> subprocess.Popen[bytes]:
    """Start ``manage.py ingest`` on a file, as the product's role."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "DATABASE_URL": embedded.database_url("app", connection.settings_dict["NAME"]),
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "ingest", str(file)],
        env=environment,
        cwd=settings.BASE_DIR,
        stdout=subprocess.DEVNULL,
    )
