"""An item's own chain in words, its reads, and its claim."""

import pytest

from tests.factories import open_item, take
from worklists.errors import NotVisible
from worklists.models import Reason
from worklists.selectors.claims import claim_for, items_of_claim
from worklists.selectors.item_trail import item_events
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def item(site):
    """An item that was taken and escalated."""
    item = take(open_item(site.queue, site.facility), site.coder)
    return perform(
        item_id=item.pk,
        action="escalate",
        actor=site.coder,
        expected_version=2,
        reason="Who knows this payer?",
    )


def test_item_events_newest_first_with_words(site, item, django_assert_num_queries):
    with django_assert_num_queries(2):
        events = item_events(site.coder, item.pk).events

    assert [(e.seq, e.action, e.words, e.actor, e.role) for e in events] == [
        (3, "item.escalated", "escalated it", "coder", "coder"),
        (2, "item.claimed", "took it", "coder", "coder"),
        (1, "item.opened", "opened it", "worker", "system"),
    ]
    assert events[0].reason.said == "Who knows this payer?"
    assert events[1].reason is None
    assert (events[1].from_state, events[1].to_state) == ("open", "in_progress")
    assert events[0].hash == bytes(item.trail_hash).hex()
    assert not any(event.late for event in events)


def test_item_events_in_pages(site, item):
    first = item_events(site.coder, item.pk, size=2)
    second = item_events(site.coder, item.pk, size=2, cursor=first.next)

    assert [e.seq for e in first.events] == [3, 2]
    assert [e.seq for e in second.events] == [1]
    assert (first.previous, second.next) == (None, None)


def test_redacted_words_are_gone(site, item):
    row = Reason.objects.get()
    Reason.objects.filter(pk=row.pk).update(
        content=None, salt=None, redacted_at=row.said_at
    )

    event = item_events(site.coder, item.pk).events[0]

    assert (event.reason.said, event.reason.redacted_at) == (None, row.said_at)


def test_claim_for_and_its_items(site, item):
    assert claim_for(site.coder, item.claim_id) == item.claim
    assert items_of_claim(site.coder, item.claim_id) == [item]
    with pytest.raises(NotVisible):
        claim_for(site.outsider, item.claim_id)
