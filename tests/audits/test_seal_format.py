"""The format is final: the example of docs/security.md, byte for byte."""

import json
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audits import merkle
from audits.seal_format import (
    SealFacts,
    fingerprint,
    ids_digest,
    key_end_record,
    key_name,
    key_record,
    seal_name,
    seal_record,
    voucher_bytes,
)

pytestmark = pytest.mark.unit
PRIVATE = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
PUBLIC = PRIVATE.public_key().public_bytes(
    serialization.Encoding.Raw, serialization.PublicFormat.Raw
)
IDS = [41, 42, 44]
HASHES = [bytes([n]) * 32 for n in (1, 2, 3)]
FACTS = SealFacts(
    number=7,
    previous=b"\x11" * 32,
    tree_size=3,
    total=45,
    root=merkle.root(HASHES),
    ids_digest=ids_digest(IDS),
    first_event=41,
    last_event=44,
    complete_to=44,
    drawn_to=46,
    next_xid=90211,
    sealed_at=datetime(2026, 11, 20, 14, 9, tzinfo=UTC),
    key=fingerprint(PUBLIC),
)


def test_the_example_of_the_document():
    assert (
        PUBLIC.hex()
        == "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"
    )
    assert (
        FACTS.key == "34750f98bd59fcfc946da45aaabe933be154a4b5094e1c4abf42866505f3c97e"
    )
    assert (
        FACTS.root.hex()
        == "df896896c799531f1fd1e556cea26a6989ab06853bcbfdd3e4f5097a611f658f"
    )
    assert (
        FACTS.ids_digest.hex()
        == "14aedcb007693c400df5a1db06234d46c4da59dcba73e1ee8b41ae945268dbd2"
    )
    text = FACTS.signed_bytes()
    assert len(text) == 229
    assert text.startswith(b"codetrail-seal-1\x00\x00\x00\x017\x00\x00\x00\x20")
    assert (
        FACTS.hash().hex()
        == "82763243cf95443df1f86c51f3be43a5e05207cefd887fb94d80ed0105210121"
    )
    assert PRIVATE.sign(text).hex() == (
        "fc5ec40e61c2373bd149b621a106af51281ce996ba816b6fdc91e5a9bec2fcb1"
        "996d38e517d4523788c7e2f4f6fc51c4104d0650a5dd65cfee30586ddb30d203"
    )


@pytest.mark.parametrize("name", [n for n in SealFacts.__slots__ if n != "previous"])
def test_every_field_is_signed(name):
    from dataclasses import replace

    value = getattr(FACTS, name)
    other = {
        int: lambda: value + 1,
        bytes: lambda: b"\x00" * 32,
        str: lambda: "00" * 32,
        datetime: lambda: value.replace(microsecond=1),
    }[type(value)]()
    changed = replace(FACTS, **{name: other})
    assert changed.signed_bytes() != FACTS.signed_bytes()


def test_no_seal_before_is_not_an_empty_one():
    from dataclasses import replace

    first, empty = replace(FACTS, previous=None), replace(FACTS, previous=b"")
    assert first.signed_bytes() != empty.signed_bytes()


def test_a_record_is_one_line_with_everything_in_it():
    record = seal_record(FACTS, event_ids=IDS, signature=b"\x05" * 64)
    assert record.count(b"\n") == 1
    told = json.loads(record)
    assert told["sealed_at"] == "2026-11-20T14:09:00.000000Z"
    assert (told["number"], told["event_ids"]) == (7, IDS)
    assert told["hash"] == FACTS.hash().hex()
    assert set(SealFacts.__slots__) <= set(told)


def test_records_of_keys():
    since = datetime(2026, 11, 20, 14, tzinfo=UTC)
    told = json.loads(
        key_record(public_key=PUBLIC, since=since, vouched_by=None, voucher=None)
    )
    assert told == {
        "format": "codetrail-key-1",
        "fingerprint": sha256(PUBLIC).hexdigest(),
        "public_key": PUBLIC.hex(),
        "since": "2026-11-20T14:00:00.000000Z",
        "vouched_by": None,
        "voucher": None,
    }
    end = json.loads(key_end_record(key="ab", until=since, cause="lost"))
    assert (end["format"], end["cause"]) == ("codetrail-key-end-1", "lost")
    text = voucher_bytes(public_key=PUBLIC, since=since, voucher="ab" * 32)
    assert len(text) == 15 + 36 + 20 + 36


def test_a_thousand_seals_lie_in_a_folder():
    assert seal_name(999) == "seals/000000000/000000000999.json"
    assert seal_name(1000) == "seals/000000001/000000001000.json"
    assert (key_name("ab"), key_name("ab", end=True)) == (
        "keys/ab.json",
        "keys/ab.end.json",
    )
