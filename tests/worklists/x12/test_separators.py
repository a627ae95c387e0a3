"""Separators of any kind, taken anew at every ISA; an ISA that is not as it should."""

import pytest

from tests.worklists.x12.readings import isa, read, sample, translated
from worklists.x12.separators import lenient

pytestmark = pytest.mark.unit

BASE = read(sample("two_payments"))


def same_content(reading) -> bool:
    return (
        reading.digests() == BASE.digests()
        and reading.facts.sections() == BASE.facts.sections()
    )


@pytest.mark.parametrize(
    "cuts",
    ["|>^~", "+:^'", "^:!~", "\x1d\x1f\x1e\x1c", "*>^\n", "\t:^~", "*:~\n", "*^`\r",
     "\x01\x02\x03\x04", "|:^\x1c", ":*^~", "*|^\xa7"],
)  # fmt: skip
def test_any_separators(cuts):
    reading = read(translated(sample("two_payments"), cuts))
    assert reading.interchanges[0].delimiters == tuple(cuts)
    assert same_content(reading)
    assert set(reading.codes) <= {"newline_terminator"}


@pytest.mark.parametrize("end", [b"~\n", b"~\r\n", b"~\r", b"~", b"~\n\n", b"~ \r\n"])
def test_any_line_end_behind_the_terminator(end):
    data = sample("two_payments").replace(b"~\n", end)
    assert same_content(read(data))


def test_mixed_line_ends():
    data = sample("two_payments")
    half = len(data) // 2
    mixed = data[:half].replace(b"~\n", b"~") + data[half:].replace(b"\n", b"\r\n")
    assert same_content(read(mixed))


def test_carriage_return_and_line_feed_as_terminator():
    reading = read(sample("two_payments").replace(b"~\n", b"\r\n"))
    assert reading.codes == ["newline_terminator"]
    assert reading.end.structure["isa_length_to_terminator"] == 106
    assert same_content(reading)


def test_separators_change_between_interchanges():
    other = translated(sample("version_4010"), "|>^\n")
    reading = read(sample("two_payments") + other + sample("two_payments"))
    assert len(reading.claims) == 13
    assert reading.digests()[:6] == reading.digests()[7:] == BASE.digests()
    assert reading.codes == [
        "delimiters_differ",
        "newline_terminator",
        "delimiters_differ",
    ]
    assert [f.segment for f in reading.findings] == [88, 88, 105]


def test_separator_of_the_next_interchange_is_content_of_this_one():
    first = sample("version_4010").replace(b"ROWAN", b"ROW|AN")
    reading = read(first + translated(sample("version_4010"), "|>^\n"))
    assert [claim.patient.last for claim in reading.claims] == ["ROW|AN", "ROWAN"]


def test_old_terminator_inside_the_next_isa():
    """The repetition separator of the second ISA is the terminator of the first."""
    second = translated(sample("two_payments"), "+>~\n")
    reading = read(sample("two_payments") + second)
    assert len(reading.claims) == 12
    assert reading.end.interchanges == 2


@pytest.mark.parametrize("length", [104, 105, 122])
def test_isa_of_another_length(length):
    data = sample("two_payments")
    if length < 106:
        data = data.replace(b"HARBORLIGHT    ", b"HARBORLIGHT    "[: length - 106])
    else:
        data = data.replace(b"HARBORLIGHT    ", b"HARBORLIGHT    " + b" " * 16, 1)
    reading = read(data)
    assert reading.codes == ["isa_length"]
    assert str(length) in reading.findings[0].message
    assert reading.end.structure["isa_length_to_terminator"] == length
    assert same_content(reading)


def test_isa_without_component_separator():
    reading = read(sample("two_payments").replace(b"*T*:~", b"*T*~"))
    assert reading.interchanges[0].delimiters == ("*", ":", "^", "~")
    assert same_content(reading)


def test_isa_without_terminator():
    reading = read(sample("two_payments").replace(b"*T*:~\n", b"*T*:\n"))
    assert reading.interchanges[0].delimiters.segment == "~"
    assert same_content(reading)


def test_isa_that_runs_into_its_group():
    reading = read(sample("two_payments").replace(b"*T*:~\n", b"*T*:", 1))
    assert reading.interchanges[0].delimiters == ("*", ":", "^", "~")
    assert reading.end.groups == 1
    assert same_content(reading)


def test_isa_with_an_element_too_few():
    reading = read(sample("two_payments").replace(b"*ZZ*HARBOR", b"*HARBOR", 1))
    assert reading.end.interchanges == 1
    assert "isa_length" in reading.codes
    assert same_content(reading)


def test_isa_in_small_letters():
    data = sample("two_payments")
    lower = b"\n".join(
        line.split(b"*", 1)[0].lower() + b"*" + line.split(b"*", 1)[1]
        for line in data.splitlines()
    )
    reading = read(lower + b"\n")
    assert reading.facts.sections() == BASE.facts.sections()
    assert reading.codes == ["lowercase_tags"]


def test_no_isa_at_all():
    reading = read(sample("without_isa"))
    assert reading.codes == ["isa_missing"]
    assert reading.end.structure["has_isa"] is False
    assert reading.end.structure["isa_length_to_terminator"] is None
    assert [claim.patient_control for claim in reading.claims] == ["OLD-1"]
    assert reading.end.readable
    assert reading.end.interchanges == 0


@pytest.mark.parametrize("cuts", ["|:^\n", "+:^'", "*:^\r", "*:^|"])
def test_no_isa_and_other_separators(cuts):
    reading = read(translated(sample("without_isa"), cuts))
    assert [claim.paid for claim in reading.claims] == [90]


def test_transaction_without_isa_before_a_whole_interchange():
    reading = read(sample("without_isa") + sample("two_payments"))
    assert [claim.patient_control for claim in reading.claims][:2] == [
        "OLD-1",
        "ELM-1001",
    ]
    assert reading.end.interchanges == 1


@pytest.mark.parametrize(
    "prose",
    [
        "Test file, made on Monday.\r\n\r\n",
        "ISA is what follows, then GS, then ST and so on, in that order, one, two.\n",
        "\r\n\r\n",
        "x" * 70_000 + "\n",
        "VISA*1*2 MISA* ISA-like words\n",
    ],
)
def test_text_before_the_isa(prose):
    reading = read(prose.encode() + sample("two_payments"))
    assert reading.codes == ["leading_bytes"]
    assert str(len(prose)) in reading.findings[0].message
    assert reading.interchanges[0].position == len(prose)
    assert same_content(reading)


def test_a_name_that_reads_like_an_isa():
    data = sample("two_payments").replace(b"NM1*QC*1*ROWAN", b"NM1*QC*1*ISA")
    reading = read(data.replace(b"*BRANDT*", b"*LISA*ISA*"))
    assert reading.claims[0].patient.last == "ISA"
    assert reading.end.interchanges == 1


def test_isa_in_the_middle_of_text_between_interchanges():
    between = b"and here is another one: \n"
    reading = read(sample("two_payments") + between + sample("version_4010"))
    assert len(reading.claims) == 7
    assert reading.codes == ["trailing_bytes"]


def test_isa_helper_writes_what_the_standard_wants():
    assert len(isa()) == 106


def test_a_run_of_separators_is_looked_through_once():
    # A pattern that tries all ways would not come back from this within a day.
    assert lenient("GS*HP*" + "*" * 5_000 + "~") is None
