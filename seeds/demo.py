"""The demonstration's history: ninety days of a department, through services only.

Files arrive, people take, write, submit, defer and return, workers age and escalate,
all at an injected clock, so every row has a true trail. The days are derived from
the day of loading; a load that was cut off goes on with the day after the last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

from django.contrib.auth.hashers import make_password
from django.db import connection, connections
from django.db.models import Max

from seeds.demo_day import AWAY, SITE_ZONE, UPLOADER, Day, Size, count_ages, live
from seeds.loading import load_site
from seeds.reference.site import PEOPLE
from worklists import models
from worklists.context import act_context, now
from worklists.enums import Purpose, Source
from worklists.errors import BadInput
from worklists.services.absences import record_absence
from worklists.services.injected_time import at
from worklists.services.notices import drop_mail, mark_read
from worklists.services.sweep import sweep

BACKUP = "priya.nair"
PASSWORD = "Codetrail-demo-2026"  # noqa: S105 - printed by make demo, on purpose
DAYS = 90
LOADED = "Codetrail demo, loaded"
SIZES = {"small": Size(290, 1.1), "large": Size(24_000, 8)}


def people() -> list[dict[str, str]]:
    """Return the demo people with the password they all share."""
    return [
        {"username": row.username, "password": PASSWORD, "role": row.role}
        for row in PEOPLE
    ]


def load(size: Size, *, today: date, say: Callable[[str], None]) -> bool:
    """Load the demonstration; return False when it was loaded before.

    Refuses, with ``BadInput``, a database that is not marked as demo.
    """
    installation = models.Installation.objects.filter(purpose=Purpose.DEMO).first()
    if installation is None:
        raise BadInput(
            "This database is not marked as a demo, so no demo data is loaded into it. "
            "Use one made by `prepare_database --purpose demo`."
        )
    if installation.name == LOADED:
        return False
    load_site()
    _passwords()
    # One question for the right to set the time; each act moves it on from there.
    with act_context(source=Source.SEED), at(now()), _two_at_once() as beside:
        for day in _days(today):
            live(Day(day, today, size), beside)
            say(f"{day:%b %d}")
        count_ages(today)
        morning = datetime.combine(today, time(7, 30), SITE_ZONE)
        with at(min(morning, now())):
            _away(today)
            sweep()
            _read_older_notices()
            drop_mail(before=now())
    installation.name = LOADED
    installation.save(update_fields=["name"])
    return True


@contextmanager
def _two_at_once() -> Iterator[Executor]:
    """Yield a second thread; neither waits for the disk at every commit."""

    def hurry() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")

    hurry()
    with ThreadPoolExecutor(max_workers=1, initializer=hurry) as beside:
        try:
            yield beside
        finally:
            beside.submit(connections.close_all).result()


def _passwords() -> None:
    secret = make_password(PASSWORD)
    models.User.objects.filter(username__in=[row.username for row in PEOPLE]).exclude(
        password__startswith="pbkdf2"
    ).update(password=secret)


def _days(today: date) -> Iterator[date]:
    """Yield the working days still to be made, oldest first, today's left out."""
    acted = models.Event.objects.filter(source=Source.SEED, action="login")
    newest = acted.aggregate(Max("occurred_at"))["occurred_at__max"]
    done = newest.astimezone(SITE_ZONE).date() if newest else date.min
    for back in range(DAYS, 0, -1):
        day = today - timedelta(days=back)
        if day.weekday() < 5 and day > done:
            yield day


def _away(today: date) -> None:
    """One coder called in sick this morning; what she holds went to her backup."""
    who = models.User.objects.get(username=AWAY)
    if not who.absences.exists():
        record_absence(
            actor=models.User.objects.get(username=UPLOADER),
            user_id=who.pk,
            starts_on=today,
            ends_on=today + timedelta(days=4),
            backup=BACKUP,
        )


def _read_older_notices() -> None:
    """People have read what is older than three days; the inbox shows the rest."""
    since = now() - timedelta(days=3)
    for user in models.User.objects.filter(notices__isnull=False).distinct():
        old = user.notices.filter(created_at__lt=since)
        mark_read(actor=user, ids=list(old.values_list("pk", flat=True)))
