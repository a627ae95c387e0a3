"""What the payer made of the denials that went back to it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from denials.models import Denial
from denials.selectors.payer_outcomes import payer_outcomes
from tests.denials.remit import clp, interchange, payment, svc
from tests.factories import person
from worklists.enums import Role
from worklists.models import WorkItem

pytestmark = pytest.mark.django_db
SENT = datetime(2026, 11, 1, 15, tzinfo=UTC)


def line(carc="97", amount="300", group="CO", sign="", control="L1"):
    cas = [(group, carc, f"{sign}{amount}")]
    return svc("HC:45380", f"{sign}{amount}", cas=cas, control=control)


def denied(*numbers, carc="97", on="20261021", trace="T1", status="1"):
    claims = [
        clp(f"PCN{n}", line(carc), charge="300", control=f"ICN{n}", status=status)
        for n in numbers
    ]
    return interchange(payment(*claims, trace=trace, on=on))


def taken_back(*numbers, trace="T2"):
    claims = [
        clp(f"PCN{n}", line(sign="-"), charge="-300", control=f"ICN{n}", status="22")
        for n in numbers
    ]
    return interchange(payment(*claims, trace=trace, on="20261118"))


def sent_back(number, decision="correct_resubmit", days=0):
    """Let the denial of a claim be decided, ``days`` after the first."""
    item = WorkItem.objects.get(denials__patient_control_number=f"PCN{number}")
    WorkItem.objects.filter(pk=item.pk).update(state="completed")
    at = SENT + timedelta(days=days)
    rows = Denial.objects.filter(item=item)
    rows.update(status="decided", decision=decision, decided_at=at)


@pytest.fixture
def reader(site):
    return person(Role.REVIEWER, reviews=[site.bundling], facilities=[site.facility])


@pytest.fixture
def item(site, ingest):
    """An item under review, and five before it: PCN1 to PCN5."""
    ingest(denied(1, 2, 3, 4, 5, 9))
    for days, number in enumerate((1, 2, 3)):
        sent_back(number, days=days)
    sent_back(4, decision="write_off")
    return WorkItem.objects.get(denials__patient_control_number="PCN9")


def said(found):
    return [(row.outcome, row.at.date().isoformat(), row.amount) for row in found]


def test_reversed_denied_again_and_waiting_are_told_apart(item, reader, ingest):
    ingest(taken_back(1, 2))
    ingest(denied(2, on="20261119", trace="T3"))

    found = payer_outcomes(reader, item)

    day = Denial.objects.filter(patient_control_number="PCN1").get().reversed_at
    assert said(found.newest) == [
        ("waits", "2026-11-03", Decimal("300.00")),
        ("upheld", day.date().isoformat(), Decimal("300.00")),
        ("reversed", day.date().isoformat(), Decimal("300.00")),
    ]
    assert found.about == "Meridian PPO, CO-97"


def test_a_denial_again_without_a_reversal_is_upheld(item, reader, ingest):
    ingest(denied(3, on="20261119", trace="T3"))

    newest = payer_outcomes(reader, item).newest[0]

    assert (newest.outcome, newest.at.date().isoformat()) == ("upheld", "2026-11-03")


def test_another_reason_and_this_item_are_not_counted(item, reader, ingest):
    ingest(denied(6, carc="50", trace="T4"))
    sent_back(6)
    sent_back(9)

    assert len(payer_outcomes(reader, item).newest) == 3


def test_what_the_person_does_not_see_is_not_counted(site, item):
    stranger = person(Role.REVIEWER, facilities=[site.facility])

    assert payer_outcomes(stranger, item).newest == []


def test_ten_are_looked_at_the_newest_first(item, reader, ingest):
    ingest(denied(*range(20, 32), trace="T5"))
    for number in range(20, 32):
        sent_back(number, days=number)

    days = [row.at.date().isoformat() for row in payer_outcomes(reader, item).newest]

    assert days == [
        (SENT + timedelta(days=n)).date().isoformat() for n in range(31, 21, -1)
    ]


@pytest.mark.parametrize("more", range(2))
def test_it_costs_two_queries(item, reader, ingest, django_assert_num_queries, more):
    if more:
        ingest(denied(*range(20, 30), trace="T5"))
        for number in range(20, 30):
            sent_back(number)
    payer_outcomes(reader, item)
    with django_assert_num_queries(2):
        payer_outcomes(reader, item)


def test_an_item_without_a_reason_asks_nothing(item, reader):
    Denial.objects.filter(item=item).update(carc="")
    assert payer_outcomes(reader, item) is None
