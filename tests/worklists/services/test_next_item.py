"""Next: the order, the lock, the reasons, and a crowd that gets distinct items."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction

from tests.factories import (
    ClearanceFactory,
    QueueFactory,
    clear_for,
    grant,
    make_site,
    open_item,
    take,
)
from worklists.context import now
from worklists.enums import State
from worklists.errors import NotPermitted, NotVisible
from worklists.models import Event, Queue, User, WorkItem
from worklists.selectors.next_up import next_up
from worklists.services import next_item as handing_out
from worklists.services.next_item import next_item
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site():
    return make_site()


def order(site, count: int) -> list[int]:
    handed = [next_item(actor=site.coder).item for _ in range(count)]
    return [item.pk for item in handed if item is not None]


def test_the_highest_priority_comes_first_then_the_deadline_then_the_number(
    site,
) -> None:
    small = open_item(site.queue, site.facility, amount=Decimal("10.00"))
    large = open_item(site.queue, site.facility, amount=Decimal("90000.00"))
    second = open_item(site.queue, site.facility, amount=Decimal("10.00"))
    far = open_item(
        site.queue,
        site.facility,
        amount=Decimal("10.00"),
        legal_due_at=now() + timedelta(days=400),
    )
    WorkItem.objects.filter(pk=far.pk).update(priority=small.priority)
    assert order(site, 4) == [large.pk, far.pk, small.pk, second.pk]


def test_the_item_is_locked_to_the_person_with_an_event(site) -> None:
    open_item(site.queue, site.facility)
    item = next_item(actor=site.coder).item
    assert item is not None
    assert (item.state, item.assignee) == (State.IN_PROGRESS, site.coder)
    event = Event.objects.get(action="item.handed")
    assert (event.actor_name, event.from_state, event.to_state) == (
        "coder",
        "open",
        "in_progress",
    )


def test_an_open_item_assigned_to_another_is_not_handed_out(site) -> None:
    item = open_item(site.queue, site.facility)
    WorkItem.objects.filter(pk=item.pk).update(assignee=site.other_coder)
    assert next_item(actor=site.coder).item is None
    assert next_item(actor=site.other_coder).item == item


def assigned(site, item: WorkItem) -> WorkItem:
    """Let the manager give an open item to the coder."""
    return perform(
        item_id=item.pk,
        action="assign",
        actor=site.manager,
        expected_version=1,
        options={"to": site.coder.username},
    )


def test_what_is_assigned_to_them_comes_after_what_was_returned_and_before_the_rest(
    site,
) -> None:
    rich = open_item(site.queue, site.facility, amount=Decimal("90000.00"))
    back = take(open_item(site.queue, site.facility), site.coder)
    WorkItem.objects.filter(pk=back.pk).update(state="returned", handed_at=None)
    small = assigned(site, open_item(site.queue, site.facility, amount=Decimal(10)))
    large = assigned(site, open_item(site.queue, site.facility, amount=Decimal(6000)))

    wanted = [back.pk, large.pk, small.pk, rich.pk]
    assert [item.pk for item in next_up(site.coder)] == wanted
    assert [item.pk for item in next_up(site.other_coder)] == [rich.pk]
    assert order(site, 4) == wanted


def test_what_is_assigned_waits_while_the_hand_is_full() -> None:
    site = make_site(max_in_hand=1)
    take(open_item(site.queue, site.facility), site.coder)
    item = assigned(site, open_item(site.queue, site.facility))

    found = next_item(actor=site.coder)

    assert (found.item, found.reason) == (None, "max_in_hand")
    item.refresh_from_db()
    assert (item.state, item.assignee, item.version) == ("open", site.coder, 2)


def test_what_is_assigned_is_not_handed_out_without_the_clearance() -> None:
    clearance = ClearanceFactory()
    site = make_site(clearance=clearance)
    item = open_item(site.queue, site.facility)
    WorkItem.objects.filter(pk=item.pk).update(assignee=site.coder)

    assert next_item(actor=site.coder).reason == "no_queue"
    assert WorkItem.objects.get().state == "open"


def test_nothing_waiting_says_so(site) -> None:
    found = next_item(actor=site.coder)
    assert (found.item, found.reason) == (None, "empty")


def test_a_person_without_queues_is_told_so(site) -> None:
    assert next_item(actor=site.outsider).reason == "no_queue"


def test_a_full_hand_gets_none_with_the_reason() -> None:
    site = make_site(max_in_hand=2)
    for _ in range(3):
        open_item(site.queue, site.facility)
    assert len(order(site, 2)) == 2
    found = next_item(actor=site.coder)
    assert (found.item, found.reason) == (None, "max_in_hand")
    assert WorkItem.objects.filter(state=State.OPEN).count() == 1


def test_a_full_queue_does_not_hide_another(site) -> None:
    full = QueueFactory(team=site.queue.team, max_in_hand=1)
    grant(site.coder, full, "work")
    open_item(full, site.facility, amount=Decimal("90000.00"))
    open_item(full, site.facility, amount=Decimal("90000.00"))
    other = open_item(site.queue, site.facility, amount=Decimal("1.00"))
    coder = User.objects.get(pk=site.coder.pk)
    next_item(actor=coder)
    found = next_item(actor=coder).item
    assert found is not None
    assert found.pk == other.pk


def test_without_the_clearance_an_item_is_never_handed_out() -> None:
    clearance = ClearanceFactory()
    site = make_site(clearance=clearance)
    item = open_item(site.queue, site.facility)
    assert next_item(actor=site.coder).reason == "no_queue"
    with pytest.raises(NotPermitted) as refused:
        next_item(actor=site.coder, queue_slug=site.queue.slug)
    assert refused.value.code == "clearance"
    clear_for(site.coder, clearance)
    cleared = User.objects.get(pk=site.coder.pk)
    assert next_item(actor=cleared).item == item


def test_one_queue_can_be_asked_and_a_foreign_one_does_not_exist(site) -> None:
    other = QueueFactory(team=site.queue.team)
    grant(site.coder, other, "work")
    coder = User.objects.get(pk=site.coder.pk)
    open_item(site.queue, site.facility, amount=Decimal("90000.00"))
    wanted = open_item(other, site.facility, amount=Decimal("1.00"))
    found = next_item(actor=coder, queue_slug=other.slug).item
    assert found is not None
    assert found.pk == wanted.pk
    with pytest.raises(NotVisible):
        next_item(actor=site.outsider, queue_slug=other.slug)


def test_an_item_of_another_facility_is_not_handed_out(site) -> None:
    elsewhere = make_facility()
    open_item(site.queue, elsewhere)
    assert next_item(actor=site.coder).reason == "empty"


def late_move(monkeypatch, item: WorkItem, to: Queue) -> None:
    """Let a manager move the item between the look and the lock."""
    plain = handing_out._FIRST_FREE

    class Late:
        def first(self, **values: Any) -> WorkItem | None:
            assert values["ids"] == [item.pk]
            WorkItem.objects.filter(pk=item.pk).update(queue=to)
            return plain.first(**values)

    monkeypatch.setattr(handing_out, "_FIRST_FREE", Late())


def test_an_item_moved_meanwhile_is_not_handed_out(site, monkeypatch) -> None:
    item = open_item(site.queue, site.facility)
    elsewhere = QueueFactory(team=site.queue.team)
    grant(site.coder, elsewhere, "view")
    late_move(monkeypatch, item, elsewhere)

    assert next_item(actor=User.objects.get(pk=site.coder.pk)).reason == "empty"
    assert WorkItem.objects.get().assignee is None


def test_an_item_moved_meanwhile_to_a_full_queue_is_not_handed_out(
    site, monkeypatch
) -> None:
    full = QueueFactory(team=site.queue.team, max_in_hand=1)
    grant(site.coder, full, "work")
    coder = User.objects.get(pk=site.coder.pk)
    held = open_item(full, site.facility)
    take(held, coder)
    item = open_item(site.queue, site.facility)
    late_move(monkeypatch, item, full)

    assert next_item(actor=coder).reason == "empty"
    item.refresh_from_db()
    assert (item.queue, item.state, item.assignee) == (full, "open", None)


def make_facility():
    from tests.factories import FacilityFactory

    return FacilityFactory()


TAKINGS = {"next": lambda _item, person: next_item(actor=person), "claim": take}


def in_a_hurry(taking: Callable[[WorkItem, User], object], *args: Any) -> None:
    """Take an item without waiting longer than a moment for a lock."""
    with transaction.atomic():
        connection.cursor().execute("SET LOCAL lock_timeout TO '200ms'")
        taking(*args)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("taking", TAKINGS)
def test_two_takings_of_one_person_are_counted_one_after_the_other(taking: str) -> None:
    site = make_site(max_in_hand=1)
    item = open_item(site.queue, site.facility)
    other = connections.create_connection("default")
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:  # as a taking that is still under way
            cursor.execute(
                "SELECT FROM worklists_user WHERE id = %s FOR NO KEY UPDATE",
                [site.coder.pk],
            )
        with pytest.raises(OperationalError):
            in_a_hurry(TAKINGS[taking], item, site.coder)
    finally:
        other.rollback()
        other.close()
    assert WorkItem.objects.get().assignee is None
    assert next_item(actor=site.coder).item == item
    open_item(site.queue, site.facility)
    assert next_item(actor=site.coder).reason == "max_in_hand"
