"""Writing and withdrawing notes on an item: words beside the trail, never deleted."""

from __future__ import annotations

from django.db import transaction

from worklists import policies, trail
from worklists.context import now
from worklists.errors import BadInput, Conflict, NotPermitted, NotVisible
from worklists.models import Note, NoteWithdrawal, User, WorkItem
from worklists.selectors.access import access_of
from worklists.services.perform import lock_item

LONGEST = 4000


def write_note(*, item_id: int, actor: User, text: str, private: bool = False) -> Note:
    """Write a note on an item the person sees, tagged with their role that day.

    Writes ``item.noted`` on the item's chain, bound to the words by a commitment; the
    event says whether it is private, never what it says. State and version of the item
    stay, so nobody's open form gets stale. Refuses items that are not visible (404),
    auditors, who add nothing (403), and empty or too long text (400).
    """
    said = _clean(text)
    with transaction.atomic():
        item = _reachable(item_id, actor)
        words = trail.commit(said)
        note = Note.objects.create(
            item=item,
            role=trail.role_of(actor),
            private=private,
            seq=item.trail_seq + 1,
            said_by=actor,
            said_at=now(),
            **words.columns(),
        )
        _tell(item, actor, "item.noted", note, [words.digest])
    return note


def withdraw_note(*, item_id: int, actor: User, note_id: int) -> NoteWithdrawal:
    """Take one's own note back: it stays, marked with who and when.

    Writes ``item.note_withdrawn``. Refuses items and notes that are not visible (404),
    notes of others (403), and one that is withdrawn already (409).
    """
    with transaction.atomic():
        item = _reachable(item_id, actor)
        note = Note.objects.filter(item=item, pk=note_id).first()
        if note is None or (note.private and note.said_by_id != actor.pk):
            raise NotVisible("There is no such note on this item.")
        if note.said_by_id != actor.pk:
            raise NotPermitted("Only who wrote a note takes it back.")
        if NoteWithdrawal.objects.filter(note=note).exists():
            raise Conflict("This note is withdrawn already.", code="withdrawn")
        taken_back = NoteWithdrawal.objects.create(
            note=note,
            seq=item.trail_seq + 1,
            withdrawn_by=actor,
            withdrawn_at=now(),
        )
        _tell(item, actor, "item.note_withdrawn", note, [])
    return taken_back


def _clean(text: str) -> str:
    said = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not said:
        raise BadInput("Write something first.", fields={"text": ["Words are needed."]})
    if len(said) > LONGEST:
        raise BadInput(
            f"The note has {len(said)} characters, {LONGEST} are allowed.",
            fields={"text": ["Too long."]},
        )
    return said


def _reachable(item_id: int, actor: User) -> WorkItem:
    item = lock_item(item_id, actor)
    refusal = policies.may_note(access_of(actor))
    if refusal:
        raise refusal.error()
    return item


def _tell(
    item: WorkItem, actor: User, action: str, note: Note, commitments: list[bytes]
) -> None:
    trail.append_item_event(
        item,
        action=action,
        actor=actor,
        from_state=item.state,
        to_state=item.state,
        facts={"note": note.pk, "private": note.private},
        commitments=commitments,
    )
    if trail.is_work(action, actor):
        item.touched_at = now()
    item.save(update_fields=["trail_seq", "trail_hash", "touched_at"])
