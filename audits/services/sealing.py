"""Sealing finished events: Merkle batches, each chained to the one before and signed."""

from __future__ import annotations

from dataclasses import fields
from time import monotonic

from django.db import connection, transaction

from audits import merkle
from audits.models import Seal
from audits.seal_format import SealFacts, ids_digest
from audits.selectors import unsealed
from audits.selectors.keys import active_key, database_time
from audits.selectors.unsealed import Batch, Position
from audits.services.keys import Signer, signer

SIZE = 4096
# A run of the worker stops beginning new seals after this; the next one goes on.
SECONDS = 40.0


def seal_trail(*, seconds: float = SECONDS, size: int = SIZE) -> int:
    """Seal every finished event that no seal holds; return how many were sealed.

    Each seal is its own transaction and holds at most ``size`` events, so a kill loses
    nothing that was sealed. One sealer works at a time; a second one returns at once.
    Raises ``KeyTrouble`` when there is no key to sign with: then nothing is sealed.
    """
    signing, begun, sealed = signer(), monotonic(), 0
    first = True
    while first or monotonic() - begun < seconds:
        made = _seal_once(signing, size, first=first)
        sealed += made
        if made < size:
            break
        first = False
    return sealed


def seal_passed_over(*, size: int = SIZE) -> int:
    """Seal finished events that lie below the mark, where a sealer looks no more.

    They get there only by hand (an id that was not drawn). For after somebody has
    looked at what the verification named; searches the whole trail.
    """
    signing = signer()
    sealed = 0
    while made := _seal_once(signing, size, first=True, from_start=True):
        sealed += made
    return sealed


def _seal_once(
    signing: Signer, size: int, *, first: bool, from_start: bool = False
) -> int:
    """Make the next seal; return how many events it holds.

    The order of the steps is what the argument in decision 0010 stands on: ids drawn,
    then who writes without a transaction id, then an id of our own, then the events.
    """
    with transaction.atomic():
        if not _alone() or active_key() != signing.key:
            return 0
        at = unsealed.position()
        drawn = unsealed.drawn_to()
        own = _own_xid()
        found = unsealed.batch(
            at.from_start() if from_start else at,
            decided=unsealed.decided_to(own),
            next_xid=own,
            size=size,
            back=first or at.overlap <= unsealed.NEAR,
        )
        if found.events:
            _store(signing, at, found, at.drawn_to if drawn is None else drawn, own)
    return len(found.events)


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('seal_trail'))")
        return bool(cursor.fetchone()[0])


def _own_xid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return int(cursor.fetchone()[0])


def _store(
    signing: Signer, at: Position, found: Batch, drawn_to: int, next_xid: int
) -> None:
    ids = [number for number, _ in found.events]
    facts = SealFacts(
        number=at.number + 1,
        previous=at.hash,
        tree_size=len(ids),
        total=at.total + len(ids),
        root=merkle.root([digest for _, digest in found.events]),
        ids_digest=ids_digest(ids),
        first_event=ids[0],
        last_event=ids[-1],
        complete_to=max(at.complete_to, found.complete_to),
        drawn_to=max(at.drawn_to, drawn_to),
        next_xid=next_xid,
        sealed_at=database_time(),
        key=signing.key.fingerprint,
    )
    text = facts.signed_bytes()
    columns = {f.name: getattr(facts, f.name) for f in fields(facts) if f.name != "key"}
    Seal.objects.create(
        **columns,
        key_id=facts.key,
        event_ids=ids,
        hash=facts.hash(),
        signature=signing.private.sign(text),
    )
