"""Reversals: what they close, in whichever order the files come."""

import json
from decimal import Decimal

import pytest

from denials.models import Denial, RemittanceClaim
from denials.services import items
from tests.denials.remit import clp, interchange, payment, svc
from worklists.models import Claim, Event, WorkItem
from worklists.services import bulk

pytestmark = pytest.mark.django_db

DENIED = svc("HC:45380", "300", cas=[("CO", "97", "300")], control="L1")
LATE = svc("HC:88305", "80", cas=[("CO", "97", "80")], control="L2")
BACK = svc("HC:45380", "-300", cas=[("CO", "97", "-300")], control="L1")
LATE_BACK = svc("HC:88305", "-80", cas=[("CO", "97", "-80")], control="L2")
PAID = svc("HC:45380", "300", "210", cas=[("CO", "45", "90")], control="L1")


def original(*lines, **more):
    claim = clp("PCN1", *(lines or (DENIED,)), charge="380", **more)
    return interchange(payment(claim, trace="T1", on="20261021"))


def reversal(*lines):
    return clp("PCN1", *(lines or (BACK,)), status="22", charge="-380")


def takes_back(*claims, on="20261118", trace="T2"):
    """A later payment: the reversal and what follows it."""
    return interchange(payment(*(claims or (reversal(),)), trace=trace, on=on))


def corrected(*lines, control="ICN1"):
    return clp("PCN1", *lines, charge="380", control=control)


def test_a_reversal_closes_the_denial_and_its_item(site, ingest):
    ingest(original())
    report = ingest(takes_back())
    assert report["created"]["denials"] == 0
    assert report["created"]["remittance_claims"] == 1
    denial, item = Denial.objects.get(), WorkItem.objects.get()
    assert denial.status == "reversed"
    assert denial.reversed_by == RemittanceClaim.objects.get(status="22")
    assert denial.reversed_at is not None
    assert (item.state, item.outcome) == ("cancelled", "payer_reversed")
    event = Event.objects.get(action="item.cancelled")
    assert json.loads(event.facts)["code"] == "payer_reversed"
    assert (event.actor_name, event.object_kind) == ("worker", "batch")


def test_a_reversal_is_never_a_denial_and_lowers_what_was_paid(site, ingest):
    ingest(original(PAID))
    ingest(takes_back(clp("PCN1", status="22", charge="-380", paid="-210")))
    assert not Denial.objects.exists()
    assert Claim.objects.get().paid == Decimal("-210.00")


def test_an_item_with_another_denial_goes_on_for_less(site, ingest):
    ingest(original(DENIED, LATE))
    ingest(takes_back())
    item = WorkItem.objects.get()
    assert (item.state, item.amount) == ("open", Decimal("80.00"))
    event = Event.objects.get(action="item.changed")
    gone = Denial.objects.get(status="reversed")
    assert gone.line.code == "45380"
    assert json.loads(event.facts)["reversed"] == [gone.pk]
    assert json.loads(event.facts)["changes"]["amount"] == ["380.00", "80.00"]


def test_an_item_asks_less_when_one_of_its_denials_is_reversed(site, ingest):
    ingest(original(DENIED, LATE))
    assert WorkItem.objects.get().evidence_asked == 4
    ingest(takes_back())
    item = WorkItem.objects.get()
    assert (item.evidence_done, item.evidence_asked) == (0, 2)


@pytest.mark.parametrize(
    "other",
    [
        {"status": "22", "control": "ICN9"},
        {"status": "22", "pcn": "PCN9"},
        {"status": "1"},
    ],
)
def test_another_claim_control_number_or_status_closes_nothing(site, ingest, other):
    ingest(original())
    pcn = other.pop("pcn", "PCN1")
    ingest(takes_back(clp(pcn, BACK, charge="-380", **other)))
    assert Denial.objects.get().status == "open"
    assert WorkItem.objects.get().state == "open"


@pytest.mark.parametrize(
    "line",
    [
        svc("HC:45380", "-300", cas=[("PI", "97", "-300")], control="L1"),
        svc("HC:45380", "-300", cas=[("CO", "45", "-300")], control="L1"),
        svc("HC:45380", "-300", cas=[("CO", "97", "-300")], control="L7"),
        svc("HC:99999", "-300", cas=[("CO", "97", "-300")]),
    ],
    ids=["group", "carc", "line control", "line code"],
)
def test_another_group_carc_or_line_closes_nothing(site, ingest, line):
    ingest(original())
    ingest(takes_back(reversal(line)))
    assert Denial.objects.get().status == "open"


def test_lines_without_control_numbers_match_by_code_date_and_rank(site, ingest):
    twins = [svc("HC:97110", "90", cas=[("CO", "97", "90")]) for _ in range(2)]
    ingest(original(*twins))
    paid = svc("HC:97110", "-90", cas=[("CO", "45", "-90")])
    back = svc("HC:97110", "-90", cas=[("CO", "97", "-90")])
    ingest(takes_back(reversal(paid, back)))
    by_line = dict(Denial.objects.values_list("line__number", "status"))
    assert by_line == {1: "open", 2: "reversed"}


def test_claim_level_denials_match_claim_level_reversals_only(site, ingest):
    ingest(original(PAID, cas=[("CO", "97", "300")]))
    line = svc("HC:45380", "-300", cas=[("CO", "97", "-300")])
    ingest(takes_back(clp("PCN1", line, status="22")))
    assert Denial.objects.get().status == "open"
    back = clp("PCN1", status="22", cas=[("CO", "97", "-300")])
    ingest(takes_back(back, trace="T3"))
    denial = Denial.objects.get()
    assert (denial.line, denial.status) == (None, "reversed")


def test_reversal_before_its_original_waits_and_is_applied(site, ingest):
    report = ingest(takes_back(reversal(), corrected(PAID)))
    assert report["status"] == "accepted"
    report = ingest(original())
    assert report["created"]["denials"] == 1
    assert report["created"]["items"] == 0
    denial = Denial.objects.get()
    assert denial.status == "reversed"
    assert denial.reversed_by.status == "22"
    assert not WorkItem.objects.exists()


def test_the_same_denial_on_the_corrected_claim_is_its_next_round(site, ingest):
    ingest(original())
    report = ingest(takes_back(reversal(), corrected(DENIED)))
    assert report["created"]["denials"] == report["created"]["items"] == 1
    first, second = Denial.objects.order_by("round")
    assert (first.status, first.round, first.previous) == ("reversed", 1, None)
    assert (second.status, second.round, second.previous) == ("open", 2, first)
    assert first.item.state == "cancelled"
    assert second.item.state == "open"


def test_the_order_of_files_does_not_matter(site, ingest):
    ingest(takes_back(reversal(), corrected(DENIED)))
    ingest(original())
    first, second = Denial.objects.order_by("paid_on", "pk")
    assert (first.round, first.status, first.item) == (1, "reversed", None)
    assert (second.round, second.status, second.previous) == (2, "open", first)
    assert WorkItem.objects.get().denials.get() == second


def test_original_reversal_and_correction_in_one_payment(site, ingest):
    claims = [clp("PCN1", DENIED, charge="300"), reversal(), corrected(DENIED)]
    ingest(takes_back(*claims))
    statuses = list(Denial.objects.order_by("pk").values_list("status", "round"))
    assert statuses == [("reversed", 1), ("open", 2)]


def test_a_second_reversal_closes_the_second_round(site, ingest):
    ingest(original())
    ingest(takes_back(reversal(), corrected(DENIED)))
    ingest(takes_back(reversal(), on="20261201", trace="T3"))
    assert set(Denial.objects.values_list("status", flat=True)) == {"reversed"}
    second = Denial.objects.get(round=2)
    assert second.reversed_by.remittance.trace == "T3"
    assert {item.state for item in WorkItem.objects.all()} == {"cancelled"}


def test_another_payers_same_denial_is_no_next_round(site, ingest):
    ingest(original())
    secondary = clp("PCN1", DENIED, status="2", charge="300", control="SEC1")
    ingest(interchange(payment(secondary, trace="T9", payer_id="1444", on="20261130")))
    assert set(Denial.objects.values_list("round", flat=True)) == {1}


def test_a_decided_denial_keeps_its_decision_and_the_item_is_flagged(site, ingest):
    ingest(original())
    Denial.objects.update(
        status="decided", decision="appeal", decided_at="2026-11-01T00:00:00Z"
    )
    WorkItem.objects.update(state="completed", outcome="completed")
    ingest(takes_back())
    denial, item = Denial.objects.get(), WorkItem.objects.get()
    assert (denial.status, denial.decision) == ("decided", "appeal")
    assert denial.reversed_by.status == "22"
    assert (item.state, item.outcome) == ("completed", "completed")
    assert item.flags == ["payer_reversed"]
    assert Event.objects.filter(action="item.changed").count() == 1


def test_an_item_whose_appeal_was_submitted_stays_and_is_flagged(site, ingest):
    """Reopened after its appeal went out, then reversed by the payer."""
    ingest(original())
    Denial.objects.update(decision="appeal", decided_at="2026-11-01T00:00:00Z")
    ingest(takes_back())
    item = WorkItem.objects.get()
    assert item.state == "open"
    assert item.flags == ["payer_reversed"]
    assert not Event.objects.filter(action="item.cancelled").exists()


def test_status_4_without_reason_is_taken_back_by_a_reversal_without_any(site, ingest):
    ingest(original(svc("HC:1", "380"), status="4"))
    assert Denial.objects.get().carc == "unknown"
    ingest(takes_back(clp("PCN1", status="22", charge="-380")))
    assert Denial.objects.get().status == "reversed"


def test_a_reversal_again_under_another_payment_changes_nothing_more(site, ingest):
    ingest(original())
    ingest(takes_back())
    before = Denial.objects.get()
    ingest(takes_back(trace="T7", on="20261202"))
    after = Denial.objects.get()
    assert (after.reversed_by, after.reversed_at) == (
        before.reversed_by,
        before.reversed_at,
    )
    assert Event.objects.filter(action="item.cancelled").count() == 1


def test_many_items_are_told_some_at_a_time(site, ingest, monkeypatch):
    monkeypatch.setattr(items, "ITEMS_AT_ONCE", 2)
    at_once, plain = [], bulk.cancel_items

    def counted(ids, **more):
        at_once.append(len(ids))
        return plain(ids, **more)

    monkeypatch.setattr(bulk, "cancel_items", counted)
    numbers = ["PCN1", "PCN2", "PCN3"]
    claims = [clp(n, DENIED, charge="300", control=f"I{n}") for n in numbers]
    ingest(interchange(payment(*claims, trace="T1", on="20261021")))
    back = [clp(n, BACK, status="22", charge="-300", control=f"I{n}") for n in numbers]

    ingest(takes_back(*back))

    assert at_once == [2, 1]
    assert [i.state for i in WorkItem.objects.all()] == ["cancelled"] * 3
    told = Event.objects.filter(action="item.cancelled", subject_kind="item")
    assert told.values("subject_id").distinct().count() == 3
