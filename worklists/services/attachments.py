"""Files as evidence: added to a field of an item, taken off again, opened, logged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction

from worklists import trail
from worklists.context import now
from worklists.enums import Action, State
from worklists.errors import BadInput, NotVisible
from worklists.evidence import expand
from worklists.evidence.fields import FILE_TYPES
from worklists.evidence.pages import why_no_page
from worklists.models import Attachment, User, WorkItem
from worklists.selectors.evidence import asked_of
from worklists.selectors.item import attachment_for
from worklists.services import progress
from worklists.services.acts import Act, write
from worklists.services.effects.handing import release_moment
from worklists.services.effects.working import worker
from worklists.services.perform import lock_item, prepare
from worklists.services.reading import record
from worklists.services.stored_files import open_whole
from worklists.services.uploads import Received, keep, received

LONGEST_NAME, LONGEST_SOURCE, LONGEST_PAGE = 255, 80, 20
# Nobody whose claim is worked on was treated before.
EARLIEST = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file on its way in: its bytes, its name, what was declared, what it shows.

    ``field`` is the field of the form it stands for, ``source`` where it comes from
    (“EHR”), ``dated_on`` the document's own date, ``page`` where in it.
    """

    chunks: Iterable[bytes]
    file_name: str
    field: str
    source: str
    content_type: str = ""
    dated_on: date | None = None
    page: str = ""


@dataclass(frozen=True, slots=True)
class Attached:
    """What came of adding a file: its row, the item, whether it is new."""

    attachment: Attachment
    item: WorkItem
    is_new: bool = True


def attach(
    *, item_id: int, actor: User, file: NewFile, expected_version: int | None = None
) -> Attached:
    """Add a file to a field of an item the person works on.

    Stores it outside the web root under its SHA-256, writes ``item.attached`` and
    raises the item's version. The same file on the same field and page again changes
    nothing and answers with the first one.

    Refuses what ``save_evidence`` would refuse (404, 403, 409), fields that take no
    file, a page the document has not, a date before ``EARLIEST`` or ahead, and files
    that ``uploads.received`` does not take (400). What can be known is refused before
    the file is drawn.
    """
    asked: Any = {
        "item_id": item_id,
        "actor": actor,
        "expected_version": expected_version,
    }
    with taken_in(file=file, **asked) as incoming:
        return put(incoming=incoming, **asked)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that was looked at and drawn, in its waiting place."""

    file: NewFile
    taken: Received


@contextmanager
def taken_in(
    *, item_id: int, actor: User, file: NewFile, expected_version: int | None = None
) -> Iterator[Incoming]:
    """Take in a file for an item: it is looked at and drawn while nothing is locked.

    It waits for ``put`` as long as the block lasts. Refuses what ``attach`` refuses.
    """
    file = _checked(file)
    with transaction.atomic():
        act = _begin(item_id, actor, expected_version)
        _refuse_field(act.item, file.field)

    def fits(page_count: int | None) -> None:
        _refuse_page(file.page, page_count)

    with received(
        file.chunks,
        file_name=file.file_name,
        declared=file.content_type,
        fits=fits,
    ) as taken:
        yield Incoming(file, taken)


def put(
    *,
    item_id: int,
    actor: User,
    incoming: Incoming,
    expected_version: int | None = None,
) -> Attached:
    """Add a file that was taken in to its field; see ``attach``."""
    file, taken = incoming.file, incoming.taken
    with transaction.atomic():
        act = _begin(item_id, actor, expected_version)
        _refuse_field(act.item, file.field)
        known = _same(act.item, file, taken)
        if known:
            return Attached(known, act.item, is_new=False)
        attachment = _store(act, file, taken)
        keep(taken)
    return Attached(attachment, act.item)


def cite(
    *,
    item_id: int,
    actor: User,
    attachment_id: int,
    field: str,
    page: str,
    expected_version: int | None = None,
) -> Attached:
    """Add a page of a file that is on the item already to a field: the page looked at.

    The same bytes, source and date with another field or page; written and refused
    like ``attach``, and a file that is not (or no longer) on the item (404). The same
    once more changes nothing.
    """
    with transaction.atomic():
        act = _begin(item_id, actor, expected_version)
        rows = Attachment.objects.filter(item=act.item, removed_at=None)
        there = rows.filter(pk=attachment_id).first()
        if there is None:
            raise NotVisible("There is no such file on this item.")
        file = _checked(NewFile((), there.file_name, field, there.source, page=page))
        _refuse_field(act.item, field)
        _refuse_page(file.page, there.page_count)
        known = rows.filter(sha256=there.sha256, field=field, page=file.page).first()
        if known:
            return Attached(known, act.item, is_new=False)
        there.pk, there.field, there.page = None, field, file.page
        there.added_by, there.added_at = worker(act), now()
        there.save(force_insert=True)
        _write(act, "item.attached", there)
    return Attached(there, act.item)


def detach(
    *,
    item_id: int,
    actor: User,
    attachment_id: int,
    expected_version: int | None = None,
) -> WorkItem:
    """Take a file off an item the person works on; the file itself is kept.

    Writes ``item.detached`` and raises the version. Refuses what ``save_evidence``
    would refuse, and files that are not (or no longer) on the item (404).
    """
    with transaction.atomic():
        act = _begin(item_id, actor, expected_version)
        rows = Attachment.objects.filter(item=act.item, removed_at=None)
        attachment = rows.filter(pk=attachment_id).first()
        if attachment is None:
            raise NotVisible("There is no such file on this item.")
        attachment.removed_at = now()
        attachment.save(update_fields=["removed_at"])
        _write(act, "item.detached", attachment)
    return act.item


def open_file(
    *, actor: User, item_id: int, attachment_id: int
) -> tuple[Attachment, BinaryIO]:
    """Return a file of an item the person sees, open for reading.

    The download is an event on the person's chain. Raises ``NotVisible``, and
    ``FileDamaged`` for what is not the file that was attached.
    """
    attachment = attachment_for(actor, item_id, attachment_id)
    file, item = open_whole(attachment), attachment.item
    record(
        actor=actor,
        action="read.attachment",
        about=trail.Subject("item", item.pk),
        facts={"attachment": attachment.pk, "sha256": attachment.sha256},
        facility_id=item.facility_id,
        queue_id=item.queue_id,
    )
    return attachment, file


def _begin(item_id: int, actor: User, expected_version: int | None) -> Act:
    """Lock the item and check the act as a save of evidence is checked.

    A file only adds, so without a version it goes to the item as it is.
    """
    item = lock_item(item_id, actor)
    version = item.version if expected_version is None else expected_version
    return prepare(item, Action.SAVE_EVIDENCE, actor, version)


def _refuse_field(item: WorkItem, name: str) -> None:
    asked = asked_of(item)
    fields = {one.name: one for one in expand(asked.fields, asked.parts)}
    if name in fields and fields[name].type in FILE_TYPES:
        return
    takers = [one.name for one in fields.values() if one.type in FILE_TYPES]
    wanted = (
        f"Name one of: {', '.join(takers)}." if takers else "None of its fields does."
    )
    raise BadInput("This field of the item takes no file.", fields={"field": [wanted]})


def _same(item: WorkItem, file: NewFile, taken: Received) -> Attachment | None:
    rows = Attachment.objects.filter(item=item, removed_at=None, sha256=taken.sha256)
    return rows.filter(field=file.field, page=file.page).first()


def _store(act: Act, file: NewFile, taken: Received) -> Attachment:
    attachment = Attachment.objects.create(
        item=act.item,
        field=file.field,
        file_name=file.file_name,
        content_type=taken.content_type,
        size=taken.size,
        sha256=taken.sha256,
        source=file.source,
        dated_on=file.dated_on,
        page=file.page,
        page_count=taken.page_count,
        added_by=worker(act),
        added_at=now(),
    )
    _write(act, "item.attached", attachment)
    return attachment


def _write(act: Act, event: str, attachment: Attachment) -> None:
    act.event = event
    act.facts |= {
        "attachment": attachment.pk,
        "field": attachment.field,
        "sha256": attachment.sha256,
    }
    act.item.wake_at = release_moment(act.item)
    progress.count(act.item)
    write(act, State(act.item.state))


def _why_no_page(page: str, page_count: int | None) -> str:
    return why_no_page(page, page_count) if page else ""


def _refuse_page(page: str, page_count: int | None) -> None:
    why = _why_no_page(page, page_count)
    if why:
        raise BadInput(why, fields={"page": [why]})


def _checked(file: NewFile) -> NewFile:
    """Return the file with plain, trimmed words; refuse what cannot be kept."""
    name = Path(file.file_name.replace("\\", "/")).name.strip()
    words = {
        "file": (name, LONGEST_NAME, True),
        "source": (file.source.strip(), LONGEST_SOURCE, True),
        "page": (file.page.strip(), LONGEST_PAGE, False),
    }
    faults = {
        key: [f"Give 1 to {longest} printable characters."]
        for key, (text, longest, needed) in words.items()
        if len(text) > longest or not text.isprintable() or (needed and not text)
    }
    if file.dated_on and file.dated_on > (now() + timedelta(days=1)).date():
        faults["date"] = ["The document's date lies ahead."]
    if file.dated_on and file.dated_on < EARLIEST:
        faults["date"] = [f"The document's date lies before {EARLIEST.year}."]
    if "page" not in faults and (why := _why_no_page(words["page"][0], None)):
        faults["page"] = [why]
    if faults:
        raise BadInput("This file cannot be added as it is.", fields=faults)
    return NewFile(
        chunks=file.chunks,
        file_name=name,
        field=file.field,
        source=words["source"][0],
        content_type=file.content_type,
        dated_on=file.dated_on,
        page=words["page"][0],
    )
