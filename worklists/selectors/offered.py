"""What a person may do to an item now, and why not the rest.

The table and the policies joined, so buttons and the API's list of actions offer what
``services.perform`` accepts and refuse what it refuses, in its order: may they, then
is it legal in this state, then what the action itself asks of the item.
"""

from __future__ import annotations

from dataclasses import dataclass

from worklists import kinds, policies
from worklists.enums import Action, State
from worklists.errors import WrongState
from worklists.flags import clearable, settable
from worklists.models import Escalation, Review, User, WorkItem
from worklists.models.clocks import WAITING
from worklists.policies import Access
from worklists.selectors.access import access_of
from worklists.selectors.items import in_hand
from worklists.selectors.review_facts import approver_for
from worklists.statements import Slot, Statement


@dataclass(frozen=True, slots=True)
class Offer:
    """One action: allowed, or why not in a sentence with a stable code."""

    action: Action
    allowed: bool
    why_not: str = ""
    code: str = ""
    needs_reason: bool = False

    @property
    def name(self) -> str:
        """Return the word the API uses."""
        return self.action.value

    @property
    def label(self) -> str:
        """Return the word people read."""
        return str(self.action.label)


Refused = tuple[str, str]


def offered(item: WorkItem, user: User, *, review: Review | None = None) -> list[Offer]:
    """Return every action of the product for this item and person.

    ``item`` has its queue, the queue's team and clearance, and its assignee loaded;
    ``review`` is its open review where the caller has it already.
    """
    access = access_of(user)
    review = _waiting(item, review)
    workflow = kinds.get(item.kind).workflow
    offers = []
    for action in Action:
        refused = _refused(item, action, user, access, review)
        row = workflow.transition(action)
        offers.append(
            Offer(
                action,
                allowed=refused is None,
                code=refused[0] if refused else "",
                why_not=refused[1] if refused else "",
                needs_reason=bool(row and row.needs_reason)
                or (action == Action.APPROVE and bool(review and review.approver_role)),
            )
        )
    return offers


def _waiting(item: WorkItem, review: Review | None) -> Review | None:
    if item.state != State.IN_REVIEW:
        return None
    return review or Review.objects.filter(item=item, decided_at=None).first()


def _refused(
    item: WorkItem, action: Action, user: User, access: Access, review: Review | None
) -> Refused | None:
    workers = review.workers if review else ()
    classes = review.risk_classes if review else ()
    role = approver_for(action, item, review)
    barred = policies.barred(access, action, item, workers, classes, approver=role)
    if barred:
        return barred.code, barred.why
    try:
        kinds.get(item.kind).workflow.step(State(item.state), action)
    except WrongState as refusal:
        return refusal.code, refusal.detail
    if action == Action.CLAIM or (action == Action.RESUME and item.assignee == user):
        return _full_hands(item, user)
    if action == Action.ACKNOWLEDGE_ESCALATION:
        return _nothing_waits(item)
    return _no_flag(item, action)


_FLAGS = {
    Action.FLAG: (settable, "It carries every flag that people set."),
    Action.UNFLAG: (clearable, "It carries no flag that people set."),
}


def _no_flag(item: WorkItem, action: Action) -> Refused | None:
    if action not in _FLAGS:
        return None
    choices, why = _FLAGS[action]
    return None if choices(item.flags) else ("wrong_state", why)


def _full_hands(item: WorkItem, user: User) -> Refused | None:
    held = in_hand(user, item.queue) if item.queue.max_in_hand else 0
    barred = policies.full_hands(item.queue, held)
    return (barred.code, barred.why) if barred else None


_WAITING = Statement(
    lambda: Escalation.objects.filter(WAITING, item_id=Slot("item")).values_list(
        "pk", flat=True
    )[:1]
)


def _nothing_waits(item: WorkItem) -> Refused | None:
    if _WAITING.first(item=item.pk):
        return None
    return "wrong_state", "No escalation of this item waits for an answer."
