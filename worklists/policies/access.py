"""What a person holds, and the answer of a policy that refuses."""

from __future__ import annotations

from dataclasses import dataclass

from worklists.enums import Role, Tier
from worklists.errors import NotPermitted
from worklists.review import Authority


@dataclass(frozen=True, slots=True)
class Access:
    """What one person holds at this moment.

    Queue ids by grant, facility ids, clearance ids in force, roles and tier.
    ``visible`` are the queues whose items the person sees, clearance counted in;
    ``visible_at`` are pairs of queue and facility that lent authority opens besides.
    ``teams`` they lead or manage; ``covers`` are the people for whom they stand in
    today; ``lent`` is what others lend them to decide reviews.
    """

    user_id: int
    username: str
    roles: frozenset[str]
    tier: str = Tier.APPRENTICE
    view: frozenset[int] = frozenset()
    visible: frozenset[int] = frozenset()
    visible_at: frozenset[tuple[int, int]] = frozenset()
    work: frozenset[int] = frozenset()
    review: frozenset[int] = frozenset()
    manage: frozenset[int] = frozenset()
    facilities: frozenset[int] = frozenset()
    clearances: frozenset[int] = frozenset()
    teams: frozenset[int] = frozenset()
    covers: frozenset[int] = frozenset()
    lent: tuple[Authority, ...] = ()

    def has(self, *roles: Role) -> bool:
        """Return whether the person holds one of these roles."""
        return any(role.value in self.roles for role in roles)


@dataclass(frozen=True, slots=True)
class Barred:
    """Why an act is not allowed: a stable code and a sentence."""

    code: str
    why: str

    def error(self) -> NotPermitted:
        """Return the refusal to raise."""
        return NotPermitted(self.why, code=self.code)


def no(why: str, code: str = "not_permitted") -> Barred:
    """Return a refusal with its sentence, and its code where there is one of its own."""
    return Barred(code, why)
