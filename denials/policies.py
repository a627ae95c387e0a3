"""Who may change a payer profile: two people, never one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from denials.enums import VersionState
from worklists.enums import Role
from worklists.policies import Access, Barred, second_person

if TYPE_CHECKING:
    from denials.models import ProfileVersion


def may_change_profiles(access: Access) -> Barred | None:
    """Managers and administrators propose versions, decide them and verify rows."""
    if access.has(Role.MANAGER, Role.ADMINISTRATOR):
        return None
    return Barred(
        "not_permitted", "Payer profiles are changed by managers and administrators."
    )


def may_edit_version(access: Access, version: ProfileVersion) -> Barred | None:
    """A draft is its author's alone; another person begins when it is done."""
    if version.proposed_by_id == access.user_id:
        return may_change_profiles(access)
    author = version.proposed_by or "Codetrail"
    return Barred("not_author", f"{author} writes this version; ask them.")


def may_withdraw_version(access: Access, version: ProfileVersion) -> Barred | None:
    """An author takes back what they wrote; a draft left lying, anybody who may change."""
    if version.state == VersionState.DRAFT:
        return may_change_profiles(access)
    return may_edit_version(access, version)


def may_decide_version(access: Access, version: ProfileVersion) -> Barred | None:
    """Who proposed a version never decides it: another person does."""
    barred = may_change_profiles(access)
    if barred:
        return barred
    own = Barred(
        "four_eyes", "You proposed this version, so another person must decide it."
    )
    return second_person(access, [version.proposed_by_id], own)
