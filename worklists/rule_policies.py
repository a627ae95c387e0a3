"""Who may change the rules of the house, and who is the second person."""

from __future__ import annotations

from collections.abc import Collection

from worklists.enums import Role, RuleKind, RuleState
from worklists.policies import Access, Barred, second_person

# What begins as a copy of one that is here.
COPIED = (RuleKind.SLA, RuleKind.REVIEW, RuleKind.TEMPLATE)
BEGUN_HERE = (RuleKind.QUEUE, RuleKind.CALENDAR, *COPIED)


def _no(why: str, code: str = "not_permitted") -> Barred:
    return Barred(code, why)


def may_change_rule(
    access: Access, kind: str, queue_ids: Collection[int]
) -> Barred | None:
    """Administrators change every rule; managers those whose every queue they manage,
    and the site's task classes.

    The settings of a queue are its managers' alone: who sets up the product does not
    decide how a queue is run.
    """
    manages = access.has(Role.MANAGER) and bool(queue_ids)
    if manages and set(queue_ids) <= access.manage:
        return None
    if kind == RuleKind.QUEUE:
        return _no("The settings of a queue are changed by its managers.")
    if access.has(Role.ADMINISTRATOR):
        return None
    if kind == RuleKind.SITE and access.has(Role.MANAGER):
        return None
    if kind == RuleKind.SITE:
        return _no(
            "What the system does alone is changed by managers and administrators."
        )
    if kind == RuleKind.CALENDAR:
        return _no("Calendars are changed by administrators.")
    return _no(
        "This rule is changed by administrators, and by managers of every queue that "
        "uses it."
    )


def may_propose_new(access: Access, kind: str) -> Barred | None:
    """Managers and administrators propose what is new, calendars administrators alone.

    No work goes by a new ladder, form or review policy before a queue takes it, which
    asks two people of its own. Routing and the task classes are there from the start.
    """
    if kind not in BEGUN_HERE:
        return _no("A rule of this kind is not begun on a page.")
    if access.has(Role.ADMINISTRATOR):
        return None
    if kind == RuleKind.CALENDAR:
        return _no("Calendars are begun by administrators.")
    if access.has(Role.MANAGER):
        return None
    return _no("Rules of this kind are begun by managers and administrators.")


def may_take_shipped(
    access: Access, kind: str, queue_ids: Collection[int], *, is_here: bool
) -> Barred | None:
    """What the site has is changed as ever; what is not here yet begins with an
    administrator."""
    if is_here:
        return may_change_rule(access, kind, queue_ids)
    if access.has(Role.ADMINISTRATOR):
        return None
    return _no("What is not here yet is proposed by administrators.")


def may_decide_rule(
    access: Access,
    queue_ids: Collection[int],
    proposed_by: int | None,
    given_to: int | None = None,
) -> Barred | None:
    """Another person decides: an administrator, or a manager of a queue that uses it.

    Where no queue uses it (a calendar, the task classes, a queue, ladder, form or review
    policy that is new), any manager is the second person; but nobody puts a queue in
    force that it gives to themselves (``given_to``).
    """
    given = _no(
        "This queue is given to you as its supervisor, so another person decides.",
        "two_people",
    )
    mine = _no("You proposed this version, so another person decides it.", "two_people")
    refusal = second_person(access, [given_to], given) or second_person(
        access, [proposed_by], mine
    )
    if refusal:
        return refusal
    manager = access.has(Role.MANAGER) and (
        not queue_ids or bool(set(queue_ids) & access.manage)
    )
    if manager or access.has(Role.ADMINISTRATOR):
        return None
    return _no(
        "A version that waits is decided by administrators and by managers of a queue "
        "that uses it."
    )


def may_withdraw_rule(
    access: Access,
    queue_ids: Collection[int],
    state: str,
    proposed_by: int | None,
    given_to: int | None = None,
) -> Barred | None:
    """Its author takes a version back while it waits; one that is approved, before its
    day, also whoever may decide it.

    So a bad version is stopped while its author is away. Four eyes hold: stopping puts
    nothing in force, and another person than its author looked at it. Whoever approved
    it may think again; who would be given the queue decides nothing about it here
    either. What is not approved yet is sent back, which says what to mend.
    """
    if access.user_id == proposed_by:
        return None
    if state == RuleState.APPROVED:
        return may_decide_rule(access, queue_ids, proposed_by, given_to)
    return _no("Only who proposed a version withdraws it; others send it back.")
