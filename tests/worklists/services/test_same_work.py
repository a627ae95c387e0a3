"""The same work is not open twice, by the rule of its kind; whoever opens it."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from tests.factories import (
    ClaimFactory,
    EvidenceTemplateFactory,
    QueueFactory,
    RoutingRuleFactory,
    grant,
    make_site,
    open_item,
    take,
)
from worklists.context import now
from worklists.errors import BadInput, Duplicate, NotPermitted, NotVisible
from worklists.models import Claim, Event, User, WorkItem
from worklists.services.opening import NewItem, open_items
from worklists.services.opening_by_hand import open_by_hand
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

EDIT = "claim_edit"


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def edits(site):
    """A queue that takes claim edits, which nobody of the site sees."""
    return queue_of(EDIT, site)


def queue_of(kind, site):
    form = EvidenceTemplateFactory(kind=kind)
    queue = QueueFactory(kind=kind, template=form, team=site.queue.team)
    RoutingRuleFactory(kind=kind, queue=queue, conditions=[])
    return queue


@pytest.fixture
def claim(site):
    """A claim that everybody at work sees."""
    return open_item(site.queue, site.facility).claim


def new(claim, kind=EDIT, code="NCCI-PTP", label="Two codes of one pair") -> NewItem:
    return NewItem(
        kind=kind,
        facility_id=claim.facility_id,
        claim_id=claim.pk,
        reason_code=code,
        reason_label=label,
    )


def by_hand(actor, claim, kind=EDIT, code="NCCI-PTP", label="Two codes") -> WorkItem:
    return open_by_hand(
        actor=actor,
        kind=kind,
        claim_id=claim.pk,
        reason_code=code,
        reason_label=label,
    )


def edits_of(claim) -> int:
    return WorkItem.objects.filter(kind=EDIT, claim=claim).count()


def test_an_item_opened_by_hand_is_routed_and_names_its_opener(site, edits, claim):
    item = by_hand(site.coder, claim)

    assert (item.queue, item.claim_id, item.state) == (edits, claim.pk, "open")
    assert (item.reason_code, item.reason_label) == ("NCCI-PTP", "Two codes")
    event = Event.objects.get(subject_kind="item", subject_id=item.pk)
    assert (event.action, event.actor_id) == ("item.opened", site.coder.pk)
    assert "Two codes" not in event.facts


def test_the_same_by_hand_is_refused_and_leads_to_the_open_one(site, edits, claim):
    from tests.factories import grant

    grant(site.coder, edits, "work")
    first = by_hand(site.coder, claim)

    with pytest.raises(Duplicate) as refused:
        by_hand(site.coder, claim, label="Said in other words")

    assert refused.value.extra == {"item": first.pk}
    assert first.number in refused.value.detail
    assert edits_of(claim) == 1


def test_who_does_not_see_the_open_one_is_not_told_which(site, edits, claim):
    by_hand(site.coder, claim)

    with pytest.raises(Duplicate) as refused:
        by_hand(site.coder, claim)

    assert refused.value.extra == {}
    assert "CE-" not in refused.value.detail


def test_ingest_is_refused_as_well_and_stores_nothing_of_its_batch(site, edits, claim):
    open_items([new(claim)], at=now())
    other = ClaimFactory(facility=site.facility)

    with pytest.raises(Duplicate):
        open_items([new(other), new(claim)], at=now())

    assert (edits_of(claim), edits_of(other)) == (1, 0)


def test_the_same_twice_in_one_batch_is_refused(edits, claim):
    with pytest.raises(Duplicate):
        open_items([new(claim), new(claim)], at=now())

    assert edits_of(claim) == 0


def test_another_reason_or_claim_is_other_work(site, edits, claim):
    other = ClaimFactory(facility=site.facility)

    open_items([new(claim), new(claim, code="MUE"), new(other)], at=now())

    assert (edits_of(claim), edits_of(other)) == (2, 1)


def test_what_has_ended_may_come_again_but_not_be_reopened_beside_it(
    site, edits, claim
):
    [first] = open_items([new(claim)], at=now())
    cancel = {"action": "cancel", "actor": None, "expected_version": None}
    perform(item_id=first, **cancel, options={"reason_code": "not_needed"})

    [second] = open_items([new(claim)], at=now())
    WorkItem.objects.filter(pk=first).update(state="completed", completed_at=now())
    grant(site.manager, edits, "manage")
    with pytest.raises(Duplicate) as refused:
        perform(
            item_id=first,
            action="reopen",
            actor=User.objects.get(pk=site.manager.pk),
            expected_version=WorkItem.objects.get(pk=first).version,
            reason="It is wanted after all.",
        )

    assert refused.value.extra == {"item": second}
    assert WorkItem.objects.get(pk=first).state == "completed"
    assert not Event.objects.filter(action="item.reopened").exists()


def test_charge_reviews_of_one_claim_are_many(site, claim):
    for _ in range(2):
        open_item(site.queue, site.facility, claim=claim)

    assert WorkItem.objects.filter(claim=claim).count() == 3


def test_the_database_refuses_what_went_around_the_service(edits, claim):
    [first] = open_items([new(claim)], at=now())
    [second] = open_items([new(claim, code="MUE")], at=now())
    key = WorkItem.objects.get(pk=first).same_key

    with pytest.raises(IntegrityError), transaction.atomic():
        WorkItem.objects.filter(pk=second).update(same_key=key)


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "denial"},
        {"kind": "nothing"},
        {"code": ""},
        {"label": " "},
        {"code": "x" * 81},
    ],
)
def test_what_cannot_be_opened_by_hand_is_refused(site, edits, claim, given):
    before = WorkItem.objects.count()

    with pytest.raises(BadInput):
        by_hand(site.coder, claim, **given)

    assert WorkItem.objects.count() == before


def test_who_only_reads_or_does_not_see_the_claim_opens_nothing(site, edits, claim):
    with pytest.raises(NotPermitted):
        by_hand(site.auditor, claim)
    with pytest.raises(NotVisible):
        by_hand(site.outsider, claim)

    assert edits_of(claim) == 0


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_is_opened(site, edits, claim):
    def one(_n) -> str:
        try:
            by_hand(site.coder, claim)
        except Duplicate as refused:
            return refused.code
        finally:
            connection.close()
        return "opened"

    with ThreadPoolExecutor(6) as pool:
        said = sorted(pool.map(one, range(6)))

    assert said == ["duplicate"] * 5 + ["opened"]
    assert edits_of(claim) == 1


def test_a_taken_item_is_still_the_same_work(site, claim):
    from tests.factories import grant

    edits = queue_of(EDIT, site)
    grant(site.coder, edits, "work")
    take(by_hand(site.coder, claim), site.coder)

    with pytest.raises(Duplicate):
        by_hand(site.coder, claim)


def test_what_is_opened_by_hand_is_worth_what_was_charged(site, edits, claim):
    Claim.objects.filter(pk=claim.pk).update(charge="91250.00")
    item = by_hand(site.coder, claim)
    assert item.amount == Decimal("91250.00")


def test_a_code_of_the_products_own_reports_is_not_given_by_hand(site, claim):
    queue_of("issue_report", site)
    with pytest.raises(BadInput) as refused:
        by_hand(site.coder, claim, kind="issue_report", code="trail_broken")
    assert list(refused.value.fields) == ["reason_code"]
    assert not WorkItem.objects.filter(kind="issue_report").exists()
