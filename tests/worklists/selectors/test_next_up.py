"""What Next would hand out, in its order."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.factories import ClearanceFactory, make_site, open_item, open_many, take
from worklists.models import Queue, WorkItem
from worklists.selectors.next_up import next_up
from worklists.services.next_item import next_item
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def test_next_up_is_what_next_hands_out(site):
    now = timezone.now()
    for n in range(5):
        open_item(
            site.queue,
            site.facility,
            amount=Decimal(100 * (n % 2)),
            legal_due_at=now + timedelta(days=50 - n),
        )

    previewed = next_up(site.coder, limit=5)
    handed = [next_item(actor=site.coder).item for _ in range(5)]

    assert previewed == handed
    assert next_up(site.coder) == []
    assert WorkItem.objects.filter(state="open").count() == 0


def test_next_up_takes_nothing(site):
    item = open_item(site.queue, site.facility)

    assert next_up(site.coder) == [item]

    item.refresh_from_db()
    assert (item.state, item.version, item.assignee) == ("open", 1, None)


def test_next_up_puts_returned_first(site):
    back, better = open_item(site.queue, site.facility), None
    take(back, site.coder)
    WorkItem.objects.filter(pk=back.pk).update(state="returned", handed_at=None)
    better = open_item(site.queue, site.facility, amount=Decimal(20_000))

    assert next_up(site.coder) == [back, better]
    assert next_item(actor=site.coder).item == back
    assert next_up(site.coder) == [better]


def test_next_up_skips_what_is_promised_to_others(site):
    item = open_item(site.queue, site.facility)
    perform(
        item_id=item.pk,
        action="assign",
        actor=site.manager,
        expected_version=1,
        options={"to": "other_coder"},
    )

    assert next_up(site.coder) == []
    assert next_up(site.other_coder) == [item]


def test_next_up_stops_at_full_hands(site):
    Queue.objects.update(max_in_hand=1)
    first, second = open_many(site.queue, site.facility, 2)
    take(first, site.coder)

    assert next_up(site.coder) == []
    assert next_up(site.other_coder) == [second]
    assert next_item(actor=site.coder).reason == "max_in_hand"


def test_next_up_respects_clearance():
    site = make_site(clearance=ClearanceFactory())
    open_item(site.queue, site.facility)

    assert next_up(site.coder) == []
