"""A reversal that ends an item: cancelled by itself, or left to people; opened anew."""

import json

import pytest

from denials.models import Denial
from tests.denials.services.test_reversals import (
    DENIED,
    LATE,
    LATE_BACK,
    original,
    reversal,
    takes_back,
)
from tests.factories import grant, person
from tests.worklists.services.classes import choose
from worklists.enums import Role
from worklists.models import Event, Notice, User, WorkItem
from worklists.selectors.automatic_acts import LEFT, automatic_acts
from worklists.services.perform import perform
from worklists.services.reversing import reverse

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(site):
    """A manager of every queue of the site."""
    found = person(Role.MANAGER, username="head", facilities=[site.facility])
    for queue in (site.bundling, site.other):
        grant(found, queue, "manage")
    return User.objects.get(pk=found.pk)


def cancel_event():
    return Event.objects.get(action="item.cancelled")


def test_by_itself_the_event_says_act_class_and_version(site, ingest):
    ingest(original())
    ingest(takes_back())
    assert json.loads(cancel_event().facts)["task_class"] == {
        "act": "cancel_reversed",
        "class": "automatic",
        "version": 1,
    }


@pytest.mark.parametrize("chosen", ["assisted", "human_only"])
def test_left_to_people_the_item_stays_flagged_and_says_so(
    site, ingest, manager, chosen
):
    ingest(original())
    choose(cancel_reversed=chosen)
    ingest(takes_back())
    item = WorkItem.objects.get()
    assert (item.state, item.flags) == ("open", ["payer_reversed"])
    assert Denial.objects.get().status == "reversed"
    assert not Event.objects.filter(action="item.cancelled").exists()
    event = Event.objects.get(action="item.left_to_people")
    assert json.loads(event.facts) == {
        "version": item.version,
        "task_class": {"act": "cancel_reversed", "class": chosen, "version": 2},
    }
    assert event.object_kind == "batch"
    rows = automatic_acts(manager, show=LEFT).rows
    assert [(row.item, row.is_left) for row in rows] == [(item, True)]
    of_rules = Notice.objects.filter(code__startswith="rule_")
    others = Notice.objects.exclude(pk__in=of_rules)
    told = list(others.values_list("code", "user_id", "facts"))
    supervisor = item.queue.supervisor_id
    expected = [("left_cancel_reversed", supervisor, {"items": 1})]
    assert told == (expected if chosen == "assisted" else [])


def test_a_manager_cancels_what_was_left(site, ingest, manager):
    ingest(original())
    choose(cancel_reversed="human_only")
    ingest(takes_back())
    item = WorkItem.objects.get()
    perform(
        item_id=item.pk,
        action="cancel",
        actor=manager,
        expected_version=item.version,
        reason="The payer took it back.",
        options={"reason_code": "payer_reversed"},
    )
    assert WorkItem.objects.get().state == "cancelled"
    [row] = automatic_acts(manager, show=LEFT).rows
    assert not row.is_left


def test_one_with_another_denial_goes_on_whatever_the_class(site, ingest):
    ingest(original(DENIED, LATE))
    choose(cancel_reversed="human_only")
    ingest(takes_back())
    assert WorkItem.objects.get().state == "open"
    assert not Event.objects.filter(action="item.left_to_people").exists()


def test_taken_back_its_denials_are_decided_in_a_new_item(site, ingest, manager):
    ingest(original())
    ingest(takes_back())
    old = WorkItem.objects.get()
    back = reverse(
        actor=manager, event_id=cancel_event().pk, reason="That 22 was for another."
    )
    denial = Denial.objects.get()
    fresh = WorkItem.objects.get(pk=back.item.pk)
    assert (denial.status, denial.item_id) == ("open", fresh.pk)
    assert denial.reversed_by is not None  # what the payer did stays known
    assert (fresh.state, fresh.queue_id, fresh.amount) == (
        "open",
        old.queue_id,
        old.amount,
    )
    assert fresh.evidence_asked == 2
    assert WorkItem.objects.get(pk=old.pk).state == "cancelled"


def test_a_denial_that_was_reversed_before_stays_reversed(site, ingest, manager):
    ingest(original(DENIED, LATE))
    ingest(takes_back())
    first = Denial.objects.get(status="reversed")
    ingest(takes_back(reversal(LATE_BACK), on="20261120", trace="T3"))
    reverse(actor=manager, event_id=cancel_event().pk, reason="Only the second.")
    first.refresh_from_db()
    assert first.status == "reversed"
    assert Denial.objects.get(status="open").line.code == "88305"
