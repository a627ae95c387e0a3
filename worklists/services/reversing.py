"""Taking back what the system did to an item: a person's ordinary act, with a reason.

Each is done once, and only while nothing happened to the item since: then the person
acts on the item as it stands. The event names the one it reverses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from worklists import policies
from worklists.enums import Action, State
from worklists.errors import BadInput, NotVisible, WrongState
from worklists.models import Event, User, WorkItem
from worklists.selectors.access import access_of
from worklists.selectors.automatic_acts import Standing, standing_of
from worklists.services.acts import Act, carry_out, clean_reason, write
from worklists.services.opening_anew import open_anew
from worklists.services.perform import lock_item, prepare
from worklists.task_classes import (
    DEFER,
    GIVE_BACK,
    OPEN_ANEW,
    REVERSES,
    TaskAct,
    act_of,
)
from worklists.workflow import Transition

_ANEW = Transition(Action.REOPEN, (State.CANCELLED,))


@dataclass(frozen=True, slots=True)
class Reversed:
    """The item that a person acts on from now on, and in which act."""

    item: WorkItem
    act: TaskAct


@dataclass(frozen=True, slots=True)
class _Asked:
    event: Event
    facts: Mapping[str, Any]
    act: TaskAct
    actor: User
    reason: str
    until: str

    @property
    def names(self) -> dict[str, Any]:
        return {"seq": self.event.seq, "act": self.act.code}


def reverse(*, actor: User, event_id: int, reason: str, until: str = "") -> Reversed:
    """Take back one act of the system, as an act of the person on the item.

    An item that was released or handed over goes back to who held it; one that came
    back is deferred again ``until`` a day; the work of a cancelled one is opened anew,
    since cancelled is final. Effects: the act's own, and its event says what it
    ``reverses``. Refuses no reason, an act that is no automatic one on an item the
    person sees, one that cannot sensibly be taken back, one that was reversed already
    or whose item went on, and whatever the person may not do by hand.
    """
    words = clean_reason(reason)
    if not words:
        why = "Say why, in a sentence."
        raise BadInput(why, fields={"reason": [why]})
    event = Event.objects.filter(pk=event_id, subject_kind="item", actor=None).first()
    act = act_of(event.action) if event else None
    if event is None or act is None:
        raise NotVisible("There is no such act of the system for you.")
    with transaction.atomic():
        item = lock_item(event.subject_id, actor)
        if act.back not in _BACK:
            raise WrongState(
                f"This is not reversed here. {act.reversal}", code="not_reversible"
            )
        _refuse_past(standing_of(event, item), act)
        asked = _Asked(event, json.loads(event.facts), act, actor, words, until)
        return Reversed(_BACK[act.back](asked, item), act)


def _refuse_past(standing: Standing, act: TaskAct) -> None:
    if standing.reversed_by:
        raise WrongState(
            f"It was reversed already: {standing.words}.", code="reversed_already"
        )
    if standing.went_on:
        raise WrongState(
            f"The item went on since: {standing.words}. Open it and act on it as it "
            f"stands. {act.reversal}",
            code="went_on",
        )


def _do(asked: _Asked, item: WorkItem, action: Action, **options: Any) -> WorkItem:
    act = prepare(
        item,
        action,
        asked.actor,
        item.version,
        reason=asked.reason,
        options=options,
    )
    act.facts[REVERSES] = asked.names
    carry_out(act)
    return item


def _give_back(asked: _Asked, item: WorkItem) -> WorkItem:
    """Whoever held it has it again, also while they are away: it is meant."""
    held = asked.facts.get("was_with")
    if not held:
        raise WrongState(
            "Nobody held it. Assign it to somebody.", code="not_reversible"
        )
    return _do(asked, item, Action.ASSIGN, to=held, even_away="yes")


def _defer(asked: _Asked, item: WorkItem) -> WorkItem:
    """It rests again, for the reason it rested before."""
    before = Event.objects.filter(
        subject_kind="item",
        subject_id=item.pk,
        seq__lt=asked.event.seq,
        action="item.pended",
    )
    last = before.order_by("-seq").first()
    code = json.loads(last.facts).get("code", "later") if last else "later"
    return _do(asked, item, Action.PEND, until=asked.until, reason_code=code)


def _open_anew(asked: _Asked, item: WorkItem) -> WorkItem:
    barred = policies.may_reopen(access_of(asked.actor), item)
    if barred:
        raise barred.error()
    fresh = open_anew(item, asked.actor)
    act = Act(item, Action.REOPEN, asked.actor, _ANEW, asked.reason)
    act.event = "item.opened_anew"
    act.facts = {"item": fresh.pk, REVERSES: asked.names}
    write(act, State.CANCELLED)
    return fresh


_BACK: dict[str, Callable[[_Asked, WorkItem], WorkItem]] = {
    GIVE_BACK: _give_back,
    DEFER: _defer,
    OPEN_ANEW: _open_anew,
}
