"""An empty database whose rows are counted from one again."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connection

from denials.selectors import taxonomy
from tests import kept
from worklists.models import Installation
from worklists.selectors import evidence


def empty_database() -> None:
    """Empty every table, begin every id anew, and forget what was kept by id.

    No id of a real database ever comes back, so the product keeps versions by id.
    """
    call_command("flush", interactive=False, verbosity=0, reset_sequences=True)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE trail_event")
    Installation.objects.create(purpose="test")
    evidence.forget_kept()
    taxonomy.forget_kept()
    kept.forget_kept()
