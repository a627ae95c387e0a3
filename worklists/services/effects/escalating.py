"""Calling for help, and answering a call."""

from __future__ import annotations

from worklists.context import now
from worklists.enums import Action
from worklists.errors import BadInput
from worklists.models import Escalation, LadderStep
from worklists.selectors.absences import Covers
from worklists.services import notices
from worklists.services.acts import Act, effect, refuse_state

Tell = LadderStep.Tell
LONGEST_ID = 18
OUTCOMES = {
    "worked": "Worked now",
    "reassigned": "Given to somebody else",
    "handed_on": "Handed on",
    "extended": "More time agreed with the payer",
    "accepted": "Accepted as it is",
}


@effect(Action.ESCALATE)
def escalate(act: Act) -> None:
    """A person calls lead, supervisor or manager; the call waits for an answer."""
    tell = act.option("tell") or Tell.LEAD
    called = {
        Tell.LEAD: act.item.queue.team.lead_id,
        Tell.MANAGER: act.item.queue.team.manager_id,
        Tell.SUPERVISOR: act.item.queue.supervisor_id,
    }
    if tell not in called:
        raise BadInput(
            f"“{tell}” cannot be called.",
            fields={"tell": ["Choose lead, supervisor or manager."]},
        )
    escalation = Escalation.objects.create(
        item=act.item,
        tell=tell,
        to_id=called[Tell(tell)],
        raised_by=act.actor,
        due_at=now(),
        fired_at=now(),
        needs_acknowledgement=True,
    )
    act.facts |= {"tell": str(tell), "escalation": escalation.pk}
    act.event = "item.escalated"
    act.after.append(lambda: _tell(act, escalation))


def _tell(act: Act, escalation: Escalation) -> None:
    """Tell whom the call names, and who stands in while they are away."""
    backup = Covers().backup_of(escalation.to_id)
    for user_id in (escalation.to_id, backup.pk if backup else None):
        notices.tell(
            user_id=user_id,
            code="escalated",
            item=act.item,
            facts={"by": str(act.actor or "the worker"), "escalation": escalation.pk},
            dedupe=notices.told_once(escalation),
            by_mail=True,
        )


@effect(Action.ACKNOWLEDGE_ESCALATION)
def acknowledge(act: Act) -> None:
    """A waiting escalation gets its answer: what was done, by whom, when."""
    outcome = act.option("outcome")
    if outcome not in OUTCOMES:
        raise BadInput(
            "Say what was done about the escalation.",
            fields={"outcome": [f"Choose one of {', '.join(OUTCOMES)}."]},
        )
    escalation = _waiting(act)
    escalation.acknowledged_by = act.actor
    escalation.acknowledged_at = now()
    escalation.outcome = outcome
    escalation.save(update_fields=["acknowledged_by", "acknowledged_at", "outcome"])
    act.facts |= {"escalation": escalation.pk, "outcome": outcome}
    act.event = "item.escalation_acknowledged"
    act.after.append(lambda: _settle(act, escalation))


def _settle(act: Act, escalation: Escalation) -> None:
    """Whoever was told of the call reads that it is answered; it waits for nobody."""
    notices.settle(
        item=act.item,
        dedupe=notices.told_once(escalation),
        facts={"answered_by": str(act.actor), "outcome": escalation.outcome},
    )


def _waiting(act: Act) -> Escalation:
    """Return the escalation meant: by number, else the one that waits longest."""
    waiting = act.item.escalations.select_for_update().filter(
        needs_acknowledgement=True, acknowledged_at=None
    )
    number = act.options.get("escalation")
    if number is not None:
        if not str(number).isdecimal() or len(str(number)) > LONGEST_ID:
            raise BadInput("An escalation is named by its number.")
        waiting = waiting.filter(pk=int(number))
    found = waiting.order_by("pk").first()
    if found is None:
        raise refuse_state(act.item, "No escalation of this item waits for an answer.")
    return found
