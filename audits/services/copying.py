"""Copying seals and public keys to the second place, until each one lies there."""

from __future__ import annotations

import logging
from pathlib import Path
from time import monotonic

from django.conf import settings

from audits.models import Seal, SealCopy
from audits.seal_format import key_name, seal_name
from audits.second_place import AWAY, Differs, SecondPlace, second_place
from audits.selectors import copies
from audits.selectors.keys import all_keys, database_time
from audits.services.locks import one_at_a_time

logger = logging.getLogger(__name__)

SECONDS = 40.0
PAGE = 100


def copy_seals(*, seconds: float = SECONDS) -> int:
    """Copy every seal that has no copy yet, in order; return how many were copied.

    What fails stays to be copied by the next run: a place that is away, or one that
    holds other content under the name, which is never written over. Logs the kind of
    error. One copier works at a time. Without a second place nothing is done.
    """
    place = second_place()
    if place is None:
        return 0
    copied = 0
    with one_at_a_time("copy_seals") as alone:
        deadline = monotonic() + seconds
        while alone and monotonic() < deadline:
            waiting = copies.waiting(place.name, PAGE)
            done = _copy(place, waiting)
            copied += done
            if done < PAGE:
                break
    return copied


def _copy(place: SecondPlace, waiting: list[Seal]) -> int:
    copied = 0
    try:
        if waiting:
            _make_own_folder(place)
            _copy_keys(place)
        for seal in waiting:
            place.put(seal_name(seal.number), seal.record())
            SealCopy.objects.create(
                place=place.name, seal=seal, copied_at=database_time()
            )
            copied += 1
    except (*AWAY, Differs) as error:
        at = waiting[copied].number
        logger.error("seal %s is not copied: %s", at, type(error).__name__)  # noqa: TRY400
    return copied


def _copy_keys(place: SecondPlace) -> None:
    for key in all_keys():
        for end in (False, True):
            record = copies.record_of(key, end=end)
            if record is not None:
                place.put(key_name(key.fingerprint, end=end), record)


def _make_own_folder(place: SecondPlace) -> None:
    """Make the folder inside the embedded servers' one; never one that a site named."""
    if settings.SEAL_STORE_IS_OURS:
        Path(place.folder).mkdir(mode=0o755, exist_ok=True)
