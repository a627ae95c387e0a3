"""What people see of denials."""

import pytest

from denials.models import Denial
from denials.selectors.denials import (
    classes_of,
    denials_for,
    label_of,
    parts_of,
    remittances_of,
)
from tests.denials.remit import clp, interchange, payment, svc
from tests.factories import person
from worklists.enums import Role
from worklists.models import WorkItem

pytestmark = pytest.mark.django_db

LINES = [
    svc("HC:99213", "100", "60", cas=[("CO", "45", "40")]),
    svc("HC:45380:59", "2140", cas=[("CO", "97", "2140")], remarks=["M15"]),
]


@pytest.fixture
def denial(site, ingest):
    """One line denial in the bundling queue."""
    ingest(interchange(payment(clp("PCN1", *LINES, charge="2240"))))
    return Denial.objects.get()


def test_a_denial_is_said_in_one_line(denial):
    assert label_of(denial) == "Line 2, 45380-59, CO-97 M15, $2,140.00"


def test_a_claim_level_denial_says_so_and_its_round(site, ingest):
    claim = clp("PCN1", cas=[("CO", "29", "100")])
    ingest(interchange(payment(claim)))
    ingest(interchange(payment(claim, trace="T2", on="20261104")))
    second = Denial.objects.get(round=2)
    assert label_of(second) == "Claim, CO-29, $100.00, round 2"


def test_parts_are_the_denials_to_decide(denial):
    part = parts_of(denial.item)[0]
    assert (part.key, part.label) == (str(denial.pk), label_of(denial))
    Denial.objects.update(
        status="decided", decision="appeal", decided_at="2026-11-01T00:00:00Z"
    )
    assert len(parts_of(denial.item)) == 1
    Denial.objects.update(
        status="reversed",
        reversed_by=denial.remittance_claim,
        reversed_at="2026-11-01T00:00:00Z",
    )
    assert parts_of(denial.item) == []


def test_classes_are_those_of_all_denials(site, ingest):
    lines = [svc("HC:1", "1", cas=[("CO", c, "1")]) for c in ("29", "50")]
    ingest(interchange(payment(clp("PCN1", *lines))))
    assert classes_of(WorkItem.objects.get()) == {"timely_filing", "medical_necessity"}


def test_the_payers_text_is_at_hand_with_few_queries(denial, django_assert_num_queries):
    item = denial.item
    with django_assert_num_queries(4):
        (claim,) = remittances_of(item)
        assert [line.code for line in claim.lines.all()] == ["99213", "45380"]
        assert [a.carc for a in claim.adjustments.all()] == ["45", "97"]
        assert [r.code for r in claim.remarks.all()] == ["M15"]


def test_denials_are_seen_with_their_items(site, denial):
    here = {"facilities": [site.facility]}
    coder = person(Role.CODER, works=[site.bundling], **here)
    elsewhere = person(Role.CODER, works=[site.other], **here)
    other_house = person(Role.CODER, works=[site.bundling])
    assert list(denials_for(coder)) == [denial]
    assert not denials_for(elsewhere).exists()
    assert not denials_for(other_house).exists()


def test_what_opened_no_work_is_seen_by_auditors_and_managers(site, ingest):
    line = svc("HC:1", "100", "50", cas=[("CO", "59", "50")])
    ingest(interchange(payment(clp("PCN1", line))))
    noted = Denial.objects.get(kind="reduction", status="noted", item=None)
    auditor = person(Role.AUDITOR, facilities=[site.facility])
    stranger = person(Role.AUDITOR)
    coder = person(Role.CODER, works=[site.other], facilities=[site.facility])
    assert list(denials_for(auditor)) == [noted]
    assert not denials_for(stranger).exists()
    assert not denials_for(coder).exists()
