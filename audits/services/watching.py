"""What the worker does about seals: seal, copy, look after the lag, verify when due."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from audits.errors import KeyTrouble
from audits.models import TrailCheck
from audits.second_place import second_place
from audits.selectors import copies
from audits.selectors.keys import database_time
from audits.selectors.unsealed import waiting
from audits.services import alarms
from audits.services.copying import copy_seals
from audits.services.locks import one_at_a_time
from audits.services.sealing import seal_trail
from audits.services.verification import verify_trail


def seal_and_watch() -> int:
    """Seal what is finished and report what lags; return how many were sealed.

    Reports a missing key, and an event that waits longer than ``SEAL_LAG_MINUTES`` for
    its seal, also where a long transaction is the cause.
    """
    sealed = 0
    try:
        sealed = seal_trail()
    except KeyTrouble:
        alarms.report(alarms.NO_KEY)
    oldest = waiting()
    if oldest is not None and oldest.lag > _limit():
        alarms.report(alarms.BEHIND)
    return sealed


def copy_and_watch() -> int:
    """Copy seals to the second place; return how many were copied.

    Reports a seal that waits longer than ``SEAL_LAG_MINUTES`` for its copy all the same.
    """
    copied, place = copy_seals(), second_place()
    uncopied = copies.copy_lag(place.name) if place else None
    if uncopied is not None and uncopied > _limit():
        alarms.report(alarms.NO_COPY)
    return copied


def _limit() -> timedelta:
    return timedelta(minutes=settings.SEAL_LAG_MINUTES)


def verify_when_due() -> TrailCheck | None:
    """Verify the whole trail if the last time is ``VERIFY_EVERY_HOURS`` ago.

    Keeps what was found, and opens an item when something is wrong. Returns None when
    it is not due, or another worker is at it.
    """
    with one_at_a_time("verify_trail") as alone:
        return _verify() if alone and _is_due() else None


def _is_due() -> bool:
    last = TrailCheck.objects.order_by("-started_at").first()
    every = timedelta(hours=settings.VERIFY_EVERY_HOURS)
    return last is None or database_time() - last.started_at >= every


def _verify() -> TrailCheck:
    started = database_time()
    verdict = verify_trail(started.date())
    kept = TrailCheck.objects.create(
        started_at=started,
        finished_at=database_time(),
        events=verdict.events,
        chains=verdict.chains,
        seals=verdict.seals,
        faults=len(verdict.faults) + len(verdict.seal_faults),
        first_fault=verdict.first_code,
    )
    if not verdict.whole:
        alarms.report(alarms.BROKEN, more=verdict.first_code)
    return kept
