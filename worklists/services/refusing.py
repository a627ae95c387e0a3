"""Refused accesses are events: who asked for what was not for them.

Nothing is said of them to the person beyond the refusal; auditors read them in the trail.
"""

from __future__ import annotations

from datetime import timedelta

from django.core.cache import cache

from worklists import trail
from worklists.context import now
from worklists.models import Claim, Event, User, WorkItem
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
    which says that there were more. ``about`` is a kind and a number. The facility of an
    item or a claim stands with it, so that only who reads that facility's trail reads of it.
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
    item, facility_id = _item(about), _facility_of(about)
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
        facility_id=facility_id,
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


def _facility_of(about: tuple[str, int] | None) -> int | None:
    """Return where an item or a claim is; nothing else stands at one facility."""
    kind, number = about or ("", 0)
    model = {"item": WorkItem, "claim": Claim}.get(kind)
    if model is None:
        return None
    places = model._default_manager.filter(pk=number)  # noqa: SLF001
    found: int | None = places.values_list("facility_id", flat=True).first()
    return found


def _item(about: tuple[str, int] | None) -> WorkItem | None:
    kind, number = about or ("", 0)
    if kind != "item":
        return None
    return WorkItem.objects.filter(pk=number).only("facility_id", "queue_id").first()
