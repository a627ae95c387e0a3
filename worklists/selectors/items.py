"""Lists of items a person sees, filtered and ordered, for pages and API alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from worklists.context import now
from worklists.enums import ENDED, IN_HAND, State
from worklists.models import Facility, ItemClock, Payer, Queue, Review, User, WorkItem
from worklists.models.clocks import RUNNING
from worklists.policies import full_hands
from worklists.selectors.access import visible_slots, visible_to, visible_values
from worklists.selectors.clock_views import ClockView, views_of, with_running_clocks
from worklists.selectors.keyset import SIZE, Key, Ordering, Page, narrow_page
from worklists.statements import IsAny, Slot, Statement

DEFAULT_ORDERING = "-priority"
ENDED_ORDERING = "-newest"
UNTOUCHED_DAYS = 5
SOON_DAYS = 3


def _both_ways(name: str, *keys: Key) -> Iterable[Ordering]:
    down = Ordering(f"-{name}", keys)
    return down, down.reversed(name)


_ID = Key("id")
ORDERINGS: dict[str, Ordering] = {
    ordering.name: ordering
    for pair in (
        _both_ways(
            "priority",
            Key("priority", descending=True),
            Key("due_rank", "moment"),
            _ID,
        ),
        _both_ways("due", Key("nearest_due", "moment", descending=True), _ID),
        _both_ways("age", Key("opened_at", "moment"), _ID),
        _both_ways("amount", Key("amount", "money", descending=True), _ID),
        _both_ways("touched", Key("touched_at", "moment", descending=True), _ID),
        _both_ways("newest", Key("id", descending=True)),
    )
    for ordering in pair
}


MOST_SORTS = 3


@cache
def ordering_named(name: str) -> Ordering:
    """Return an ordering, or up to three laid behind each other: ``-amount,age``.

    Each counts by its first key, the last by all of its own, so that every row has a
    place. Raises ``ValueError`` for a word that is no ordering, for the same one
    twice, and for what stands behind ``newest``, where no two rows are alike.
    """
    parts = name.split(",")
    plain = [part.lstrip("-") for part in parts]
    if not set(parts) <= set(ORDERINGS) or len(set(plain)) < len(plain):
        raise ValueError(name)
    if len(parts) > MOST_SORTS or "newest" in plain[:-1]:
        raise ValueError(name)
    first = tuple(ORDERINGS[part].keys[0] for part in parts[:-1])
    return Ordering(name, first + ORDERINGS[parts[-1]].keys)


def items_for(user: User) -> QuerySet[WorkItem]:
    """Return every item a person sees, with what a row of a list shows.

    Queue, facility, payer, claim and assignee come with the row; the clocks that
    still run come in one query more for the whole page, on ``running_clocks``.
    """
    return _with_relations(visible_to(user)).prefetch_related(with_running_clocks())


def _with_relations(rows: QuerySet[WorkItem]) -> QuerySet[WorkItem]:
    return rows.select_related("queue", "facility", "payer", "claim", "assignee")


_SHOWN = Statement(
    lambda: _with_relations(WorkItem.objects.all()).filter(
        visible_slots(), IsAny(F("pk"), Slot("items"))
    )
)
_RUNNING = Statement(
    lambda: ItemClock.objects.filter(RUNNING, IsAny(F("item_id"), Slot("items")))
)


def item_page(
    user: User,
    items: QuerySet[WorkItem],
    *,
    ordering: str = DEFAULT_ORDERING,
    cursor: str = "",
    size: int = SIZE,
) -> Page[WorkItem]:
    """Return one page of items a person sees, with what a row of a list shows.

    Three queries whatever the size: the keys, the rows, the clocks that still run;
    nothing is counted. ``ordering`` is one of ``ORDERINGS``: ``priority``, ``due``,
    ``age``, ``amount``, ``touched`` or ``newest``, with a leading minus from the top
    (``-age``: the oldest first), or several of them (``ordering_named``). Only priority
    has an index over all queues; the others read the active items of the queues asked
    for.
    """

    def read(keys: list[int]) -> list[WorkItem]:
        return rows_for(user, keys)

    named = ordering_named(ordering)
    return narrow_page(items, named, read, cursor=cursor, size=size)


def rows_for(user: User, item_ids: list[int]) -> list[WorkItem]:
    """Return those items a person sees as ``items_for`` does, in any order."""
    found = _SHOWN.rows(items=item_ids, **visible_values(user))
    clocks: dict[int, list[ItemClock]] = {item.pk: [] for item in found}
    for clock in _RUNNING.rows(items=list(clocks)):
        clocks[clock.item_id].append(clock)
    for item in found:
        item.running_clocks = clocks[item.pk]  # type: ignore[attr-defined]
    return found


def row_clocks(item: WorkItem) -> list[ClockView]:
    """Return the running clocks of a row of ``items_for``, what bites first ahead."""
    return views_of(item.running_clocks)  # type: ignore[attr-defined]


def bites_first(item: WorkItem) -> ClockView | None:
    """Return the clock of a row that bites first, if any runs."""
    return next(iter(row_clocks(item)), None)


# Conditions of lists. Each is one idea; filters and figures are made of them.


def active() -> Q:
    """Items that have not ended."""
    return ~Q(state__in=ENDED)


def in_queue(slug: str) -> Q:
    """Items of one queue, by its id: an index of items begins there."""
    return Q(queue_id=_id_of(Queue, slug))


def of_payer(slug: str) -> Q:
    """Items of one payer, by its id."""
    return Q(payer_id=_id_of(Payer, slug))


def at_facility(slug: str) -> Q:
    """Items of one facility, by its id."""
    return Q(facility_id=_id_of(Facility, slug))


def _id_of(model: type[Queue | Payer | Facility], slug: str) -> int:
    """Return the id behind a slug, 0 where there is none: no row has that."""
    return model.objects.filter(slug=slug).values_list("pk", flat=True).first() or 0


def in_states(states: Collection[str]) -> Q:
    """Items in one of the states, in a form that the indexes of active items serve."""
    wanted = Q(state__in=sorted(states))
    return wanted if set(states) & set(ENDED) else wanted & active()


ASSIGNEE_WORDS = ("me", "none", "me_or_none")


def assigned_to(user: User, word: str) -> Q:
    """Items by who holds them: ``me``, ``none``, ``me_or_none`` or a username."""
    mine, nobody = Q(assignee_id=user.pk), Q(assignee=None)
    known = {"me": mine, "none": nobody, "me_or_none": mine | nobody}
    return known.get(word, Q(assignee__username=word))


def not_overdue() -> Q:
    """Active items that are past no due moment."""
    return active() & Q(nearest_due__gte=now())


def overdue() -> Q:
    """Active items past a due moment of a clock that runs."""
    return active() & Q(nearest_due__lt=now())


def due_within(days: int) -> Q:
    """Active items with a clock that is due in the next days and not yet over."""
    span = (now(), now() + timedelta(days=days))
    return active() & (Q(internal_due_at__range=span) | Q(legal_due_at__range=span))


def deadline_within(days: int) -> Q:
    """Active items whose payer deadline comes in the next days and is not yet over.

    Asked of the rank, which is the deadline: the indexes in the order of Next hold it.
    """
    return active() & Q(due_rank__range=(now(), now() + timedelta(days=days)))


def untouched_for(days: int) -> Q:
    """Active items on which no person has worked for so many days.

    What work is stands with the words of acts (``trail_words.WORK``): being handed out,
    moved, released, prioritized or taken back is none.
    """
    return active() & Q(touched_at__lt=now() - timedelta(days=days))


def arrived_since(moment: datetime) -> Q:
    """Items that arrived at a moment or later."""
    return Q(opened_at__gte=moment)


def ended_since(moment: datetime) -> Q:
    """Items that were completed or cancelled at a moment or later."""
    return Q(completed_at__gte=moment)


def review_over() -> Q:
    """Items in review whose review should have been decided by now."""
    late = Review.objects.filter(item=OuterRef("pk"), decided_at=None, due_at__lt=now())
    return Q(Exists(late), state=State.IN_REVIEW)


def older_than(days: int) -> Q:
    """Items that arrived so many whole days ago, or longer."""
    return Q(opened_at__lte=now() - timedelta(days=days))


def no_older_than(days: int) -> Q:
    """Items that are not a whole day older than so many days."""
    return Q(opened_at__gt=now() - timedelta(days=days + 1))


def served_before(today: date, days: int) -> Q:
    """Items whose date of service lies so many days back, or longer."""
    return Q(service_on__lte=today - timedelta(days=days))


def served_since(today: date, days: int) -> Q:
    """Items whose date of service lies back so many days at most."""
    return Q(service_on__gte=today - timedelta(days=days))


def flagged(codes: Collection[str]) -> Q:
    """Items that carry one of these flags.

    That the list is not empty is said besides: the index of flags leaves the many items
    without one out.
    """
    any_of = Q(pk__in=[])
    for code in codes:
        any_of |= Q(flags__contains=[code])
    return ~Q(flags=[]) & any_of


def amount_from(dollars: Decimal) -> Q:
    """Items with so many dollars at stake, or more."""
    return Q(amount__gte=dollars)


def mine(user: User) -> QuerySet[WorkItem]:
    """Return the active items a person holds or is assigned, returned ones too."""
    return items_for(user).filter(active(), assignee_id=user.pk)


def in_hand(user: User, queue: Queue) -> int:
    """Return how many items of a queue the person holds against its limit."""
    return _held(user, [queue.pk]).get(queue.pk, 0)


def with_room(user: User, queues: Iterable[Queue]) -> list[int]:
    """Return the ids of the queues whose limit leaves the person room: one query."""
    queues = list(queues)
    held = _held(user, [queue.pk for queue in queues if queue.max_in_hand])
    return sorted(q.pk for q in queues if not full_hands(q, held.get(q.pk, 0)))


def _held(user: User, queue_ids: Sequence[int]) -> dict[int, int]:
    if not queue_ids:
        return {}
    mine = WorkItem.objects.filter(assignee=user, queue_id__in=queue_ids)
    counted = mine.filter(state__in=IN_HAND).values_list("queue_id")
    return dict(counted.annotate(Count("id")).order_by())
