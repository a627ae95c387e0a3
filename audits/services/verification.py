"""Verifying every chain and every seal of the trail."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from audits.second_place import second_place
from audits.selectors import verification as checks
from audits.selectors.row_checks import destroyed, row_faults
from audits.selectors.seal_checks import SealFault, Walk, unsealed_faults
from audits.selectors.unsealed import waiting
from audits.selectors.verification import LIMIT, Fault
from audits.services.file_checks import check_files
from worklists.models import User
from worklists.selectors.access import visible_to
from worklists.services import reading


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found: counts and the faults, first bad event first.

    ``sealed`` is how many events the ``seals`` hold, ``place`` the second place whose
    copies were read, None where there is none; ``waiting_since`` when the oldest event
    was written that has no seal yet; ``files`` how many files of evidence were looked
    for, ``files_read`` how many of them byte by byte; ``destroyed`` words that are gone
    without an event, which is no fault of the chain.
    """

    events: int
    chains: int
    faults: list[Fault] = field(default_factory=list)
    seals: int = 0
    sealed: int = 0
    place: str | None = None
    waiting_since: datetime | None = None
    seal_faults: list[SealFault] = field(default_factory=list)
    files: int = 0
    files_read: int = 0
    destroyed: list[Fault] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Return whether nothing is wrong."""
        return not self.faults and not self.seal_faults

    @property
    def first_code(self) -> str:
        """Return the code of the first fault, empty when there is none."""
        codes = [*(f.code for f in self.faults), *(f.code for f in self.seal_faults)]
        return codes[0] if codes else ""

    def as_json(self) -> dict[str, Any]:
        """Return the verdict in the shape the command prints."""
        since = self.waiting_since
        return {
            "ok": self.whole,
            "events": self.events,
            "chains": self.chains,
            "first_bad": asdict(self.faults[0]) if self.faults else None,
            "faults": [asdict(fault) for fault in self.faults],
            "destroyed": [asdict(fault) for fault in self.destroyed],
            "files": {"checked": self.files, "read": self.files_read},
            "seals": {
                "checked": self.seals,
                "events": self.sealed,
                "second_place": self.place,
                "waiting_since": since.isoformat() if since else None,
                "first_bad": asdict(self.seal_faults[0]) if self.seal_faults else None,
                "faults": [asdict(fault) for fault in self.seal_faults],
            },
        }


def verify_trail(day: date | None = None) -> Verdict:
    """Check every event, chain and head, the words and rows of them, and every seal.

    Seals: their chain, signatures, keys, roots and copies, and events that they passed
    over. What waits for its seal is said, and is no fault. One repeatable-read
    snapshot, after which the second place is asked for a seal beyond the last one and
    the store for the files of evidence: all are read, or those whose turn it is on
    ``day``. Nothing is written.
    Faults name the event or the seal (or the place of one that is gone), first first.
    """
    with transaction.atomic():
        if not connection.savepoint_ids:  # inside another one it keeps that snapshot
            _snapshot()
        place, oldest = second_place(), waiting()
        found = [*checks.chain_faults(), *checks.head_faults(), *checks.word_faults()]
        found += [*unsealed_faults(), *row_faults()]
        found.sort(key=lambda fault: (fault.event is None, fault.event or 0))
        gone = destroyed()
        walk = Walk(place)
        wrong, counts = list(walk.faults()), checks.counts()
    wrong += walk.ahead()
    files = check_files(day)
    found += files.faults
    return Verdict(
        **counts,
        faults=found,
        seals=walk.checked,
        sealed=walk.events,
        place=place.name if place else None,
        waiting_since=oldest.since if oldest else None,
        seal_faults=wrong[:LIMIT],
        files=files.files,
        files_read=files.read,
        destroyed=gone,
    )


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
