"""What a person holds, and the answer of a policy that refuses."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from worklists.enums import Role, Tier
from worklists.errors import NotPermitted
from worklists.review import Authority

# For so many days whoever had an account in hand counts as the person who holds it.
ONE_PERSON_DAYS = 30


@dataclass(frozen=True, slots=True)
class Access:
    """What one person holds at this moment.

    Queue ids by grant, facility ids, clearance ids in force, roles and tier.
    ``visible`` are the queues whose items the person sees, clearance counted in;
    ``visible_at`` are pairs of queue and facility that lent authority opens besides.
    ``teams`` they lead or manage; ``covers`` are the people for whom they stand in
    today; ``lent`` is what others lend them to decide reviews; ``one_with`` are those
    who had this account in hand lately, and whose accounts this person had
    (``SetUpBy``).
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
    one_with: frozenset[int] = frozenset()

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


def second_person(
    access: Access, people: Collection[int | None], own: Barred
) -> Barred | None:
    """Return why a person is no second one beside ``people``: the one rule of four eyes.

    ``own`` refuses whoever is among them. So is refused who had the account of one of
    them in hand in the last ``ONE_PERSON_DAYS``, or the other way round: made it, gave
    its roles or tier, or handed out its password. Alone they could be both.
    """
    if access.user_id in people:
        return own
    if not any(one in access.one_with for one in people):
        return None
    return Barred(
        own.code,
        "One of you set up the other’s account (made it, gave its roles or tier, or "
        f"handed out its password) in the last {ONE_PERSON_DAYS} days, so you count as "
        "one person here. Somebody else must decide.",
    )
