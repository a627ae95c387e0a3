"""Views of lists that people keep: theirs alone, so no event and nobody to ask."""

from __future__ import annotations

from django.db import transaction

from worklists.context import now
from worklists.errors import BadInput, NotVisible
from worklists.models import Queue, SavedView, User

MOST_VIEWS = 12
LONGEST_NAME, LONGEST_QUERY = 40, 800


def save_view(
    *, person: User, queue: Queue | None, name: str, query: str, opens: bool = False
) -> SavedView:
    """Keep a list's address under a name; the same name again replaces it.

    The caller has read ``query`` and knows that the list takes it. With ``opens`` the
    list begins with this view, and no other of that list does. Refuses an empty or
    long name and more than 12 views of a list.
    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise _bad("name", f"Give the view a name of 1 to {LONGEST_NAME} characters.")
    if len(query) > LONGEST_QUERY:
        raise _bad("query", "These filters are too long to be kept.")
    with transaction.atomic():
        held = _held(person, queue)
        if name not in {view.name for view in held} and len(held) >= MOST_VIEWS:
            raise _bad(
                "name",
                f"You have {MOST_VIEWS} views of this list. Delete one, or give the "
                "name of one to replace it.",
            )
        if opens:
            SavedView.objects.filter(person=person, queue=queue).update(opens=False)
        view, _ = SavedView.objects.update_or_create(
            person=person,
            queue=queue,
            name=name,
            defaults={"query": query, "opens": opens, "saved_at": now()},
        )
    return view


def open_with(*, person: User, view_id: int, opens: bool) -> SavedView:
    """Let a list begin with one of its views, or again as it does for everybody."""
    with transaction.atomic():
        view = _view(person, view_id)
        _held(person, view.queue)
        SavedView.objects.filter(person=person, queue=view.queue).update(opens=False)
        view.opens = opens
        view.save(update_fields=["opens"])
    return view


def delete_view(*, person: User, view_id: int) -> SavedView:
    """Forget a view of one's own."""
    view = _view(person, view_id)
    view.delete()
    return view


def _held(person: User, queue: Queue | None) -> list[SavedView]:
    """Return the person's views of a list; two windows stand one behind the other."""
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    return list(SavedView.objects.filter(person=person, queue=queue))


def _view(person: User, view_id: int) -> SavedView:
    found = SavedView.objects.filter(pk=view_id, person=person)
    view = found.select_related("queue").first()
    if view is None:
        raise NotVisible("There is no such view of yours.")
    return view


def _bad(field: str, why: str) -> BadInput:
    return BadInput(why, fields={field: [why]})
