"""Merkle trees as RFC 9162 hashes them: plain Python, nothing of ours is imported.

A leaf is SHA-256(0x00 ‖ event hash), a node SHA-256(0x01 ‖ left ‖ right). The tree of n
leaves is split at the largest power of two below n, which is the same as joining
neighbours level by level and carrying an odd last one up as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256


def leaf(event_hash: bytes) -> bytes:
    """Return the leaf of an event's 32-byte hash."""
    return sha256(b"\x00" + event_hash).digest()


def root(event_hashes: Sequence[bytes]) -> bytes:
    """Return the root over events in leaf order; an empty tree has none."""
    if not event_hashes:
        raise ValueError("a seal holds at least one event")
    level = [sha256(b"\x00" + event_hash).digest() for event_hash in event_hashes]
    while len(level) > 1:
        level = _above(level)
    return level[0]


def audit_path(event_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the hashes that lead from one leaf to the root, lowest first."""
    if not 0 <= index < len(event_hashes):
        raise IndexError(f"there is no leaf {index} among {len(event_hashes)}")
    path, level = [], [leaf(event_hash) for event_hash in event_hashes]
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            path.append(level[beside])
        level, index = _above(level), index // 2
    return path


def includes(
    *, event_hash: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Return whether the path leads from the event at ``index`` of ``size`` to ``root``.

    The steps of RFC 9162, 2.1.3.2. A path that is too long or too short is refused.
    """
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf(event_hash)
    for beside in path:
        if last == 0:
            return False
        if place % 2 or place == last:
            found = _node(beside, found)
            while place % 2 == 0 and place:
                place, last = place // 2, last // 2
        else:
            found = _node(found, beside)
        place, last = place // 2, last // 2
    return last == 0 and found == root


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def _above(level: Sequence[bytes]) -> list[bytes]:
    pairs = zip(level[::2], level[1::2], strict=False)
    above = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return above if len(level) % 2 == 0 else [*above, level[-1]]
