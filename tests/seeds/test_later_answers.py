"""What payers answer later to claims of an earlier file that went back to them."""

import io
from collections import Counter
from datetime import timedelta

import pytest

from seeds.x12_writer import DEFAULT_DATE, write_835, write_later_835
from tests.seeds.test_make_x12 import every
from worklists.x12 import Finding, PaymentHeader, RemittanceClaim, read_file

pytestmark = pytest.mark.unit
LATER = DEFAULT_DATE + timedelta(days=28)
SHARE = {"45", "1", "2", "3", "23"}


def events_of(text: io.StringIO):
    return list(read_file(io.BytesIO(text.getvalue().encode("ascii"))))


def claims_of(text):
    return [one for one in events_of(text) if isinstance(one, RemittanceClaim)]


def reasons(claim):
    return {(a.group, a.reason) for a in every(claim) if a.reason not in SHARE}


@pytest.fixture(scope="module")
def denied():
    """Return the claims of a file that stand denied, by CLP01."""
    out = io.StringIO()
    write_835(out, claims=900, seed=5)
    newest = {one.patient_control: one for one in claims_of(out) if one.status == "1"}
    return {control: one for control, one in newest.items() if reasons(one)}


def later(wanted):
    out = io.StringIO()
    count = write_later_835(
        out, claims=900, seed=5, first_on=DEFAULT_DATE, on=LATER, wanted=wanted
    )
    return count, out


@pytest.fixture(scope="module")
def answered(denied):
    return later(set(denied))


def test_each_is_taken_back_and_decided_anew(denied, answered):
    count, out = answered
    claims = claims_of(out)

    assert len(denied) > 100
    assert count == len(denied)
    assert Counter(one.patient_control for one in claims) == dict.fromkeys(denied, 2)
    for back, anew in zip(claims[::2], claims[1::2], strict=True):
        first = denied[anew.patient_control]
        assert (back.status, anew.status) == ("22", "1")
        assert (back.payer_control, back.charge) == (first.payer_control, -first.charge)
        assert (anew.payer_control[-1], anew.charge) == ("C", first.charge)


def test_a_good_third_is_denied_for_the_same_reason_and_the_others_are_paid(
    denied, answered
):
    anew = claims_of(answered[1])[1::2]
    upheld = [one for one in anew if reasons(one)]

    assert 0.25 < len(upheld) / len(anew) < 0.5
    for one in upheld:
        assert reasons(one) == reasons(denied[one.patient_control])


def test_the_file_balances_and_is_of_its_day(answered):
    events = events_of(answered[1])

    assert not [one for one in events if isinstance(one, Finding)]
    days = {one.date_text for one in events if isinstance(one, PaymentHeader)}
    assert days == {f"{LATER:%Y%m%d}"}


def test_only_what_is_wanted_is_answered(denied):
    first = next(iter(denied))

    count, out = later({first, "of another file"})

    assert count == 1
    assert {one.patient_control for one in claims_of(out)} == {first}


def test_nothing_wanted_writes_nothing():
    count, out = later(set())

    assert (count, out.getvalue()) == (0, "")


def test_the_same_bytes_every_time(denied, answered):
    assert later(set(denied))[1].getvalue() == answered[1].getvalue()
