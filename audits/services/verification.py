"""Verifying every chain of the trail."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import connection, transaction

from audits.selectors import verification as checks
from audits.selectors.verification import Fault
from worklists.models import User
from worklists.selectors.access import visible_to
from worklists.services import reading


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found: counts and the faults, first bad event first."""

    events: int
    chains: int
    faults: list[Fault] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Return whether nothing is wrong."""
        return not self.faults

    def as_json(self) -> dict[str, Any]:
        """Return the verdict in the shape the command prints."""
        return {
            "ok": self.whole,
            "events": self.events,
            "chains": self.chains,
            "first_bad": asdict(self.faults[0]) if self.faults else None,
            "faults": [asdict(fault) for fault in self.faults],
            "seals": {"checked": 0, "first_bad": None},
        }


def verify_trail() -> Verdict:
    """Check every event's hash, every link, every head and the words bound to them.

    One repeatable-read snapshot; nothing is written. Faults name the event (or the
    place of one that is gone), the first bad event first.
    """
    with transaction.atomic():
        if not connection.savepoint_ids:  # inside another one it keeps that snapshot
            _snapshot()
        found = [*checks.chain_faults(), *checks.head_faults(), *checks.word_faults()]
        found.sort(key=lambda fault: (fault.event is None, fault.event or 0))
        return Verdict(**checks.counts(), faults=found)


def verify_chains(*, actor: User, kind: str, number: int) -> list[Fault]:
    """Check the links and hashes of a subject's chains, and record that it was done.

    A claim's chains are those of its items that the person sees.
    """
    chain, ids = kind, [number]
    if kind == "claim":
        items = visible_to(actor).filter(claim_id=number)
        chain, ids = "item", list(items.values_list("pk", flat=True))
    found = list(checks.chain_faults(chain, ids))
    reading.record(
        actor=actor,
        action="trail.verified",
        about=reading.subject(kind, number),
        facts={"faults": len(found)},
    )
    return found


def _snapshot() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
