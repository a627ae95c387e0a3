"""Denials become items: shared, joined, or left alone."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from denials.models import AppealLevel, Denial
from denials.services.pieces import routing_facts
from tests.denials.remit import clp, interchange, payment, svc
from tests.factories import person, take
from worklists.enums import Action, Role, RuleKind
from worklists.models import Claim, Event, ItemClock, WorkItem
from worklists.selectors.routing_effect import routing_effect
from worklists.selectors.rules import live_content
from worklists.services.perform import perform

pytestmark = pytest.mark.django_db

POLYP = svc("HC:45380:59", "2140", cas=[("CO", "97", "2140")], remarks=["M15"])
PAIR = svc("HC:45385", "500", cas=[("CO", "236", "500")])
LATE = svc("HC:88305", "80", cas=[("CO", "29", "80")])


def one_claim(*lines, **more):
    return interchange(payment(clp("PCN1", *lines, charge="2720", **more)))


def later(*lines, control="ICN2", trace="T2"):
    """The same claim again, from the same payer, in a later payment."""
    return interchange(
        payment(clp("PCN1", *lines, control=control), trace=trace, on="20261104")
    )


def test_denials_of_one_claim_and_queue_share_an_item(site, ingest):
    report = ingest(one_claim(POLYP, PAIR, LATE))
    assert report["status"] == "accepted"
    assert report["created"] == {
        "claims": 1,
        "remittance_claims": 1,
        "denials": 3,
        "denied_amount": "2720.00",
        "items": 2,
        "ingest_exceptions": 0,
    }
    bundling = WorkItem.objects.get(queue=site.bundling)
    assert bundling.amount == Decimal("2640.00")
    assert bundling.reason_code == "CO-97 · M15, CO-236"
    assert bundling.risk_class == "bundling"
    assert bundling.facility == site.facility
    assert bundling.payer == site.payer
    assert bundling.claim == Claim.objects.get()
    assert bundling.evidence_asked == 4
    assert set(bundling.denials.values_list("carc", flat=True)) == {"97", "236"}
    other = WorkItem.objects.get(queue=site.other)
    assert other.amount == Decimal("80.00")
    assert other.evidence_asked == 2


def test_an_item_is_opened_with_one_event_about_its_batch(site, ingest):
    ingest(one_claim(POLYP))
    item = WorkItem.objects.get()
    event = Event.objects.get(subject_kind="item", subject_id=item.pk)
    assert event.action == "item.opened"
    assert (event.object_kind, event.seq) == ("batch", 1)
    assert bytes(event.hash) == bytes(item.trail_hash)
    assert item.why_here["words"] == "rule 30001: class bundling"


def test_a_payer_profile_starts_the_appeal_clock(site, ingest):
    ingest(one_claim(POLYP))
    clock = ItemClock.objects.get(kind="legal")
    # Paid on 21 October 2026, receipt presumed on the 26th, 120 days.
    assert clock.due_at == datetime(2027, 2, 24, 5, 59, 59, tzinfo=UTC)
    assert clock.label == "Appeal, redetermination"
    assert clock.source == "medicare-ffs v1 level 1 (2026-11-21)"
    assert WorkItem.objects.get().legal_due_at == clock.due_at
    assert WorkItem.objects.get().flags == []


def test_a_deadline_nobody_checked_is_flagged(site, ingest):
    AppealLevel.objects.filter(level=1).update(verified_on=None, verified_by="")
    ingest(one_claim(POLYP))
    assert WorkItem.objects.get().flags == ["unverified_deadline"]
    assert "not verified" in ItemClock.objects.get(kind="legal").source


@pytest.mark.parametrize(
    "lines",
    [
        # Late filing with N211 carries no right of appeal.
        [svc(cas=[("CO", "29", "100")], remarks=["N211"])],
        [svc(cas=[("CO", "16", "100")], remarks=["MA130"])],
    ],
)
def test_what_cannot_be_appealed_has_no_appeal_clock(site, ingest, lines):
    ingest(one_claim(*lines))
    assert Denial.objects.get().appealable is False
    assert WorkItem.objects.get().legal_due_at is None


def test_an_unknown_payer_is_kept_by_name_and_has_no_clock(site, ingest):
    ingest(
        interchange(payment(clp("PCN1", POLYP), payer="NOBODY KNOWS", payer_id="1999"))
    )
    item = WorkItem.objects.get()
    assert item.payer is None
    assert item.claim.payer_name == "NOBODY KNOWS"
    assert item.legal_due_at is None


def test_a_later_denial_joins_the_open_item(site, ingest):
    ingest(one_claim(POLYP))
    item = WorkItem.objects.get()
    report = ingest(later(PAIR))
    assert report["created"]["denials"] == 1
    assert report["created"]["items"] == 0
    joined = WorkItem.objects.get()
    assert joined.pk == item.pk
    assert joined.amount == Decimal("2640.00")
    assert joined.reason_code == "CO-97 · M15, CO-236"
    assert joined.evidence_asked == 4
    assert joined.version == item.version + 1
    assert joined.legal_due_at == item.legal_due_at
    assert ItemClock.objects.filter(kind="legal").count() == 2
    event = Event.objects.get(action="item.joined")
    fresh = Denial.objects.get(carc="236")
    assert json.loads(event.facts)["denials"] == [fresh.pk]
    assert event.from_state == event.to_state == "open"


def test_a_later_denial_joins_an_item_somebody_works_on(site, ingest):
    ingest(one_claim(POLYP))
    coder = person(Role.CODER, works=[site.bundling], facilities=[site.facility])
    take(WorkItem.objects.get(), coder)
    ingest(later(PAIR))
    item = WorkItem.objects.get()
    assert (item.state, item.assignee) == ("in_progress", coder)
    assert item.denials.count() == 2


@pytest.mark.parametrize("state", ["in_review", "completed", "cancelled"])
def test_an_item_in_review_or_ended_is_not_joined(site, ingest, state):
    ingest(one_claim(POLYP))
    first = WorkItem.objects.get()
    WorkItem.objects.update(state=state)
    report = ingest(later(PAIR))
    assert report["created"]["items"] == 1
    fresh = WorkItem.objects.exclude(pk=first.pk).get()
    assert fresh.denials.get().carc == "236"
    first.refresh_from_db()
    assert first.denials.count() == 1
    assert first.amount == Decimal("2140.00")
    assert not Event.objects.filter(action="item.joined").exists()


def test_the_first_rule_that_takes_a_denial_takes_the_item_they_share(site, ingest):
    """A sum over a rule's amount moves nothing: each denial is routed by itself."""
    site.other.rules.filter(position=30_002).update(position=30_005)
    from tests.factories import QueueFactory, RoutingRuleFactory

    dear = QueueFactory(slug="dear", kind="denial", template=site.other.template)
    conditions = [{"field": "amount", "op": "gte", "value": "100"}]
    RoutingRuleFactory(
        kind="denial", position=30_004, queue=dear, conditions=conditions
    )
    cheap = [svc("HC:1", "60", cas=[("CO", "29", "60")]) for _ in range(2)]
    ingest(one_claim(*cheap))
    item = WorkItem.objects.get()
    assert (item.queue, item.amount) == (site.other, Decimal("120.00"))


def test_refusing_stale_forms_after_a_join(site, ingest):
    ingest(one_claim(POLYP))
    coder = person(Role.CODER, works=[site.bundling], facilities=[site.facility])
    mine = take(WorkItem.objects.get(), coder)
    ingest(later(PAIR))
    from worklists.errors import StaleVersion

    with pytest.raises(StaleVersion):
        perform(
            item_id=mine.pk,
            action=Action.SUBMIT,
            actor=coder,
            expected_version=mine.version,
            evidence={},
        )
    assert WorkItem.objects.get().state == "in_progress"


def test_rules_ask_the_same_of_an_item_that_is_there_as_when_it_was_opened(
    site, ingest
):
    small = svc("HC:1", "100", cas=[("CO", "29", "100")])
    large = svc("HC:2", "900", cas=[("CO", "29", "900")])
    ingest(one_claim(small, large))
    item = WorkItem.objects.get()

    known = routing_facts([item])[item.pk]

    assert (known["amount"], known["carcs"]) == (Decimal("900.00"), ["29"])
    assert known["facility"] == item.facility.slug
    in_force = live_content(RuleKind.ROUTING, "denial")["rules"]
    effect = routing_effect("denial", in_force, in_force)
    assert (effect.looked, effect.moved) == (1, 0)
    assert [one.queue for one in effect.taken if one.items] == [item.queue.name]
