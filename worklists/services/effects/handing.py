"""Taking, releasing, assigning and moving an item."""

from __future__ import annotations

from datetime import datetime

from worklists import clocks as business_time
from worklists import kinds, policies
from worklists.context import now
from worklists.enums import POOL, Action, State
from worklists.errors import BadInput, NotPermitted
from worklists.models import Queue, User, WorkItem
from worklists.selectors.access import access_of
from worklists.selectors.calendars import calendar_of
from worklists.selectors.items import in_hand
from worklists.selectors.people import away_today
from worklists.services import clocks, notices, progress, reviewing
from worklists.services.acts import Act, carry_out, effect
from worklists.services.locks import hold_person
from worklists.templatetags.wording import day

UNCLEARED = "clearance"
LACKING = "Its holder does not hold the clearance any more."


@effect(Action.CLAIM)
def claim(act: Act) -> None:
    """The item is the person's own from now on, within the queue's limit."""
    actor = _person(act)
    refuse_full_hands(actor, act.item.queue)
    hand_over(act.item, actor)
    act.event = "item.claimed"


def hand_over(item: WorkItem, to: User) -> None:
    """Lock the item to a person and say when it is released again unworked."""
    item.assignee = to
    item.handed_at = now()
    item.wake_at = release_moment(item)


def release_moment(item: WorkItem) -> datetime | None:
    """Return when an untouched item goes back, or None where it never does.

    A returned item is its coder's own to mend and waits for them.
    """
    hours = item.queue.release_after_hours
    if not hours or item.state == State.RETURNED:
        return None
    return business_time.add_business_hours(now(), hours, calendar_of(item.facility_id))


def refuse_full_hands(actor: User, queue: Queue) -> None:
    """A queue with a limit gives nobody more than it."""
    if not queue.max_in_hand:
        return
    hold_person(actor)  # so that each of their takings is counted
    barred = policies.full_hands(queue, in_hand(actor, queue))
    if barred:
        raise barred.error()


def _person(act: Act) -> User:
    if act.actor is None:
        raise BadInput("A person takes items; the worker does not.")
    return act.actor


@effect(Action.RELEASE)
def release(act: Act) -> None:
    """The item goes back to the queue, open to everybody cleared.

    The worker says ``to`` the pool where it hands on work of somebody who is away; else
    it releases what lay idle.
    """
    act.facts["was_with"] = act.item.assignee.username if act.item.assignee else None
    act.item.assignee = None
    act.item.handed_at = None
    act.item.wake_at = None
    handed_on = act.actor is None and act.option("to") == POOL
    if handed_on:
        act.facts["to"] = POOL
    act.event = "item.released" if act.actor or handed_on else "item.auto_released"
    _uncleared(act)


def pass_back(item: WorkItem) -> None:
    """Put an item back that just came to somebody without the clearance it needs.

    A deferral ended after their clearance did. Part of the act that brought it, whoever
    acted.
    """
    holder = item.assignee
    if holder is None or policies.cleared(access_of(holder), item.queue):
        return
    action = Action.ASSIGN if item.state == State.OPEN else Action.RELEASE
    row = kinds.get(item.kind).workflow.step(State(item.state), action)
    options = {"to": POOL, "because": UNCLEARED}
    carry_out(Act(item, action, None, row, reason=LACKING, options=options))


def _uncleared(act: Act) -> None:
    """Name the worker's act by its cause where the holder lacks the clearance."""
    if act.actor is None and act.option("because") == UNCLEARED:
        act.event = "item.clearance_ended"


@effect(Action.ASSIGN)
def assign(act: Act) -> None:
    """The item becomes another person's, who must be able to work it.

    Of somebody who is away today it takes the option ``even_away``.
    """
    item, name = act.item, act.option("to")
    act.facts["was_with"] = item.assignee.username if item.assignee else None
    act.event = "item.assigned"
    if name == POOL:
        _to_pool(act)
        _uncleared(act)
        return
    person = eligible(item, name)
    _refuse_unaware(act, person)
    item.assignee = person
    item.handed_at = None if item.state in {State.OPEN, State.RETURNED} else now()
    if item.state == State.IN_PROGRESS:
        item.wake_at = release_moment(item)  # the new holder's own time begins
    act.facts["to"] = person.username
    act.after.append(lambda: _tell(act, person))


def _refuse_unaware(act: Act, person: User) -> None:
    """A person gives work to somebody who is away only by saying so."""
    if act.actor is None or act.option("even_away"):
        return
    absence = away_today([person.pk]).get(person.pk)
    if absence is not None:
        raise NotPermitted(
            f"{person} is away until {day(absence.ends_on)}; {absence.stands_in} "
            "stands in. Name somebody else, or say that it is meant.",
            code="away",
        )


def _to_pool(act: Act) -> None:
    if act.item.state != State.OPEN:
        raise BadInput("Only an open item goes to the pool; release this one instead.")
    act.item.assignee = None
    act.facts["to"] = POOL


def eligible(item: WorkItem, username: str) -> User:
    """Return the person who can be given this item, or say why they cannot."""
    person = User.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise BadInput(
            f"There is no active person “{username}”.",
            fields={"to": ["Name an active person or “pool”."]},
        )
    barred = ineligible(item, person)
    if barred:
        raise barred.error()
    return person


def ineligible(item: WorkItem, person: User) -> policies.Barred | None:
    """Return why a person cannot be given the item, or None."""
    access = access_of(person)
    return policies.may_be_given(
        item,
        person,
        there=item.facility_id in access.facilities,
        works=item.queue_id in access.work,
        cleared=policies.cleared(access, item.queue),
    )


def _tell(act: Act, person: User) -> None:
    if act.actor == person:
        return
    notices.tell(
        user_id=person.pk,
        code="assigned",
        item=act.item,
        facts={"by": str(act.actor or "the worker")},
        dedupe=f"assigned:{act.item.pk}:{act.item.version}",
    )


@effect(Action.REROUTE)
def reroute(act: Act) -> None:
    """The item goes to another queue of its kind, open, under that queue's form and
    review policy.

    Its internal clock runs on: moving an item does not buy time.
    """
    item, slug = act.item, act.option("queue")
    queue = _queue(item, slug)
    act.facts["from_queue"] = item.queue.slug
    act.facts["to_queue"] = queue.slug
    if item.assignee:
        act.facts["was_with"] = item.assignee.username
    clocks.resume_internal(item)
    item.queue = queue
    item.template = queue.template
    item.assignee = None
    item.handed_at = None
    item.wake_at = None
    item.pend_reason = ""
    item.why_here = {"by": "hand", "words": f"moved by {act.actor or 'the worker'}"}
    item.review_because = reviewing.foreseen(item)
    progress.count(item)
    act.event = "item.rerouted"


def _queue(item: WorkItem, slug: str) -> Queue:
    queues = Queue.objects.select_related(
        "template", "team", "clearance", "review_policy"
    )
    queue = queues.filter(slug=slug, kind=item.kind, is_active=True).first()
    if queue is None or queue.pk == item.queue_id:
        raise BadInput(
            f"“{slug}” is not another active queue for this kind of work.",
            fields={"queue": ["Name another queue of this kind."]},
        )
    return queue
