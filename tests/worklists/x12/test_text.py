"""Bytes to letters: marks, UTF-16, letters beyond ASCII, NUL, wrapped lines."""

import pytest

from tests.worklists.x12.readings import CLAIM, HEAD, read, remittance, sample
from worklists.x12 import Limits

pytestmark = pytest.mark.unit

BASE = read(sample("two_payments"))


def same_content(reading) -> bool:
    return (
        reading.digests() == BASE.digests()
        and reading.facts.sections() == BASE.facts.sections()
    )


def test_utf8_mark():
    reading = read(b"\xef\xbb\xbf" + sample("two_payments"))
    assert reading.codes == ["utf8_bom"]
    assert reading.findings[0].level == "note"
    assert reading.interchanges[0].position == 3
    assert same_content(reading)


def test_utf8_mark_and_blank_lines():
    reading = read(b"\xef\xbb\xbf\r\n\r\n" + sample("two_payments"))
    assert reading.codes == ["utf8_bom", "leading_bytes"]
    assert (
        reading.findings[1].message == "4 blank bytes stand before the first segment."
    )


def test_utf8_mark_between_interchanges():
    reading = read(sample("two_payments") + b"\xef\xbb\xbf" + sample("two_payments"))
    assert reading.digests() == BASE.digests() * 2
    assert reading.codes == []


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_with_and_without_mark(codec):
    data = sample("two_payments").decode().encode(codec)
    reading = read(data)
    mark = 2 if codec == "utf-16" else 0
    assert reading.codes == ["utf16"]
    assert same_content(reading)
    assert reading.end.bytes == len(data)
    claim = reading.claims[2]
    found = data[claim.position : claim.position + claim.length]
    assert found.decode("utf-16-le" if mark else codec) == claim.raw


def test_letters_outside_the_basic_plane_keep_positions_right():
    text = sample("two_payments").decode().replace("BRANDT", "BR\U0001f600NDT")
    data = text.encode("utf-16-le")
    reading = read(data)
    assert reading.claims[1].patient.last == "BR\ufffd\ufffdNDT"
    place = reading.claims[2].position
    assert data[place : place + 6].decode("utf-16-le") == "CLP"


def test_utf8_letters():
    data = sample("two_payments").replace(b"BRANDT", "BRÄNDT".encode())
    reading = read(data)
    assert reading.claims[1].patient.last == "BRÄNDT"
    assert reading.codes == []
    place = reading.claims[2].position
    assert data[place : place + 13] == b"CLP*ELM-1003*"


def test_letters_of_windows_and_latin_1():
    data = sample("two_payments").replace(b"BRANDT", b"O\x92BR\xc4ND")
    reading = read(data)
    assert reading.claims[1].patient.last == "O’BRÄND"
    assert reading.codes == ["not_utf8"]
    assert reading.findings[0].segment == 42


def test_no_break_spaces_before_segments():
    data = sample("two_payments").replace(b"~\nCLP", b"~\n\xa0\xa0CLP")
    reading = read(data)
    assert reading.facts.sections() == BASE.facts.sections()
    assert set(reading.codes) == {"not_utf8", "indented_segments"}


def test_indented_segments():
    data = (
        sample("two_payments").replace(b"~\n", b"~\n   ").replace(b"   SVC", b"\tSVC")
    )
    reading = read(data)
    assert reading.codes == ["indented_segments"]
    assert same_content(reading)


def test_small_letters_in_tags():
    data = sample("two_payments").replace(b"CLP*", b"clp*").replace(b"SE*", b"se*")
    reading = read(data.replace(b"PLB*", b"plb*"))
    assert reading.codes == ["lowercase_tags"]
    assert reading.facts.sections() == BASE.facts.sections()


def test_nul_is_taken_out():
    data = sample("two_payments").replace(b"BRANDT", b"BR\x00ANDT\x00")
    reading = read(data)
    assert reading.claims[1].patient.last == "BRANDT"
    assert "\x00" not in reading.claims[1].raw
    assert reading.codes == ["nul_bytes"]
    assert same_content(reading)


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("width", [80, 77, 64])
def test_lines_wrapped_at_a_width(end, width):
    data = sample("two_payments").replace(b"\n", b"")
    wrapped = end.join(data[n : n + width] for n in range(0, len(data), width))
    reading = read(wrapped)
    assert reading.codes == ["wrapped_lines"]
    assert same_content(reading)


def test_one_terminator_is_missing_at_a_line_end():
    data = sample("two_payments").replace(b"HL5550002~\n", b"HL5550002\n")
    reading = read(data)
    assert reading.codes == ["terminator_missing"]
    assert reading.findings[0].segment == 43
    assert reading.findings[0].position == data.index(b"MOA***MA01")
    assert same_content(reading)


def test_line_break_within_an_element_of_a_file_with_lines():
    data = sample("two_payments").replace(b"ELM STREET", b"ELM\r\n STREET")
    reading = read(data)
    assert reading.codes == ["wrapped_lines"]
    assert reading.headers[0].payee_name == "ELM STREET CLINIC"


def test_no_line_end_anywhere_and_control_z_at_the_end():
    reading = read(sample("two_payments").replace(b"\n", b"") + b"\x1a")
    assert reading.codes == []
    assert same_content(reading)


def test_text_behind_the_end():
    reading = read(sample("two_payments") + b"-- end of transmission --\n")
    assert reading.codes == ["trailing_bytes"]
    assert reading.end.complete
    assert same_content(reading)


def test_segment_beyond_the_limit_keeps_its_beginning():
    body = [*HEAD, *CLAIM, "REF*EA*" + "7" * 200, "CLP*ELM-2*1*5*5*0*12*X"]
    reading = read(remittance(*body), limits=Limits(segment_bytes=150))
    assert reading.codes[0] == "segment_too_long"
    assert reading.findings[0].segment == 13
    assert reading.claims[0].references[0].value == "7" * 143
    assert [claim.patient_control for claim in reading.claims] == ["ELM-1", "ELM-2"]


def test_huge_segment_without_terminator_takes_no_memory():
    """Two million bytes behind the limit are passed over in chunks."""
    body = remittance(*HEAD, *CLAIM, "NTE*" + "x" * 2_000_000, *CLAIM)
    reading = read(body, chunk_size=4096)
    assert reading.codes[0] == "segment_too_long"
    assert len(reading.claims) == 2
    assert len(reading.claims[0].raw) < 70_000
