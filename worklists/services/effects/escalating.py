"""Calling for help, and answering a call."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import Exists, F, OuterRef

from worklists.context import now
from worklists.enums import ENDED, Action
from worklists.errors import BadInput
from worklists.models import Escalation, Event, LadderStep, User
from worklists.models.clocks import WAITING
from worklists.selectors.absences import Covers
from worklists.services import notices
from worklists.services.acts import Act, effect, refuse_state
from worklists.statements import IsAny

Tell = LadderStep.Tell
LONGEST_ID = 18
ANSWERED = "item.escalation_acknowledged"
OUTCOMES = {
    "worked": "Worked now",
    "reassigned": "Given to somebody else",
    "handed_on": "Handed on outside this team",
    "extended": "More time agreed with the payer",
    "accepted": "Accepted as it is",
}

GIVEN = "reassigned"
GIVEN_BY = (
    *("item.claimed", "item.handed", "item.assigned"),
    *("item.rerouted", "item.returned"),
)
NOT_GIVEN = (
    "Nobody was given it since the call. Assign it or move it first, or say what was "
    "done instead."
)


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
            dedupe=notices.told_once(escalation.pk),
            by_mail=True,
        )


@effect(Action.ACKNOWLEDGE_ESCALATION)
def acknowledge(act: Act) -> None:
    """A waiting escalation gets its answer: what was done, by whom, when."""
    outcome = known_outcome(act.option("outcome"))
    escalation = _waiting(act)
    if untrue(outcome, [escalation.pk]):
        raise BadInput(NOT_GIVEN, fields={"outcome": [NOT_GIVEN]})
    act.facts |= answer_facts(escalation.pk, outcome)
    act.event = ANSWERED
    act.after.append(
        lambda: record_answers({escalation.pk: act.item.pk}, act.actor, outcome)
    )


def known_outcome(outcome: str) -> str:
    """Return what was done about an escalation, or refuse what is none of these."""
    if outcome not in OUTCOMES:
        raise BadInput(
            "Say what was done about the escalation.",
            fields={"outcome": [f"Choose one of {', '.join(OUTCOMES)}."]},
        )
    return outcome


def untrue(outcome: str, calls: Collection[int]) -> set[int]:
    """Return the escalations of which the answer is not so: that the item was given to
    somebody else, where nobody took or got it since the call and it has not ended."""
    if outcome != GIVEN:
        return set()
    since = Event.objects.filter(
        subject_kind="item",
        subject_id=OuterRef("item_id"),
        action__in=GIVEN_BY,
        occurred_at__gte=OuterRef("fired_at"),
    )
    rows = Escalation.objects.filter(~Exists(since), IsAny(F("pk"), sorted(calls)))
    return set(rows.exclude(item__state__in=ENDED).values_list("pk", flat=True))


def answer_facts(escalation_id: int, outcome: str) -> dict[str, int | str]:
    """Return what the item's event says of one answer."""
    return {"escalation": escalation_id, "outcome": outcome}


def record_answers(calls: Mapping[int, int], actor: User | None, outcome: str) -> None:
    """Write one answer for waiting escalations, each named with its item.

    The caller holds the items. Whoever was told of one reads that it is answered; it
    waits for nobody.
    """
    Escalation.objects.filter(pk__in=calls.keys()).update(
        acknowledged_by=actor, acknowledged_at=now(), outcome=outcome
    )
    notices.settle(
        items=calls.values(),
        dedupes=[notices.told_once(pk) for pk in calls],
        facts={"answered_by": str(actor), "outcome": outcome},
    )


def _stands_for(act: Act, call: int) -> int:
    """Return the call that is answered for one: the later one that it joined, if any."""
    later = dict(act.item.escalations.values_list("pk", "joined_to"))
    for _ in later:
        call = later.get(call) or call
    return call


def _waiting(act: Act) -> Escalation:
    """Return the escalation meant: by number, else the one that waits longest."""
    waiting = act.item.escalations.select_for_update().filter(WAITING)
    number = act.options.get("escalation")
    if number is not None:
        if not str(number).isdecimal() or len(str(number)) > LONGEST_ID:
            raise BadInput("An escalation is named by its number.")
        waiting = waiting.filter(pk=_stands_for(act, int(number)))
    found = waiting.order_by("pk").first()
    if found is None:
        raise refuse_state(act.item, "No escalation of this item waits for an answer.")
    return found
