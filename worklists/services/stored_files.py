"""Files of evidence as they lie in their place: whole, or said not to be.

A file lies under its SHA-256, which the event of its attaching names. What lies there is
held against that name whenever it is handed out, so nobody is shown anything else as
evidence.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import BinaryIO

from django.db import transaction

from worklists import trail
from worklists.errors import FileDamaged, Refusal
from worklists.models import Attachment
from worklists.services.reporting import report_once
from worklists.services.uploads import place_of

logger = logging.getLogger(__name__)

CODE = "file_damaged"
MISSING, CHANGED = "file_gone", "file_bytes_changed"
UNREADABLE = "file_unreadable"
WORDS = {
    MISSING: "is missing from the store",
    CHANGED: "is not the one that was attached",
    UNREADABLE: "cannot be read from the store",
}


def wrong_with(sha256: str, size: int, *, read: bool = True) -> str:
    """Return ``MISSING``, ``CHANGED`` or ``UNREADABLE`` for what lies in a file's place,
    else nothing: a damaged disk is a finding of this file and stops no other look.

    ``read`` is whether its bytes are read, else its size alone says it.
    """
    place = place_of(sha256)
    try:
        if place.stat().st_size != size:
            return CHANGED
        if not read:
            return ""
        with place.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return MISSING
    except OSError as trouble:
        logger.error("file %s: %s", sha256, trouble.strerror)  # noqa: TRY400
        return UNREADABLE
    return "" if found == sha256 else CHANGED


def whole(attachment: Attachment) -> Path:
    """Return where a file lies, read and found to be the one that was attached.

    Raises ``FileDamaged`` for one that is missing or differs, and opens an item that
    says so, once while that is being worked.
    """
    wrong = wrong_with(attachment.sha256, attachment.size)
    if wrong:
        _report(attachment, wrong)
        raise FileDamaged(
            f"File {attachment.pk} of {attachment.item.number} {WORDS[wrong]}, so it is "
            "not shown. The administrator restores it from the backup; a report is open."
        )
    return place_of(attachment.sha256)


def open_whole(attachment: Attachment) -> BinaryIO:
    """Return a file that is ``whole``, open for reading."""
    return whole(attachment).open("rb")


def _report(attachment: Attachment, wrong: str) -> None:
    item = attachment.item
    try:
        with transaction.atomic():
            report_once(
                code=CODE,
                trouble=f"File {attachment.pk} of {item.number} {WORDS[wrong]}",
                item=item,
                about=trail.Subject("item", item.pk),
            )
    except Refusal as refused:  # a site without a queue for reports keeps the line
        logger.error("file %s: not reported: %s", attachment.pk, refused.code)  # noqa: TRY400
