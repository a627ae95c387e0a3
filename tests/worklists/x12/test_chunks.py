"""The same bytes give the same events, wherever chunks end; nothing ever raises."""

import io

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
        in_place(reading.events, end)


def in_place(found, size: int) -> None:
    """Everything stands within the file, and the end of the file comes once, last."""
    assert [type(event) for event in found].count(FileEnd) == 1
    end = found[-1]
    assert type(end) is FileEnd
    for event in found:
        if isinstance(event, Finding):
            assert 0 <= event.position <= size
            assert 0 <= event.segment <= end.segments + 1
            assert event.level in ("note", "warning", "error")
            assert event.message.endswith(".")
        if isinstance(event, RemittanceClaim):
            assert 0 <= event.position <= event.position + event.length <= size
            assert "\x00" not in event.raw
            event.raw.encode()
            assert len(event.digest) == 64


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
    in_place(whole, len(data))
    assert events(bytes(data), chunk_size, limits) == whole


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes(data):
    in_place(events(data), len(data))
    in_place(events(sample("version_4010")[:107] + data), len(data) + 107)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(sample("two_payments").split(b"~\n")), max_size=40))
def test_any_order_of_segments(segments):
    data = b"".join(segment + b"~" for segment in segments)
    in_place(events(data), len(data))
