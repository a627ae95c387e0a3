"""A claim as sent beside what came back: lines, adjustments, sums, suggestions."""

from decimal import Decimal

import pytest

from denials.kind import DENIAL
from denials.models import Denial, RemittanceLine
from denials.selectors import claim_view, glossary
from seeds.taxonomy import read_taxonomy
from tests.denials import remit
from worklists import kinds
from worklists.enums import RootCause
from worklists.models import Taxonomy, WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def detail(site, ingest):
    """What the page of a denial item is drawn from."""
    paid = remit.svc(
        "HC:45385",
        "2980.00",
        "900.00",
        cas=[("CO", "45", "1921.40"), ("PR", "2", "158.60")],
    )
    denied = remit.svc(
        "HC:45380:59", "2140.00", "0", cas=[("CO", "97", "2140.00")], remarks=["M15"]
    )
    claim = remit.clp("PCN1", paid, denied, charge="5120.00", paid="900.00")
    ingest(remit.interchange(remit.payment(claim, amount="900.00")))
    return kinds.get(DENIAL).detail(WorkItem.objects.get())


def test_lines_stand_with_every_adjustment(detail):
    (claim,) = detail["claims"]

    first, second = claim.lines
    assert (first.number, first.code, first.charge) == (1, "45385", Decimal("2980.00"))
    assert [(a.code, a.amount, a.denied) for a in first.adjustments] == [
        ("CO-45", Decimal("1921.40"), False),
        ("PR-2", Decimal("158.60"), False),
    ]
    assert not first.denied
    assert (second.code, second.remarks, second.denied) == ("45380-59", "M15", True)


def test_adjustments_carry_our_words(detail):
    labels = [a.label for line in detail["claims"][0].lines for a in line.adjustments]

    assert all(labels)


def test_sums_are_checked(detail):
    claim = detail["claims"][0]

    assert (claim.charge, claim.adjusted, claim.paid) == (
        Decimal("5120.00"),
        Decimal("4220.00"),
        Decimal("900.00"),
    )
    assert claim.balanced
    assert claim.missing == 0


def test_a_claim_whose_sums_differ_says_by_how_much(site, ingest):
    line = remit.svc("HC:99213", "100", "0", cas=[("CO", "97", "60")])
    ingest(remit.interchange(remit.payment(remit.clp("PCN2", line, status="4"))))

    claim = kinds.get(DENIAL).detail(WorkItem.objects.get())["claims"][0]

    assert not claim.balanced
    assert claim.missing == Decimal(40)


def test_what_failed_is_named_with_its_line(detail):
    (failed,) = detail["failed"]

    assert (failed.code, failed.where) == ("CO-97 · M15", "Line 2, 45380-59")
    assert failed.words


def test_a_denial_without_any_code_says_so_as_its_item_does(site, ingest):
    line = remit.svc("HC:99213", "100", "0")
    ingest(remit.interchange(remit.payment(remit.clp("PCN4", line, status="4"))))
    item = WorkItem.objects.get()

    (failed,) = kinds.get(DENIAL).detail(item)["failed"]

    assert (failed.code, failed.where) == ("no reason", "Whole claim")
    assert item.reason_code == "no reason"


def test_a_line_without_a_code_is_its_number():
    line = RemittanceLine(number=2)
    denial = Denial(group="CO", carc="97", line=line, label="bundled")

    assert claim_view.failed_of([denial])[0].where == "Line 2"


def test_facts_and_suggestion_come_from_the_taxonomy(detail):
    assert detail["suggestion"].startswith("Suggested: ")
    assert ("Denied", "$2,140.00") in detail["facts"]
    denial = detail["denials"][0]
    assert detail["suggested"][f"root_cause.{denial.pk}"] == denial.suggested_root_cause


def test_a_claim_level_adjustment_stands_on_a_line_of_its_own(site, ingest):
    line = remit.svc("HC:99213", "100", "0", on="20260814")
    claim = remit.clp("PCN3", line, status="4", cas=[("CO", "29", "100")])
    ingest(remit.interchange(remit.payment(claim)))

    view = kinds.get(DENIAL).detail(WorkItem.objects.get())["claims"][0]

    assert [(one.number, one.code, one.denied) for one in view.lines] == [
        (0, "whole claim", True),
        (1, "99213", False),
    ]


def test_without_a_taxonomy_in_force_codes_stand_alone(detail):
    item = WorkItem.objects.get()
    Taxonomy.objects.update(effective_from="2999-01-01")

    lines = kinds.get(DENIAL).detail(item)["claims"][0].lines

    assert {a.label for line in lines for a in line.adjustments} == {""}


def test_every_first_route_of_the_taxonomy_has_words():
    routes = {row.first_route for row in read_taxonomy() if row.first_route}

    assert routes <= set(glossary.ROUTES)


def test_a_denial_that_another_item_carries_is_denied_here_too(site, ingest):
    bundled = remit.svc("HC:45380", "500", "0", cas=[("CO", "97", "500")])
    other = remit.svc("HC:99213", "100", "0", cas=[("CO", "16", "100")], remarks=["N4"])
    claim = remit.clp("PCN5", bundled, other, charge="600.00", status="4")
    ingest(remit.interchange(remit.payment(claim)))
    first = Denial.objects.get(carc="97").item
    second = Denial.objects.get(carc="16").item
    assert first != second

    (view,) = kinds.get(DENIAL).detail(first)["claims"]

    assert [
        (a.code, a.denied, a.elsewhere) for line in view.lines for a in line.adjustments
    ] == [("CO-97", True, False), ("CO-16", True, True)]


def test_a_root_cause_that_is_not_known_is_not_suggested(detail):
    denial = detail["denials"][0]
    denial.suggested_root_cause = RootCause.UNKNOWN

    assert f"root_cause.{denial.pk}" not in claim_view.suggested_of([denial])
    assert "Usual root cause" not in dict(claim_view.facts_of([denial]))
