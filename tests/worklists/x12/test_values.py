"""Amounts, dates and codes: what is read and what is refused."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worklists.x12 import values
from worklists.x12.values import Amounts, Codes, Dates, NotReadable, Procedures, plain

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("12.5", "12.5"),
        ("-3", "-3"),
        ("+3.10", "3.10"),
        (".75", "0.75"),
        ("7.", "7"),
        (" 12 ", "12"),
        ("", "0"),
        ("  ", "0"),
        ("999999999999999999.999999", "999999999999999999.999999"),
        ("000000000000000012", "12"),
    ],
)
def test_amounts_that_are_read(text, value):
    amounts = Amounts()
    assert amounts[text] == Decimal(value)
    assert amounts[text] == Decimal(value)


@pytest.mark.parametrize(
    "text",
    ["1E3", "1e3", "NaN", "nan", "sNaN", "Infinity", "-inf", "1_000", "1,000", "$5", "x",
     "-", ".", "1.2.3", "--5", "+-5", "1-2", "٣", "１２", "1 2", "0.1234567",
     "1234567890123456789", "9" * 30, "0x1F", "5-", "1" + "0" * 5000],
)  # fmt: skip
def test_amounts_that_are_refused(text):
    amounts = Amounts()
    for _ in range(2):
        with pytest.raises(NotReadable):
            amounts[text]


@given(st.text(max_size=30))
def test_amount_is_plain_or_refused(text):
    try:
        value = Amounts()[text]
    except NotReadable:
        return
    assert value.is_finite()
    assert Decimal(plain(value)) == value
    assert set(text.strip(" ")) <= set("+-.0123456789")


@given(st.decimals(-(10**15), 10**15, places=2))
def test_every_amount_in_cents_is_read(value):
    assert Amounts()[format(value, "f")] == value


def test_tables_stay_small(monkeypatch):
    monkeypatch.setattr(values, "MOST_KEPT", 10)
    tables = Amounts(), Dates(), Codes(), Procedures(":")
    for number in range(1, 29):
        for table in tables:
            assert table[f"202601{number:02}"] is not None
    assert [len(table) for table in tables] == [10, 10, 10, 10]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20260310", date(2026, 3, 10)),
        ("11111111", date(1111, 11, 11)),
        ("20240229", date(2024, 2, 29)),
        (" 20260310", date(2026, 3, 10)),
        ("", None),
        (" ", None),
    ],
)
def test_dates_that_are_read(text, value):
    assert Dates()[text] == value


@pytest.mark.parametrize(
    "text", ["20260230", "00000000", "99999999", "2026031", "202603100", "2026-03-10",
             "260310", "２０２６０３１０", "20260310x"],
)  # fmt: skip
def test_dates_that_are_refused(text):
    with pytest.raises(NotReadable):
        Dates()[text]


def test_procedures_are_taken_apart():
    found = Procedures(":")["HC:99213:25: :59:::A visit"]
    assert found[:4] == ("HC", "99213", ("25", "59"), "")
    assert Procedures(">")["HC>99213>>>>>A visit"].description == "A visit"
    assert Procedures(":")["99213"].code == ""


def test_amounts_are_shown_without_exponent():
    assert plain(Decimal("1E+3")) == "1000"
    assert plain(Decimal("0.000001")) == "0.000001"
