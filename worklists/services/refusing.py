"""Refused accesses are events: who asked for what was not for them.

Nothing is said of them to the person beyond the refusal; auditors read them in the trail.
"""

from __future__ import annotations

from datetime import timedelta

from django.core.cache import cache

from worklists import trail
from worklists.context import now
from worklists.models import Event, User, WorkItem
from worklists.services import reading

# The same person at the same door is one event within this time ...
ONCE_IN = timedelta(minutes=10)
AUTOSAVE, BEHIND = "worklists:draft", timedelta(minutes=2)
# ... and so many doors are told apart; who tries more of them is said to, once.
MOST_DOORS = 100


def record_refused(
    *, actor: User, page: str, code: str, about: tuple[str, int] | None
) -> None:
    """Write ``access.refused`` on the person's chain: the page, why, and about what.

    ``page`` is the name of an address, never the address itself; ``about`` is what it
    named, whether that exists or not. No flood: one event per person and subject, or
    page where it names none, in ``ONCE_IN``; beyond ``MOST_DOORS`` of them one more,
    which says that there were more. ``about`` is a kind and a number. An item's
    facility stands with it, so that only who reads that facility's trail reads of it.
    """
    door = "{}:{}".format(*about) if about else page
    seconds = int(ONCE_IN.total_seconds())
    if not cache.add(f"refused:{actor.pk}:{door}", 1, seconds):
        return
    doors = f"refused:{actor.pk}:doors"
    count = 1 if cache.add(doors, 1, seconds) else _one_more(doors)
    if count > MOST_DOORS + 1:
        return
    more = count > MOST_DOORS
    item = _item(about)
    if page == AUTOSAVE and item and _was_just_theirs(actor, item):
        return
    reading.record(
        actor=actor,
        action="access.refused",
        about=None if more or about is None else trail.Subject(*about),
        facts={
            "page": page,
            "code": code,
            **({"more_than": MOST_DOORS} if more else {}),
        },
        facility_id=item.facility_id if item else None,
        queue_id=item.queue_id if item else None,
    )


def _was_just_theirs(actor: User, item: WorkItem) -> bool:
    """Tell whether the person acted on the item themselves a moment ago: a form saves
    what was typed also behind the act that sent the item on."""
    return Event.objects.filter(
        subject_kind="item",
        subject_id=item.pk,
        actor=actor,
        occurred_at__gte=now() - BEHIND,
    ).exists()


def _one_more(doors: str) -> int:
    try:
        return int(cache.incr(doors))
    except ValueError:  # its time was over just now: the next one counts anew
        return 1


def _item(about: tuple[str, int] | None) -> WorkItem | None:
    kind, number = about or ("", 0)
    if kind != "item":
        return None
    return WorkItem.objects.filter(pk=number).only("facility_id", "queue_id").first()
