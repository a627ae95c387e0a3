"""What the start page says besides the lists: feedback, own days, recent decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from worklists.context import now
from worklists.enums import ReviewOutcome, State
from worklists.models import Event, Reason, Review, User, WorkItem
from worklists.selectors.access import access_of, today_of, visible_to
from worklists.selectors.evidence import labels_of
from worklists.selectors.items import items_for, mine

FEEDBACK = 5
RECENT = 10
DECIDED = (
    "item.approved",
    "item.fixed_and_approved",
    "item.rejected",
    "item.returned",
    "item.submitted",
    "item.cancelled",
)
TAUGHT = (ReviewOutcome.FIXED, ReviewOutcome.RETURNED, ReviewOutcome.REJECTED)
BITES = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a senior decided about a person's submission, in their words if any."""

    review: Review
    words: str | None

    @property
    def changed(self) -> str:
        """Return which answers the senior changed, as the form calls them."""
        form = self.review.template_id or self.review.item.template_id
        labels = labels_of(form)
        names = (name.partition(".")[0] for name in self.review.changes)
        return ", ".join(dict.fromkeys(labels.get(name, name) for name in names))


def feedback_on(user: User, *, limit: int = FEEDBACK) -> list[Feedback]:
    """Return the newest decisions on a person's submissions: two queries."""
    rows = Review.objects.select_related("item", "reviewer").filter(
        submitted_by=user, decided_at__isnull=False, reviewer__isnull=False
    )
    rows = rows.filter(item__in=visible_to(user))
    reviews = list(rows.order_by("-decided_at")[:limit])
    words = _words_of(reviews)
    return [Feedback(r, words.get((r.item_id, r.decided_at))) for r in reviews]


def _words_of(
    reviews: Sequence[Review],
) -> dict[tuple[int, datetime | None], str | None]:
    """A review's words are the first its reviewer said from its decision on."""
    items = [review.item_id for review in reviews if review.outcome in TAUGHT]
    rows = Reason.objects.filter(
        item_id__in=items,
        action__in=("item.fixed_and_approved", "item.returned", "item.rejected"),
    )
    said = list(rows.order_by("seq"))
    found = {}
    for review in reviews:
        row = next((row for row in said if _belongs(row, review)), None)
        if row is not None and review.outcome in TAUGHT:
            found[review.item_id, review.decided_at] = row.value
    return found


def _belongs(row: Reason, review: Review) -> bool:
    same = (row.item_id, row.said_by_id) == (review.item_id, review.reviewer_id)
    return same and review.decided_at is not None and row.said_at >= review.decided_at


@dataclass(frozen=True, slots=True)
class Day:
    """A person's work day in counts: submitted, and what seniors decided of theirs."""

    on: date
    submitted: int
    approved: int
    returned: int

    @property
    def counts(self) -> tuple[int, int, int]:
        """Return the three counts."""
        return self.submitted, self.approved, self.returned


LOOKED_BACK = timedelta(days=10)


def days_of(user: User) -> list[Day]:
    """Return the last day before today on which a person submitted, none of more than
    ten days ago, and today where there is anything of it: in their own time zone."""
    today = today_of(user)
    midnight = datetime.combine(today, time(), ZoneInfo(user.time_zone))
    before = _submitted(user, midnight - LOOKED_BACK, midnight)
    last = before.order_by("-occurred_at").values_list("occurred_at", flat=True).first()
    days = [today]
    if last is not None:
        days.insert(0, last.astimezone(ZoneInfo(user.time_zone)).date())
    return [day for on in days if any((day := _day(user, on)).counts)]


def _day(user: User, on: date) -> Day:
    zone = ZoneInfo(user.time_zone)
    start = datetime.combine(on, time(), zone)
    end = datetime.combine(on + timedelta(days=1), time(), zone)
    decided = Review.objects.filter(submitted_by=user, decided_at__range=(start, end))
    counts = decided.aggregate(
        approved=Count(
            "pk", filter=Q(outcome__in=(ReviewOutcome.APPROVED, ReviewOutcome.FIXED))
        ),
        returned=Count("pk", filter=Q(outcome=ReviewOutcome.RETURNED)),
    )
    submitted = _submitted(user, start, end).count()
    return Day(on, submitted, counts["approved"], counts["returned"])


def _submitted(user: User, start: datetime, end: datetime) -> QuerySet[Event]:
    rows = Event.objects.filter(
        actor=user, action="item.submitted", occurred_at__range=(start, end)
    )
    # Nothing is recorded before it occurs: older quarters are not looked into.
    return rows.filter(recorded_at__gte=start - timedelta(minutes=5))


def pressing(user: User) -> tuple[int, int]:
    """Return how many of a person's items are overdue, and due by tomorrow.

    What a senior looks at is not theirs to hasten.
    """
    at = now()
    over = Q(internal_due_at__lt=at) | Q(legal_due_at__lt=at)
    soon = Q(legal_due_at__range=(at, at + BITES)) | Q(
        internal_due_at__range=(at, at + BITES)
    )
    counts = (
        mine(user)
        .exclude(state=State.IN_REVIEW)
        .order_by()
        .aggregate(over=Count("pk", filter=over), soon=Count("pk", filter=~over & soon))
    )
    return counts["over"], counts["soon"]


def bites_first(user: User) -> WorkItem | None:
    """Return the one of a person's items that bites first, if it does by tomorrow.

    Also what was returned to them; what a senior looks at is not theirs to hasten.
    """
    rows = mine(user).exclude(state=State.IN_REVIEW).order_by("nearest_due", "pk")
    return rows.filter(nearest_due__lt=now() + BITES).first()


def recent_decisions(
    user: User, *, limit: int = RECENT
) -> list[tuple[Event, WorkItem]]:
    """Return the newest decisions in the queues and facilities a person sees.

    The newest are those that happened last, which is what the list says of each.
    """
    access = access_of(user)
    events = list(
        Event.objects.filter(
            subject_kind="item",
            action__in=DECIDED,
            queue_id__in=access.visible,
            facility_id__in=access.facilities,
        ).order_by("-occurred_at", "-id")[:limit]
    )
    items = {
        i.pk: i for i in items_for(user).filter(pk__in=[e.subject_id for e in events])
    }
    return [(e, items[e.subject_id]) for e in events if e.subject_id in items]
