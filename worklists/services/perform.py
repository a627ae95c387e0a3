"""The one way an item changes state, for page, API, worker and seed alike.

Order (ARCHITECTURE 3), in one transaction: the row through the actor's visible
set and locked (404) → may they (403) → version (409) → legal in the table (409) →
evidence, all gaps at once (422) → review triggers may change the target → write →
trail event → notices.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from worklists import kinds, policies, task_classes
from worklists.enums import Action, State
from worklists.errors import (
    BadInput,
    EvidenceMissing,
    NotPermitted,
    NotVisible,
    StaleVersion,
)
from worklists.models import Review, User, WorkItem
from worklists.selectors.access import access_of, visible_slots, visible_values
from worklists.selectors.review_facts import approver_for
from worklists.selectors.task_classes import table
from worklists.selectors.upstream import as_facts, changes_since
from worklists.services import drafts, tries
from worklists.services.acts import Act, carry_out, clean_reason, missing_reason
from worklists.services.effects import LOADED  # noqa: F401 - registers them all
from worklists.services.locks import hold_clearances
from worklists.statements import Slot, Statement

# Acts that put an item into somebody's hands.
INTO_HANDS = frozenset({Action.CLAIM, Action.ASSIGN, Action.RESUME, Action.RETURN})


def perform(
    *,
    item_id: int,
    action: Action | str,
    actor: User | None,
    expected_version: int | None,
    reason: str = "",
    evidence: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
) -> WorkItem:
    """Do one action to one item and return it as it then stands.

    ``actor`` None is the system's worker, which sees everything, does what the
    task-class table leaves to it and answers to the transition table; only it may
    leave ``expected_version`` None. ``evidence`` maps field
    names to values; ``options`` holds what the action needs besides (``to``,
    ``queue``, ``until``, ``reason_code``, ``escalation``, ``outcome``).

    Raises ``NotVisible``, ``NotPermitted``, ``StaleVersion``, ``WrongState``,
    ``EvidenceMissing`` or ``BadInput``; a refused act changes nothing.
    """
    try:
        with transaction.atomic():
            if action in INTO_HANDS:
                hold_clearances(actor)
            item = lock_item(item_id, actor)
            act = prepare(
                item,
                _known(action),
                actor,
                expected_version,
                reason=reason,
                evidence=evidence,
                options=options,
            )
            carry_out(act)
    except EvidenceMissing as refusal:
        if actor is not None and action == Action.SUBMIT:
            tries.keep_refused(item_id=item_id, actor=actor, fields=refusal.fields)
        if actor is not None and evidence and expected_version is not None:
            drafts.keep_refused(
                item_id=item_id,
                actor=actor,
                answers=evidence,
                read_version=expected_version,
            )
        raise
    return item


def _known(action: Action | str) -> Action:
    try:
        return Action(action)
    except ValueError:
        raise BadInput(f"There is no action “{action}”.") from None


def _rows(condition: Q) -> QuerySet[WorkItem]:
    rows = WorkItem.objects.select_related("queue__review_policy")
    rows = rows.filter(condition, pk=Slot("item_id"))
    return rows.select_for_update(of=("self",), no_key=True)


_ANY = Statement(lambda: _rows(Q()))
_VISIBLE = Statement(lambda: _rows(visible_slots()))


def _locked(item_id: int, actor: User | None) -> WorkItem | None:
    if actor is None:
        return _ANY.first(item_id=item_id)
    return _VISIBLE.first(item_id=item_id, **visible_values(actor))


def lock_item(item_id: int, actor: User | None) -> WorkItem:
    """Lock one item through the actor's visible set, or raise ``NotVisible``."""
    # An item that was moved while we waited for it falls out of the join with its
    # old queue: a second look finds it in the new one.
    item = _locked(item_id, actor) or _locked(item_id, actor)
    if item is None:
        raise NotVisible("There is no such item among the ones you can see.")
    if actor is not None and item.assignee_id == actor.pk:
        item.assignee = actor
    return item


def prepare(
    item: WorkItem,
    action: Action,
    actor: User | None,
    expected_version: int | None,
    *,
    reason: str = "",
    evidence: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Act:
    """Check permission, version, table and words, in that order."""
    review = _open_review(item)
    if actor is not None:
        workers = review.workers if review else ()
        classes = review.risk_classes if review else ()
        role = approver_for(action, item, review)
        refusal = policies.barred(
            access_of(actor), action, item, workers, classes, approver=role
        )
        if refusal:
            raise refusal.error()
    else:
        _refuse_alone(action)
    check_version(item, actor, expected_version)
    row = kinds.get(item.kind).workflow.step(State(item.state), action)
    act = Act(
        item, action, actor, row, clean_reason(reason), evidence, options or {}, review
    )
    if row.needs_reason and actor is not None and not act.reason:
        raise missing_reason(action)
    return act


def _refuse_alone(action: Action) -> None:
    """Without a person only what the task-class table says is automatic is done."""
    act = task_classes.alone(action)
    if act is None or not table().is_automatic(act.code):
        raise NotPermitted(
            f"“{action.label}” takes a person: the task-class table does not leave it "
            "to the system.",
            code="task_class",
        )


def _open_review(item: WorkItem) -> Review | None:
    if item.state != State.IN_REVIEW:
        return None
    return Review.objects.select_for_update().get(item=item, decided_at=None)


def check_version(item: WorkItem, actor: User | None, expected: int | None) -> None:
    """Refuse an act on another version than the one read; a person names theirs."""
    if expected is None and actor is not None:
        raise BadInput(
            "Say which version of the item you read.",
            fields={"version": ["The version you read is needed."]},
        )
    if expected is not None and expected != item.version:
        raise StaleVersion(
            f"Somebody was faster: {item.number} is at version {item.version}, you "
            f"read version {expected}. Nothing of yours was stored but your draft. "
            "Reload and compare.",
            extra={
                "version": item.version,
                "changes": as_facts(changes_since(item, expected)),
            },
        )
