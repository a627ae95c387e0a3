"""Merkle trees against the shapes that RFC 9162 draws, and every proof of small ones."""

from hashlib import sha256

import pytest

from audits import merkle

pytestmark = pytest.mark.unit


def hashes(count):
    return [sha256(str(n).encode()).digest() for n in range(count)]


def by_the_book(nodes):
    """MTH of RFC 9162, 2.1.1, word for word."""
    if len(nodes) == 1:
        return sha256(b"\x00" + nodes[0]).digest()
    split = 1
    while split * 2 < len(nodes):
        split *= 2
    left, right = by_the_book(nodes[:split]), by_the_book(nodes[split:])
    return sha256(b"\x01" + left + right).digest()


@pytest.mark.parametrize("size", [*range(1, 34), 100, 127, 128, 129])
def test_the_root_is_the_one_of_the_rfc(size):
    assert merkle.root(hashes(size)) == by_the_book(hashes(size))


def test_the_known_answer_of_one_leaf():
    assert merkle.root([b""]).hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )


@pytest.mark.parametrize("size", range(1, 34))
def test_each_event_is_proven_and_no_other_place_or_root_is(size):
    events = hashes(size)
    top = merkle.root(events)
    for index, event in enumerate(events):
        path = merkle.audit_path(events, index)
        proof = {"index": index, "size": size, "path": path, "root": top}
        assert merkle.includes(event_hash=event, **proof)
        assert not merkle.includes(event_hash=b"x" * 32, **proof)
        assert not merkle.includes(event_hash=event, **proof | {"root": b"x" * 32})
        assert not merkle.includes(event_hash=event, **proof | {"index": size})
        assert not merkle.includes(event_hash=event, **proof | {"path": [*path, top]})
        if path:
            assert not merkle.includes(event_hash=event, **proof | {"path": path[:-1]})
            assert not merkle.includes(event_hash=event, **proof | {"index": index ^ 1})


def test_an_empty_tree_has_no_root():
    with pytest.raises(ValueError, match="at least one"):
        merkle.root([])


def test_a_leaf_outside_has_no_path():
    with pytest.raises(IndexError):
        merkle.audit_path(hashes(3), 3)
