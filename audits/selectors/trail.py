"""The trail as people read it: scoped, filtered, worded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from audits.selectors.seals import seals_of
from audits.selectors.subject_names import subject_names, subject_pages
from worklists import policies
from worklists.enums import State
from worklists.errors import BadInput, NotVisible
from worklists.event_words import sentence
from worklists.models import Committed, Event, User, WorkItem
from worklists.selectors.access import access_of, claims_for, visible_to
from worklists.selectors.event_names import Named, named
from worklists.selectors.item_trail import is_late
from worklists.selectors.said_words import set_up_words, words_for
from worklists.trail_words import SOURCES

LONGEST_ID = 18
SUBJECTS = (
    *("item", "claim", "user", "batch", "profile", "rule", "site"),
    *("bulk_act", "absence", "guidance"),
    # What stands in set-up alone.
    *("team", "payer", "facility", "clearance", "pendreason", "banner"),
    "businesscalendar",
)


def parse_subject(text: str) -> tuple[str, int]:
    """Return kind and id of ``item:1``; anything else is ``BadInput``."""
    kind, _, number = text.partition(":")
    if kind not in SUBJECTS or not number.isdecimal() or len(number) > LONGEST_ID:
        raise BadInput(
            f"“{text[:40]}” is no subject. Write item:1, claim:1, user:1 or batch:1.",
            fields={"subject": ["Write item:1, claim:1, user:1 or batch:1."]},
        )
    return kind, int(number)


def events_for(user: User) -> QuerySet[Event]:
    """Return the events a person may search: auditors and managers, of their sites.

    Log-ins and other acts of no facility are shown too. Everybody else reads the
    trail of one item at a time, through ``events_of``.
    """
    access = access_of(user)
    refusal = policies.may_read_trail(access)
    if refusal:
        raise refusal.error()
    mine = Q(facility_id__in=access.facilities) | Q(facility_id=None)
    return Event.objects.filter(mine).order_by("-id")


def events_of(user: User, subject: str) -> QuerySet[Event]:
    """Return the events of one subject, newest first.

    An item's are its own chain and every read of it; a claim's include its items'.
    Raises ``NotVisible`` when the person does not see the subject.
    """
    kind, number = parse_subject(subject)
    if kind == "item":
        return Event.objects.filter(_about_items(_seen_items(user, [number]))).order_by(
            "-id"
        )
    if kind == "claim":
        return _of_claim(user, number)
    found = events_for(user).filter(
        Q(subject_kind=kind, subject_id=number) | Q(object_kind=kind, object_id=number)
    )
    if not found.exists():
        raise NotVisible(f"There is no trail of {subject} for you.")
    return found


def _seen_items(user: User, ids: Iterable[int]) -> list[int]:
    found = list(visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
    if not found:
        raise NotVisible("There is no such item among the ones you can see.")
    return found


def _of_claim(user: User, number: int) -> QuerySet[Event]:
    if not claims_for(user).filter(pk=number).exists():
        raise NotVisible("There is no such claim among the ones you can see.")
    items = visible_to(user).filter(claim_id=number).values_list("pk", flat=True)
    own = Q(subject_kind="claim", subject_id=number)
    about = Q(object_kind="claim", object_id=number)
    return Event.objects.filter(own | about | _about_items(list(items))).order_by("-id")


def _about_items(ids: list[int]) -> Q:
    return Q(subject_kind="item", subject_id__in=ids) | Q(
        object_kind="item", object_id__in=ids
    )


@dataclass(frozen=True)
class Line:
    """One event with what belongs to it."""

    event: Event
    item: WorkItem | None
    reason: Committed | None
    seal: int | None = None

    @property
    def subject(self) -> str:
        """Return the item's number, or the subject as it is written."""
        if self.item is not None:
            return self.item.number
        return f"{self.event.subject_kind}:{self.event.subject_id}"

    @property
    def about(self) -> tuple[str, int]:
        """Return what the event is about: the object of a read, else its subject."""
        if self.event.object_kind and self.event.subject_kind == "user":
            return self.event.object_kind, self.event.object_id or 0
        return self.event.subject_kind, self.event.subject_id

    @property
    def shown_as(self) -> str:
        """Return what the event is about as it is written: ``batch:26``."""
        kind, number = self.about
        return f"{kind}:{number}"

    @property
    def opens(self) -> str:
        """Return the subject whose trail the event leads to, empty where none does."""
        return self.shown_as if self.about[0] in SUBJECTS else ""

    @property
    def move(self) -> tuple[str, str]:
        """Return the labels of the states before and after, when they differ."""
        before, after = self.event.from_state, self.event.to_state
        if before == after or not after:
            return "", ""
        return (State(before).label if before else ""), State(after).label

    @property
    def late(self) -> bool:
        """Return whether the two times differ by more than five minutes."""
        return is_late(self.event)

    @property
    def is_read(self) -> bool:
        """Return whether somebody only read."""
        return self.event.action.startswith(("read.", "search.", "export."))

    @property
    def short_hash(self) -> str:
        """Return the first and last digits of the event's hash."""
        text = bytes(self.event.hash).hex()
        return f"{text[:4]}…{text[-4:]}"


@dataclass(frozen=True, slots=True)
class Told:
    """A line as a page tells it: who and about what by name, what in a sentence."""

    line: Line
    named: Named
    about: str
    page: str = ""

    @property
    def words(self) -> str:
        """Return what was done, in a sentence with names."""
        return sentence(self.line.event.action, self.named.facts)

    @property
    def came_through(self) -> str:
        """Return through what it came in, in words."""
        return SOURCES.get(self.line.event.source, self.line.event.source)


def told(reader: User, events: Iterable[Event]) -> list[Told]:
    """Return a page of events in words for a reader: eight queries at most more than ``lines``."""
    page = list(events)
    found = lines(reader, page)
    abouts = {line.about for line in found if line.item is None}
    names, pages = subject_names(abouts), subject_pages(reader, abouts)
    return [
        Told(line, one, names.get(line.about, line.subject), pages.get(line.about, ""))
        for line, one in zip(found, named(page), strict=True)
    ]


def lines(reader: User, events: Iterable[Event]) -> list[Line]:
    """Return a page of events with the words that belong to them and a reader may read.

    Three queries, whatever the number of events, and one for each kind of rule there.
    """
    page = list(events)
    ids = {
        i
        for e in page
        for i in (
            e.subject_id if e.subject_kind == "item" else None,
            e.object_id if e.object_kind == "item" else None,
        )
        if i is not None
    }
    items = {i.pk: i for i in WorkItem.objects.filter(pk__in=ids).only("id", "kind")}
    said = {
        (r.item_id, r.seq): r
        for r in words_for(reader).filter(item_id__in=ids, redacted_at=None)
    }
    set_up = set_up_words(page)
    sealed = seals_of(event.pk for event in page)
    return [
        _line(event, items, said.get(_key(event)) or set_up.get(event.pk), sealed)
        for event in page
    ]


def _key(event: Event) -> tuple[int, int]:
    own = event.subject_id if event.subject_kind == "item" else 0
    return own, event.seq


def _line(
    event: Event,
    items: Mapping[int, WorkItem],
    reason: Committed | None,
    sealed: Mapping[int, int],
) -> Line:
    own = event.subject_id if event.subject_kind == "item" else None
    about = event.object_id if event.object_kind == "item" else None
    return Line(event, items.get(own or about or 0), reason, sealed.get(event.pk))
