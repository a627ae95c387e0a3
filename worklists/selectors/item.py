"""One item with everything its page and its API answer show, read once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from worklists import kinds
from worklists.enums import ENDED, State
from worklists.errors import NotVisible
from worklists.evidence import Field, FileFact, Gap
from worklists.evidence import asked as ask
from worklists.evidence.fields import FILE_TYPES
from worklists.evidence.replies import Return, reply_fields
from worklists.evidence.shapes import is_empty
from worklists.models import (
    Answer,
    Attachment,
    Draft,
    Escalation,
    Review,
    User,
    WorkItem,
)
from worklists.review import Trigger
from worklists.selectors.access import visible_slots, visible_to, visible_values
from worklists.selectors.clock_views import ClockView, warned_views_of
from worklists.selectors.evidence import Asked, fields_of, newest_answers
from worklists.selectors.guidance import Offered, offered_to
from worklists.selectors.items import active
from worklists.selectors.offered import Offer, offered
from worklists.selectors.replies import waiting_return
from worklists.selectors.review_facts import review_ahead
from worklists.selectors.reviews import Returned, returns_of, reviews_of
from worklists.selectors.time_on_items import OwnTime, own_time
from worklists.statements import Slot, Statement

ALSO_SHOWN = 20
NOT_ASKED, OPTIONAL, COMPLETE = "not_asked", "optional", "complete"


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field of the form with its answer.

    ``status`` is ``complete``, ``missing``, ``not_accepted``, ``optional`` or
    ``not_asked`` (its condition does not hold now). ``required`` is what counts
    now. ``version`` is the answer's, 0 before the first. ``files`` are those added
    to it, ``citable`` the guidance a policy may cite.
    """

    field: Field
    value: Any
    version: int
    saved_at: datetime | None
    saved_by: str
    saved_name: str
    status: str
    message: str
    files: Sequence[Attachment]
    citable: Sequence[Offered] = ()

    @property
    def required(self) -> bool:
        """Return whether the item cannot be submitted without it now."""
        asked = self.status != NOT_ASKED
        return asked and (self.field.required or self.field.required_when is not None)


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item as its page shows it.

    ``clocks`` are sorted by which bites first; ``gaps`` is everything that keeps it
    from being submitted; ``review`` is the one that waits for a decision, ``reviews``
    all rounds, newest first; ``returned`` the reviewer's last words until
    they are answered; ``ahead`` the triggers that would fire if this person submitted it;
    ``own_time`` what they spent on it themselves;
    ``citable`` the guidance it may cite, None where its form asks for none.
    """

    item: WorkItem
    clocks: list[ClockView]
    asked: Asked
    fields: list[FieldView]
    gaps: list[Gap]
    done: int
    wanted: int
    review: Review | None
    reviews: list[Review]
    ahead: Sequence[Trigger]
    returned: Returned | None
    escalations: list[Escalation]
    draft: Draft | None
    attachments: list[Attachment]
    also_in: list[WorkItem]
    offers: list[Offer]
    own_time: OwnTime
    citable: Sequence[Offered] | None = None

    def guidance(self) -> Sequence[Offered]:
        """Return the guidance that counts for the item: one query where no form asked."""
        return offered_to(self.item) if self.citable is None else self.citable

    @property
    def newest_review(self) -> Review | None:
        """Return the review that waits, else the newest that was decided."""
        return self.review or next(iter(self.reviews), None)

    def offer(self, action: str) -> Offer:
        """Return the offer of one action."""
        return next(offer for offer in self.offers if offer.name == action)


def item_for(user: User, item_id: int) -> WorkItem:
    """Return one item a person sees, with its queue and people, or ``NotVisible``."""
    item = _ITEM.first(item=item_id, **visible_values(user))
    if item is None:
        raise NotVisible("There is no such item among the ones you can see.")
    return item


_ITEM = Statement(
    lambda: WorkItem.objects.select_related(
        *("queue__team__lead", "queue__supervisor", "queue__clearance"),
        *("queue__review_policy", "facility", "payer", "claim", "assignee", "template"),
    ).filter(visible_slots(), pk=Slot("item"))
)


def item_view(user: User, item_id: int) -> ItemView:
    """Return everything about one item a person sees, or raise ``NotVisible``.

    A fixed number of queries whatever the item holds. Opening an item is a read the
    trail keeps: the caller records it (``services.reading``).
    """
    item = item_for(user, item_id)
    answers = {row.field: row for row in newest_answers(item.pk)}
    attachments = attachments_of(item.pk)
    reviews = reviews_of(item.pk)
    back = None if item.state in ENDED else waiting_return(reviews)
    asked = _asked(item, answers, attachments, back)
    gaps = asked.gaps()
    done, wanted = asked.progress()
    open_review = next((r for r in reviews if r.decided_at is None), None)
    cites = any(field.type == "policy" for field in asked.fields)
    citable = offered_to(item) if cites else None
    draft = draft_of(user, item.pk)
    typed = asked.with_answers(draft.answers if draft else {})
    return ItemView(
        item=item,
        clocks=warned_views_of(item.clocks.all()),
        asked=asked,
        fields=_field_views(asked, gaps, answers, attachments, citable or ()),
        gaps=gaps,
        done=done,
        wanted=wanted,
        review=open_review,
        reviews=reviews,
        ahead=review_ahead(item, user, typed),
        returned=_returned(item, asked.back),
        escalations=_escalations(item),
        draft=draft,
        attachments=attachments,
        also_in=also_in(user, item),
        offers=offered(item, user, review=open_review),
        own_time=own_time(user, item.pk),
        citable=citable,
    )


def _asked(
    item: WorkItem,
    answers: Mapping[str, Answer],
    attachments: Sequence[Attachment],
    back: Return | None,
) -> Asked:
    files: dict[str, list[FileFact]] = {}
    for row in attachments:
        fact = FileFact(page=row.page, page_count=row.page_count)
        files.setdefault(row.field, []).append(fact)
    return Asked(
        (*fields_of(item.template_id), *reply_fields(answers, back)),
        {name: row.value for name, row in answers.items()},
        files,
        tuple(kinds.get(item.kind).parts(item)),
        served_on=item.service_on,
        back=back,
    )


def _field_views(
    asked: Asked,
    gaps: Sequence[Gap],
    answers: Mapping[str, Answer],
    attachments: Sequence[Attachment],
    citable: Sequence[Offered],
) -> list[FieldView]:
    gap_of = {gap.field: gap for gap in gaps}
    now_asked = {f.name for f in ask(asked.fields, asked.answers, asked.parts)}
    views = []
    for field in asked.expanded:
        row, gap = answers.get(field.name), gap_of.get(field.name)
        files = [file for file in attachments if file.field == field.name]
        views.append(
            FieldView(
                field=field,
                value=row.value if row else None,
                version=row.version if row else 0,
                saved_at=row.saved_at if row else None,
                saved_by=row.saved_by.username if row else "",
                saved_name=str(row.saved_by) if row else "",
                status=gap.code if gap else _status(field, asked, now_asked),
                message=gap.message if gap else "",
                files=files,
                citable=citable if field.type == "policy" else (),
            )
        )
    return views


def _status(field: Field, asked: Asked, now_asked: Collection[str]) -> str:
    """Return how a field without a gap stands."""
    if field.name not in now_asked:
        return NOT_ASKED
    if field.type in FILE_TYPES:
        return COMPLETE if asked.files.get(field.name) else OPTIONAL
    return OPTIONAL if is_empty(asked.answers.get(field.name)) else COMPLETE


def draft_of(user: User, item_id: int) -> Draft | None:
    """Return what a person typed into an item and did not save."""
    return _DRAFT.first(item=item_id, user=user.pk)


_DRAFT = Statement(
    lambda: Draft.objects.filter(item_id=Slot("item"), user_id=Slot("user"))
)


def attachments_of(item_id: int) -> list[Attachment]:
    """Return the files in use on an item, in the order they were added."""
    return _FILES.rows(item=item_id)


_FILES = Statement(
    lambda: Attachment.objects.select_related("added_by").filter(
        item_id=Slot("item"), removed_at=None
    )
)


def attachment_for(user: User, item_id: int, attachment_id: int) -> Attachment:
    """Return a file of an item the person sees, also a removed one."""
    rows = Attachment.objects.select_related("item").filter(pk=attachment_id)
    found = rows.filter(item_id=item_id, item__in=visible_to(user)).first()
    if found is None:
        raise NotVisible("There is no such file among the ones you can see.")
    return found


def _returned(item: WorkItem, back: Return | None) -> Returned | None:
    if back is None or item.state == State.IN_REVIEW:
        return None
    return returns_of([item])[0]


def _escalations(item: WorkItem) -> list[Escalation]:
    return _ESCALATIONS.rows(item=item.pk)


_ESCALATIONS = Statement(
    lambda: Escalation.objects.select_related(
        "to", "raised_by", "acknowledged_by", "clock"
    ).filter(item_id=Slot("item"))
)


def also_in(user: User, item: WorkItem) -> list[WorkItem]:
    """Return other active items of the same claim that the person sees."""
    if item.claim_id is None:
        return []
    seen = visible_values(user)
    return _OF_CLAIM.rows(claim=item.claim_id, item=item.pk, **seen)


_OF_CLAIM = Statement(
    lambda: (
        WorkItem.objects.select_related("queue")
        .filter(visible_slots(), active(), ~Q(pk=Slot("item")), claim_id=Slot("claim"))
        .order_by("pk")[:ALSO_SHOWN]
    )
)
