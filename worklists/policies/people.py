"""Who sees to people: clearances, absences, capacity and grants, lent authority."""

from __future__ import annotations

from collections.abc import Collection

from worklists.enums import Role
from worklists.policies.access import Access, Barred, no


def may_see_people(access: Access) -> Barred | None:
    """Managers, and leads of a team, see the people below them."""
    if access.has(Role.MANAGER) or access.teams:
        return None
    return no("People are for their managers and team leads.")


def may_read_person(access: Access) -> Barred | None:
    """Who sees to people opens their pages; auditors read everybody's."""
    return None if access.has(Role.AUDITOR) else may_see_people(access)


def may_change_person(
    access: Access, user_id: int, staff: Collection[int]
) -> Barred | None:
    """Managers change capacity, tier and grants of their own people, never their own."""
    if user_id == access.user_id:
        return no(
            "Nobody changes their own grants, tier or capacity. Ask your manager.",
            "own_grants",
        )
    if access.has(Role.MANAGER) and user_id in staff:
        return None
    return no("Grants are given by the person's own manager.")


def may_grant_clearance(
    access: Access, user_id: int, staff: Collection[int]
) -> Barred | None:
    """Managers give and take back clearances of their own people, administrators of
    all, nobody their own."""
    if not access.has(Role.MANAGER, Role.ADMINISTRATOR):
        return no("Clearances are granted by managers and administrators.")
    if user_id == access.user_id:
        return no(
            "Nobody grants or takes back their own clearance. Ask somebody else.",
            "own_clearance",
        )
    if access.has(Role.ADMINISTRATOR) or user_id in staff:
        return None
    return no("Clearances are granted by the person's own manager.")


def may_keep_absence(
    access: Access, user_id: int, staff: Collection[int]
) -> Barred | None:
    """Managers and leads record absences of their own people, administrators of all.

    Nobody records their own: it moves work to others.
    """
    if user_id == access.user_id:
        return no(
            "Nobody records their own absence, since it moves work to others. Ask "
            "your manager.",
            "own_absence",
        )
    if access.has(Role.ADMINISTRATOR) or user_id in staff:
        return None
    return no("Absences are recorded by the person's own manager or team lead.")


def may_see_delegations(access: Access) -> Barred | None:
    """Reviewers lend and borrow the authority to decide; managers see to it."""
    if access.has(Role.REVIEWER, Role.MANAGER):
        return None
    return no("Authority to review is lent by senior reviewers and their managers.")


def may_lend(
    access: Access, delegator_id: int, delegate_id: int, staff: Collection[int]
) -> Barred | None:
    """A reviewer lends their own authority, a manager that of their people.

    Nobody lends it to themselves.
    """
    if delegate_id == access.user_id:
        return no(
            "Nobody lends authority to themselves. Ask somebody else to.",
            "own_authority",
        )
    own = delegator_id == access.user_id and access.has(Role.REVIEWER)
    if own or (access.has(Role.MANAGER) and delegator_id in staff):
        return None
    return no("Authority is lent by its holder or by their own manager.")


def may_end_authority(
    access: Access, delegator_id: int, staff: Collection[int]
) -> Barred | None:
    """The one who lent it takes it back, and so does their manager."""
    if delegator_id == access.user_id:
        return None
    if access.has(Role.MANAGER) and delegator_id in staff:
        return None
    return no("Authority is taken back by who lent it or by their own manager.")


# What an account cannot be at once: (this, with any of those, why).
_PARTED = (
    (
        Role.ADMINISTRATOR,
        frozenset(
            {Role.CODER, Role.REVIEWER, Role.MANAGER, Role.AUDITOR, Role.PROVIDER}
        ),
        (
            "An administrator sets up people and reads no clinical evidence, so the same "
            "account is not {other}, too. Give that role to another account, or take "
            "administrator off this one."
        ),
    ),
    (
        Role.AUDITOR,
        frozenset({Role.CODER, Role.REVIEWER, Role.MANAGER}),
        (
            "An auditor reads what others did and changes nothing, so the same account is "
            "not {other}, too. Give that role to another account, or take auditor off "
            "this one."
        ),
    ),
)


def may_hold_together(roles: Collection[str]) -> Barred | None:
    """Set-up is parted from clinical work, and auditing from whatever acts.

    Coder, reviewer, manager and educator go together: four eyes part them by the item.
    """
    held = {role for role in Role if role.value in set(roles)}
    for one, others, why in _PARTED:
        clash = [role for role in Role if role in others & held]
        if one in held and clash:
            named = " or ".join(str(role.label).lower() for role in clash)
            return no(why.format(other=named), "parted_roles")
    return None


def may_manage_team(access: Access) -> Barred | None:
    """A team's manager answers its calls for help and breaches: they open its items."""
    if access.has(Role.MANAGER):
        return None
    return no("A team is managed by somebody with the role of a manager.")


def may_lead(access: Access) -> Barred | None:
    """A team's lead is told first: somebody who works, reviews or manages items."""
    if access.has(Role.CODER, Role.REVIEWER, Role.MANAGER):
        return None
    return no("A team is led by a coder, a senior reviewer or a manager.")


def may_supervise(access: Access) -> Barred | None:
    """A queue is answered for by a manager: breaches and calls for help go to them."""
    if access.has(Role.MANAGER):
        return None
    return no("A queue is supervised by somebody with the role of a manager.")
