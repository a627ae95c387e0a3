"""Roles as people say them: the one place that puts a role and a tier into words. Pure.

Events hold the roles of their day and no tier, so a role is said by its own label and
the tier in brackets behind it: “Coder” there and “Coder (apprentice)” here are the
same role.
"""

from __future__ import annotations

from collections.abc import Iterable

from worklists.enums import Role, Tier

SYSTEM = "system"
ROLES = {role.value: str(role.label) for role in Role} | {SYSTEM: "System"}


def role_words(roles: Iterable[str], tier: str = "") -> str:
    """Return roles in words: “Coder (apprentice), Manager”.

    ``tier`` is of the work as a coder and is said behind that role alone; an event,
    which knows none, leaves it out. One that is no role any more stands as it is
    spelled.
    """
    order = list(ROLES)
    said = sorted(
        roles, key=lambda one: order.index(one) if one in ROLES else len(order)
    )
    return ", ".join(_one(role, tier) for role in said)


def _one(role: str, tier: str) -> str:
    label = ROLES.get(role, role)
    if role != Role.CODER or not tier:
        return label
    return f"{label} ({str(Tier(tier).label).lower()})"
