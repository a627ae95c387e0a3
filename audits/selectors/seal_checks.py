"""Checks of the seals: chain, signatures, roots, copies, events without a seal.

Seals are walked in pages, so memory does not grow with the trail. Roots are made from
the events' stored hashes, which the check of the chains holds against their content.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from audits import merkle
from audits.models import Seal, SealKey
from audits.seal_format import (
    fingerprint,
    ids_digest,
    key_name,
    seal_name,
    voucher_bytes,
)
from audits.second_place import AWAY, SecondPlace, second_place
from audits.selectors import copies
from audits.selectors.keys import all_keys, signed_by
from audits.selectors.verification import LIMIT, Fault

PAGE = 50


@dataclass(frozen=True, slots=True)
class SealFault:
    """One thing wrong with a seal or its key; ``number`` is None for a key alone.

    ``event`` is the event it is about, where it is about one.
    """

    code: str
    number: int | None
    event: int | None
    message: str


_MESSAGES = {
    "seal_missing": "this seal is gone",
    "seal_changed": "the seal does not give its hash: it was changed",
    "seal_link_broken": "it does not carry the hash of the seal before it",
    "signature_wrong": "its signature is not by the key it names",
    "key_unknown": "the key it names is not registered",
    "key_out_of_time": "it was made before its key began or after it ended",
    "seal_event_missing": "an event that it holds is gone",
    "root_mismatch": "its events do not give its root: one was changed",
    "copy_missing": "it has no copy in the second place",
    "copy_differs": "its copy in the second place says something else",
    "copy_ahead": "the second place holds this seal, the database does not",
    "place_away": "the second place could not be read",
    "key_changed": "a public key does not give its fingerprint, or its voucher is wrong",
    "key_copy_missing": "a public key has no copy in the second place",
    "key_copy_differs": "a public key differs from its copy in the second place",
}


def _fault(code: str, number: int | None = None, event: int | None = None) -> SealFault:
    return SealFault(code, number, event, _MESSAGES[code])


@dataclass(slots=True)
class Walk:
    """A walk over every seal in order; ``checked`` and ``events`` count on the way."""

    place: SecondPlace | None
    checked: int = 0
    events: int = 0
    last: int = 0
    keys: dict[str, SealKey] = field(default_factory=dict)

    def faults(self) -> Iterator[SealFault]:
        """Yield what is wrong, in the order of the seals; keys come first."""
        self.keys = {key.fingerprint: key for key in all_keys()}
        before: Seal | None = None
        yield from self._keys()
        while page := list(
            Seal.objects.filter(pk__gt=before.pk if before else 0).order_by("pk")[:PAGE]
        ):
            yield from self.page_faults(page, before)
            before = page[-1]
            self.last = before.number

    def page_faults(self, page: list[Seal], before: Seal | None) -> Iterator[SealFault]:
        """Yield what is wrong with neighbouring seals; ``before`` is the one before."""
        roots = _roots(page)
        for seal in page:
            yield from self._linked(seal, before)
            yield from self._signed(seal)
            yield from _holds(seal, *roots[seal.number])
            before = seal
            self.checked += 1
            self.events += seal.tree_size
        yield from self._copied(page)

    def _linked(self, seal: Seal, before: Seal | None) -> Iterator[SealFault]:
        expected = before.number + 1 if before else 1
        if seal.number != expected:
            yield _fault("seal_missing", expected)
            return
        previous = bytes(before.hash) if before else None
        total = (before.total if before else 0) + seal.tree_size
        carried = bytes(seal.previous) if seal.previous is not None else None
        if carried != previous or seal.total != total:
            yield _fault("seal_link_broken", seal.number)

    def _signed(self, seal: Seal) -> Iterator[SealFault]:
        facts, key = seal.facts(), self.keys.get(seal.key_id)
        ids = seal.event_ids
        honest = (
            facts.hash() == bytes(seal.hash)
            and ids_digest(ids) == bytes(seal.ids_digest)
            and (len(ids), ids[:1], ids[-1:])
            == (seal.tree_size, [seal.first_event], [seal.last_event])
        )
        if not honest:
            yield _fault("seal_changed", seal.number)
        if key is None:
            yield _fault("key_unknown", seal.number)
            return
        text = facts.signed_bytes()
        if not signed_by(bytes(key.public_key), bytes(seal.signature), text):
            yield _fault("signature_wrong", seal.number)
        if not _in_force(key, seal.sealed_at):
            yield _fault("key_out_of_time", seal.number)

    def _copied(self, page: list[Seal]) -> Iterator[SealFault]:
        if self.place is None:
            return
        try:
            found = self.place.get_all([seal_name(seal.number) for seal in page])
        except AWAY:
            yield _fault("place_away", page[0].number)
            self.place = None
            return
        copied = copies.copied_to(self.place.name)
        for seal, copy in zip(page, found, strict=True):
            if copy is None and seal.number <= copied:
                yield _fault("copy_missing", seal.number)
            elif copy is not None and copy != seal.record():
                yield _fault("copy_differs", seal.number)

    def ahead(self) -> Iterator[SealFault]:
        """Yield what the second place holds beyond the last seal that was walked.

        Asked after the walk's snapshot has ended: a seal is made before its copy, so
        one that was made meanwhile is found in the database by now, and is no fault.
        """
        number = self.last + 1
        if self.place is None:
            return
        try:
            copy = self.place.get(seal_name(number))
        except AWAY:
            yield _fault("place_away", number)
            return
        made = Seal.objects.filter(number=number).first() if copy else None
        if copy is not None and made is None:
            yield _fault("copy_ahead", number)
        elif made is not None and made.record() != copy:
            yield _fault("copy_differs", number)

    def _keys(self) -> Iterator[SealFault]:
        for key in self.keys.values():
            if not _honest(key, self.keys):
                yield _fault("key_changed")
            if (
                self.place is None
                or not key.seals.filter(
                    number__lte=copies.copied_to(self.place.name)
                ).exists()
            ):
                continue
            try:
                found = self.place.get(key_name(key.fingerprint))
            except AWAY:
                continue  # said once, with the first seals
            if found is None:
                yield _fault("key_copy_missing")
            elif found != copies.record_of(key, end=False):
                yield _fault("key_copy_differs")


def faults_of(seal: Seal) -> list[SealFault]:
    """Return what is wrong with one seal, checked as the whole verification does."""
    walk = Walk(second_place(), keys={key.pk: key for key in all_keys()})
    before = Seal.objects.filter(pk__lt=seal.pk).order_by("-pk").first()
    return list(walk.page_faults([seal], before))


def _in_force(key: SealKey, at: datetime) -> bool:
    ended = getattr(key, "end", None)
    return key.since <= at and (ended is None or at <= ended.until)


def _honest(key: SealKey, keys: dict[str, SealKey]) -> bool:
    public = bytes(key.public_key)
    if fingerprint(public) != key.fingerprint:
        return False
    if key.vouched_by_id is None:
        return True
    by = keys.get(key.vouched_by_id)
    text = voucher_bytes(public_key=public, since=key.since, voucher=key.vouched_by_id)
    return by is not None and signed_by(
        bytes(by.public_key), bytes(key.voucher or b""), text
    )


# The bounds change nothing that is found; they let a range be read in one go.
_ROOTS = """
SELECT s.number, held.hashes, held.missing
  FROM audits_seal s CROSS JOIN LATERAL (
    SELECT string_agg(e.hash, ''::bytea ORDER BY u.n) AS hashes,
           min(u.id) FILTER (WHERE e.id IS NULL) AS missing
      FROM unnest(s.event_ids) WITH ORDINALITY AS u (id, n)
      LEFT JOIN trail_event e
             ON e.id = u.id AND e.id BETWEEN s.first_event AND s.last_event) held
 WHERE s.number = ANY(%s)
"""
# So many ids between a seal's ends, and its events are asked for one by one.
WIDE = 16_384


def _roots(page: list[Seal]) -> dict[int, tuple[bytes | None, int | None]]:
    """Return by seal the joined hashes of its events, and the first one missing.

    The range of a seal is read as a whole, six times as fast as asking for each event
    in each partition; not where a late event makes it far wider than the seal.
    """
    wide = [s.number for s in page if s.last_event - s.first_event > WIDE]
    near = [s.number for s in page if s.number not in set(wide)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ROOTS, [wide])
        found = cursor.fetchall()
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(_ROOTS, [near])
        found += cursor.fetchall()
        cursor.execute("SET LOCAL enable_nestloop = on")
    return {number: (hashes, gone) for number, hashes, gone in found}


def _holds(seal: Seal, hashes: bytes | None, gone: int | None) -> Iterator[SealFault]:
    if gone is not None or not hashes:
        yield _fault("seal_event_missing", seal.number, gone)
        return
    leaves = [hashes[i : i + 32] for i in range(0, len(hashes), 32)]
    if merkle.root(leaves) != bytes(seal.root):
        yield _fault("root_mismatch", seal.number)


_UNSEALED = """
WITH unsealed AS (
    SELECT e.id FROM trail_event e
     WHERE e.id <= (SELECT max(complete_to) FROM audits_seal)
    EXCEPT
    SELECT unnest(event_ids) FROM audits_seal
    ORDER BY id LIMIT %(most)s
)
SELECT e.id, e.subject_kind, e.subject_id, e.seq
  FROM unsealed JOIN trail_event e USING (id) ORDER BY e.id
"""


def unsealed_faults() -> Iterator[Fault]:
    """Yield events that no seal holds though the last seal says that one does.

    What came after waits for its seal: a worker that stands still is no fault of the
    trail, and has an item of its own.
    """
    with connection.cursor() as cursor:
        cursor.execute(_UNSEALED, {"most": LIMIT})
        for event, kind, subject_id, seq in cursor.fetchall():
            message = "no seal holds it, though it lies below what is sealed completely"
            yield Fault("event_unsealed", f"{kind}:{subject_id}", seq, event, message)
