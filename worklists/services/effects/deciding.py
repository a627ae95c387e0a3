"""The senior's decision: approve, fix and approve, return, reject."""

from __future__ import annotations

from datetime import datetime

from worklists import kinds, policies
from worklists.context import now
from worklists.enums import Action, ReviewOutcome, State
from worklists.errors import BadInput, NotPermitted
from worklists.evidence import Field, Held, completed
from worklists.evidence.citing import citation_fault
from worklists.models import GuidanceVersion, Review, User, WorkItem
from worklists.selectors.access import access_of
from worklists.selectors.evidence import Asked, asked_of
from worklists.selectors.guidance import citable_versions
from worklists.selectors.site import site_today
from worklists.services import covering, notices, reviewing
from worklists.services.acts import (
    Act,
    carry_out,
    effect,
    missing_reason,
    refuse_state,
)
from worklists.services.effects.handing import ineligible
from worklists.services.effects.working import (
    complete,
    other_replies,
    refuse_gaps,
    store,
)
from worklists.services.locks import hold_loan

BARRED_CODER = "Who submitted it may not be given this item any more."
RETURN_REASONS = {
    "evidence_not_specific": "Evidence not specific",
    "wrong_decision": "Another decision fits",
    "root_cause": "Root cause",
    "rule_cited": "Rule or policy cited",
    "document_missing": "Document missing",
    "other": "Other, said in words",
}
# What a reason is about by itself, whatever else the return points at.
REASON_FIELDS = {
    "wrong_decision": "decision",
    "root_cause": "root_cause",
    "rule_cited": "rule_cited",
}


def _decide(act: Act, outcome: ReviewOutcome) -> Review:
    review = act.review
    if review is None:
        raise refuse_state(act.item, "No senior review of this item is open.")
    if act.actor is None:
        raise BadInput("Reviews are decided by people, never by the worker.")
    review.decided_at = at = now()
    _keep_authority(act.actor, act, review, at)
    act.item.wake_at = None
    review.reviewer = act.actor
    review.outcome = outcome
    act.facts["review"] = {"round": review.round, "outcome": outcome.value}
    return review


DECIDED = ("reviewer", "outcome", "decided_at", "delegation", "on_behalf_of")


def _keep_authority(actor: User, act: Act, review: Review, at: datetime) -> None:
    """Keep for whom a review is decided, where it is not in one's own right.

    Refuses when what was lent has ended since it was looked at.
    """
    lent = policies.authority_for(
        access_of(actor),
        act.item,
        review.workers,
        review.risk_classes,
        approver=review.approver_role,
    )
    if lent is None:
        return
    if not hold_loan(lent.delegation_id, at):
        raise NotPermitted(
            f"The authority that {lent.name} lent you has ended. Leave this to a "
            "senior reviewer of the queue.",
            code="beyond_authority",
        )
    review.delegation_id = lent.delegation_id
    review.on_behalf_of_id = lent.delegator_id
    act.facts["on_behalf_of"] = lent.username
    act.facts["delegation"] = lent.delegation_id


def _tell_coder(act: Act, review: Review, code: str) -> None:
    notices.tell(
        user_id=review.submitted_by_id,
        code=code,
        item=act.item,
        facts={"by": str(act.actor), "reason_code": act.option("reason_code")},
        dedupe=f"review:{review.pk}",
        by_mail=code == "returned",
    )


@effect(Action.APPROVE)
def approve(act: Act) -> None:
    """The coder's decision stands as it is; what is reserved for a role asks why."""
    review = _decide(act, ReviewOutcome.APPROVED)
    if review.approver_role and not act.reason:
        raise missing_reason(Action.APPROVE)
    review.save(update_fields=DECIDED)
    complete(act, "approved", asked_of(act.item))
    act.event = "item.approved"


@effect(Action.FIX_AND_APPROVE)
def fix_and_approve(act: Act) -> None:
    """The senior changes answers and approves; the difference is kept to teach."""
    if not act.evidence:
        raise BadInput("Change at least one answer, or approve it as it is.")
    if words := other_replies(asked_of(act.item), act.evidence):
        why = "The answer to a return is in its coder's own words."
        raise BadInput(why, fields={name: [why] for name in words})
    review = _decide(act, ReviewOutcome.FIXED)
    asked = store(act)
    if not act.facts["fields"]:
        raise BadInput("Nothing differs from the coder's answers: approve it as it is.")
    refuse_gaps(asked.gaps())
    _refuse_approver(act, asked)
    review.changes = act.facts["fields"]
    review.save(update_fields=[*DECIDED, "changes"])
    complete(act, "fixed", asked)
    act.event = "item.fixed_and_approved"
    act.after.append(lambda: _tell_coder(act, review, "fixed"))


def _refuse_approver(act: Act, asked: Asked) -> None:
    """A fix may not make a decision that the person could not approve."""
    role = reviewing.approver_of(act.item, asked)
    if act.actor is None or not role:
        return
    barred = policies.may_approve_as(access_of(act.actor), act.item, role)
    if barred:
        raise barred.error()


@effect(Action.RETURN)
def return_(act: Act) -> None:
    """The item goes back to the same coder, first in their list, with the reason.

    It stays theirs: no hours without work release it. Of a coder who is away it is
    then passed on as ``covering.pass_on`` says, by an event of its own. One who may not
    be given the item any more (no clearance, queue or facility, or gone) does not get
    it: the reviewer's act puts it back into the queue, by an event of its own, too.

    It may point at answers (``points_at``) and name the page of guidance it rests on
    (``guidance``: source, or source@version); both are refused where the form or the
    item does not have them.
    """
    code = act.option("reason_code") or "other"
    if code not in RETURN_REASONS:
        raise BadInput(
            f"“{code}” is no reason for a return.",
            fields={"reason_code": [f"Choose one of {', '.join(RETURN_REASONS)}."]},
        )
    review = _decide(act, ReviewOutcome.RETURNED)
    review.points_at = _pointed_at(act)
    review.cites = _cited(act)
    review.template = act.item.template
    review.save(update_fields=[*DECIDED, "points_at", "cites", "template"])
    act.item.assignee = _coder(review)
    act.item.handed_at = None
    act.item.wake_at = None
    act.facts["code"] = code
    if review.points_at:
        act.facts["points_at"] = review.points_at
    if review.cites:
        act.facts["guidance"] = f"{review.cites.guidance.slug}@{review.cites.number}"
    act.event = "item.returned"
    if may_have(act.item, _coder(review)):
        act.after.append(lambda: _tell_coder(act, review, "returned"))
        act.after.append(lambda: covering.pass_on(act.item))
    else:
        act.after.append(lambda: _put_back(act))


def _pointed_at(act: Act) -> list[str]:
    """Return the names of the answers a return points at, in the form's order."""
    named = act.names("points_at")
    known = [field.name for field in asked_of(act.item).expanded]
    if strange := sorted(set(named) - set(known)):
        raise BadInput(
            f"The form has no {', '.join(strange)} to point at.",
            fields={"points_at": ["Choose among the answers of the form."]},
        )
    return [name for name in known if name in named]


PAGE = Field("guidance", "Guidance", "policy")
LONGEST_NUMBER = 9


def _cited(act: Act) -> GuidanceVersion | None:
    """Return the version a return names: what its item may cite, in force on its day."""
    named = act.option("guidance")
    if not named:
        return None
    source, at, number = named.partition("@")
    known = number.isdecimal() and len(number) <= LONGEST_NUMBER and int(number)
    if at and not known:
        raise _uncited(f"“{named[:60]}” names no version: write source or source@1.")
    held = Held(citable_versions(act.item), act.item.service_on)
    if source not in held.versions:
        raise _uncited(
            f"“{source[:60]}” is no guidance this item may cite. Choose one that is "
            "offered."
        )
    today = site_today()
    answer = completed({"source": source, "version": known or None}, held, today)
    if fault := citation_fault(PAGE, answer, held, today):
        raise _uncited(fault)
    rows = GuidanceVersion.objects.select_related("guidance")
    return rows.get(guidance__slug=source, number=answer["version"])


def _uncited(said: str) -> BadInput:
    return BadInput(said, fields={"guidance": [said]})


def may_have(item: WorkItem, coder: User) -> bool:
    """Return whether a returned item goes back to who submitted it."""
    return coder.is_active and not ineligible(item, coder)


def _put_back(act: Act) -> None:
    """Release what was just returned: whoever it came from cannot open it any more."""
    row = kinds.get(act.item.kind).workflow.step(State.RETURNED, Action.RELEASE)
    carry_out(Act(act.item, Action.RELEASE, act.actor, row, reason=BARRED_CODER))


def _coder(review: Review) -> User:
    return review.submitted_by


@effect(Action.REJECT)
def reject(act: Act) -> None:
    """The proposed decision is not carried out; the item is done without it."""
    review = _decide(act, ReviewOutcome.REJECTED)
    review.save(update_fields=DECIDED)
    complete(act, "rejected", asked_of(act.item))
    act.event = "item.rejected"
    act.after.append(lambda: _tell_coder(act, review, "rejected"))
