"""Pages of evidence shown in place: drawn through the item's policy, each look logged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from worklists import trail
from worklists.errors import BadInput
from worklists.models import Attachment, User
from worklists.selectors.item import attachment_for
from worklists.services.page_images import (
    DRAWN,
    PageImage,
    PageRefusedError,
    page_image,
)
from worklists.services.reading import record
from worklists.services.stored_files import open_whole, whole

SHOWN_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Look:
    """One page of a file as a person looks at it.

    ``pages`` is 1 for text, whose beginning stands in ``text``. ``refused`` says why
    nothing can be shown.
    """

    attachment: Attachment
    number: int
    pages: int
    text: str = ""
    refused: str = ""


def look_at(*, actor: User, item_id: int, attachment_id: int, number: int = 1) -> Look:
    """Return one page of a file of an item the person sees, ready to be shown.

    A picture is drawn and kept; its bytes are handed out, and logged, by ``open_page``.
    Text is handed out here, and its look is an event on the person's chain. Raises
    ``NotVisible``, and ``FileDamaged`` like ``stored_files.whole``.
    """
    attachment = attachment_for(actor, item_id, attachment_id)
    if attachment.content_type not in DRAWN:
        with open_whole(attachment) as file:
            text = file.read(SHOWN_TEXT).decode("utf-8", "ignore")
        _record(actor, attachment, 1)
        return Look(attachment, 1, 1, text=text)
    try:
        pages = _drawn(attachment, number).pages
    except PageRefusedError as refused:
        known = attachment.page_count or 1
        return Look(attachment, number, known, refused=str(refused))
    return Look(attachment, number, pages)


def open_page(*, actor: User, item_id: int, attachment_id: int, number: int) -> Path:
    """Return where the PNG of a page lies, for a person who sees the item.

    Logged like every look. Raises ``NotVisible``, and ``BadInput`` with the sentence
    for a page that cannot be drawn.
    """
    attachment = attachment_for(actor, item_id, attachment_id)
    if attachment.content_type not in DRAWN:
        raise BadInput("Text has no picture.")
    try:
        path = _drawn(attachment, number).path
    except PageRefusedError as refused:
        raise BadInput(str(refused)) from None
    _record(actor, attachment, number)
    return path


def _drawn(attachment: Attachment, number: int) -> PageImage:
    return page_image(
        whole(attachment),
        sha256=attachment.sha256,
        number=number,
        folder=Path(settings.MEDIA_ROOT),
    )


def _record(actor: User, attachment: Attachment, number: int) -> None:
    item = attachment.item
    record(
        actor=actor,
        action="read.page",
        about=trail.Subject("item", item.pk),
        facts={
            "attachment": attachment.pk,
            "sha256": attachment.sha256,
            "page": number,
        },
        facility_id=item.facility_id,
        queue_id=item.queue_id,
    )
