"""Notes on an item: the panel of its page, writing one, taking one's own back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from worklists import policies
from worklists.enums import Role
from worklists.forms import NoteForm, checked
from worklists.models import User, WorkItem
from worklists.selectors.access import access_of
from worklists.selectors.item import item_for
from worklists.selectors.notes import ROLES, notes_of
from worklists.services import notes as service
from worklists.services import reading
from worklists.views.access import ACT, BOTH, page, people_at_work
from worklists.views.answering import to_item


def notes_context(user: User, item: WorkItem, role: str = "") -> dict[str, Any]:
    """Return what the panel of notes is drawn from."""
    found = notes_of(user, item)
    role = role if role in ROLES else ""
    counts = {one: sum(one in note.roles for note in found) for one in ROLES}
    return {
        "notes": [n for n in found if not role or role in n.roles],
        "note_chips": [
            {"role": "", "label": "All", "count": len(found), "on": not role},
            *(
                {
                    "role": one.value,
                    "label": Role(one).label,
                    "count": counts[one],
                    "on": one == role,
                }
                for one in ROLES
                if counts[one]
            ),
        ],
        "may_note": policies.may_note(access_of(user)) is None,
    }


@page(people_at_work, BOTH)
def notes(request: HttpRequest, item_id: int) -> HttpResponse:
    """Show the notes of one role or all, and write one."""
    item = item_for(request.user, item_id)
    if request.method == "POST":
        given = checked(NoteForm(request.POST))
        service.write_note(
            item_id=item_id,
            actor=request.user,
            text=given["text"],
            private=given["private"],
        )
        return _drawn(request, item, "The note is written.")
    reading.record_item_read(
        actor=request.user,
        item_id=item.pk,
        facility_id=item.facility_id,
        queue_id=item.queue_id,
    )
    return _drawn(request, item)


@page(people_at_work, ACT)
def withdraw(request: HttpRequest, item_id: int, note_id: int) -> HttpResponse:
    """Take one's own note back; it stays, marked."""
    item = item_for(request.user, item_id)
    service.withdraw_note(item_id=item_id, actor=request.user, note_id=note_id)
    return _drawn(request, item, "The note is withdrawn.")


def _drawn(request: HttpRequest, item: WorkItem, said: str = "") -> HttpResponse:
    if not request.htmx and said:
        return to_item(request, item, said)
    context = notes_context(request.user, item, request.GET.get("role", ""))
    context |= {"item": item, "said": said}
    return render(request, "worklists/items/_notebook.html", context)
