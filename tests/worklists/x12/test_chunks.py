"""The same bytes give the same events, wherever chunks end; nothing ever raises."""

import io
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.worklists.x12.readings import FOLDER, read, sample, translated
from worklists.x12 import FileEnd, Finding, Limits, RemittanceClaim, read_file

pytestmark = pytest.mark.unit

NAMES = sorted(path.stem for path in FOLDER.glob("*.edi"))
MIXED = (
    b"\xef\xbb\xbfprose, and ISA in it\r\n"
    + sample("version_4010").replace(b"~\n", b"~\r\n")
    + b"  between\n"
    + translated(sample("without_isa"), "|:^\n")
    + translated(sample("unreadable"), "+>~\n")
    + sample("two_payments").replace(b"BRANDT", b"BR\xc4\x00NDT")
)
TIGHT = Limits(segment_bytes=64, claim_segments=6, same_findings=3, elements=8)


def events(data: bytes, chunk_size: int = 1 << 20, limits: Limits | None = None):
    stream = io.BytesIO(data)
    return list(read_file(stream, chunk_size=chunk_size, limits=limits))


@pytest.mark.parametrize("limits", [None, TIGHT], ids=["usual", "tight"])
@pytest.mark.parametrize("name", NAMES)
def test_every_chunk_size_gives_the_same_events(name, limits):
    data = sample(name)
    whole = events(data, limits=limits)
    for chunk_size in [*range(1, 130), 500, 511, 512, 513, len(data) - 1, len(data)]:
        assert events(data, chunk_size, limits) == whole, chunk_size


@pytest.mark.parametrize("limits", [None, TIGHT], ids=["usual", "tight"])
def test_every_chunk_size_on_the_dirtiest_file(limits):
    whole = events(MIXED, limits=limits)
    for chunk_size in [*range(1, 60), 127, 1024, len(MIXED)]:
        assert events(MIXED, chunk_size, limits) == whole, chunk_size


@pytest.mark.parametrize("chunk_size", [1, 2, 3, 5, 100])
def test_chunks_of_utf16(chunk_size):
    data = (
        sample("two_payments").decode().replace("IVO", "I\U0001f600").encode("utf-16")
    )
    assert events(data, chunk_size) == events(data)


def test_stream_that_gives_less_than_asked_for():
    class Slow(io.BytesIO):
        def read(self, size=-1):
            return super().read(min(size, 7))

    assert list(read_file(Slow(MIXED))) == events(MIXED)


def test_file_cut_at_every_byte():
    """Complete claims of a cut file are claims of the whole file, in order."""
    data = sample("two_payments")
    whole = read(data).digests()
    for end in range(len(data)):
        reading = read(data[:end])
        complete = [claim.digest for claim in reading.claims if claim.complete]
        assert complete == whole[: len(complete)]
        assert sum(not claim.complete for claim in reading.claims) <= 1
        assert misplaced(reading.events, end) == []


def misplaced(found, size: int) -> list[object]:
    """Return what does not stand within the file, or says what cannot be.

    The end of the file comes once and last; where it does not, its places are named.
    """
    ends = [place for place, event in enumerate(found) if type(event) is FileEnd]
    if ends != [len(found) - 1]:
        return [("end of the file", ends)]
    segments = found[-1].segments
    return [event for event in found if not _stands(event, size, segments)]


def _stands(event, size: int, segments: int) -> bool:
    if isinstance(event, Finding):
        return (
            0 <= event.position <= size
            and 0 <= event.segment <= segments + 1
            and event.level in ("note", "warning", "error")
            and event.message.endswith(".")
        )
    if isinstance(event, RemittanceClaim):
        event.raw.encode()  # raises for half a character
        return (
            0 <= event.position <= event.position + event.length <= size
            and "\x00" not in event.raw
            and len(event.digest) == 64
        )
    return True


def first(found, kind):
    """Return the place of the first event of a kind."""
    return next(n for n, event in enumerate(found) if isinstance(event, kind))


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (Finding, {"position": -1}),
        (Finding, {"position": 10**9}),
        (Finding, {"segment": 10**9}),
        (Finding, {"level": "fatal"}),
        (Finding, {"message": "No full stop"}),
        (RemittanceClaim, {"position": -1}),
        (RemittanceClaim, {"length": -1}),
        (RemittanceClaim, {"length": 10**9}),
        (RemittanceClaim, {"raw": "CLP*\x00"}),
    ],
)
def test_what_is_misplaced_is_named(kind, wrong):
    found = events(MIXED)
    assert misplaced(found, len(MIXED)) == []
    place = first(found, kind)
    change = (
        found[place]._replace if kind is Finding else partial(replace, found[place])
    )
    found[place] = change(**wrong)

    assert misplaced(found, len(MIXED)) == [found[place]]


def test_an_end_that_is_missing_doubled_or_not_last_is_named():
    found = events(MIXED)

    for wrong in (found[:-1], [*found, found[-1]], found[::-1], []):
        assert [name for name, _ in misplaced(wrong, len(MIXED))] == ["end of the file"]


NASTY = st.sampled_from(
    [b"~", b"\n", b"\r\n", b"*", b"~~", b"\x00", b"ISA*", b"~ISA*00*", b"GS*HP*", b"\xa0",
     b"ST*835*1~", b"~SE*1*1~", b"CLP*A*1*5*5~", b"BPR*I*5~", b"IEA*1*1~", b"  ", b"\xff",
     b"PLB*1*2*3*4~", b"CLP*", b"SVC*HC:1*", "\ufeff".encode(), "é".encode()]
)  # fmt: skip


@st.composite
def mutated(draw) -> bytes:
    """One of our files with some places changed, removed or put in."""
    data = bytearray(draw(st.sampled_from([*map(sample, NAMES), MIXED])))
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 40))
        data[place : place + length] = draw(st.one_of(st.just(b""), NASTY, st.binary()))
    return (
        bytes(data[: draw(st.integers(0, len(data)))]) if draw(st.booleans()) else data
    )


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated(), st.integers(1, 700), st.sampled_from([None, TIGHT]))
def test_mutations_never_raise_and_chunks_never_matter(data, chunk_size, limits):
    whole = events(bytes(data), limits=limits)
    assert misplaced(whole, len(data)) == []
    assert events(bytes(data), chunk_size, limits) == whole


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes(data):
    assert misplaced(events(data), len(data)) == []
    headed = sample("version_4010")[:107] + data
    assert misplaced(events(headed), len(headed)) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(sample("two_payments").split(b"~\n")), max_size=40))
def test_any_order_of_segments(segments):
    data = b"".join(segment + b"~" for segment in segments)
    assert misplaced(events(data), len(data)) == []
