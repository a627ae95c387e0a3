"""Pages by keyset: nothing twice, nothing lost, strangers' cursors refused."""

import base64
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.factories import FacilityFactory, open_item
from worklists.errors import BadInput
from worklists.models import WorkItem
from worklists.selectors.items import ORDERINGS, item_page, items_for
from worklists.selectors.keyset import page

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
DAY = datetime(2026, 11, 2, 15, tzinfo=UTC)


@pytest.fixture
def items(site):
    """Seven items with ties in every order."""
    made = []
    for n in range(7):
        item = open_item(
            site.queue,
            site.facility,
            at=DAY + timedelta(days=n // 2),
            amount=Decimal(100 * (n % 3)),
            legal_due_at=DAY + timedelta(days=40) if n % 2 else None,
        )
        WorkItem.objects.filter(pk=item.pk).update(priority=10 * (n % 3))
        made.append(item.pk)
    return made


def walk(user, ordering, size):
    """Return the ids of all pages forwards, and then backwards from the last one."""
    forward, backward, cursor, last = [], [], "", None
    while True:
        found = item_page(
            user, items_for(user), ordering=ordering, cursor=cursor, size=size
        )
        forward.append([row.pk for row in found.rows])
        if found.next is None:
            break
        cursor = found.next
    last = found
    while last.previous is not None:
        last = item_page(
            user, items_for(user), ordering=ordering, cursor=last.previous, size=size
        )
        backward.append([row.pk for row in last.rows])
    return forward, backward


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_page_holds_every_row_once_both_ways(site, items, size):
    for ordering in sorted(ORDERINGS):
        forward, backward = walk(site.coder, ordering, size)

        assert sorted(pk for rows in forward for pk in rows) == items, ordering
        assert backward[::-1] == forward[:-1], ordering


def test_page_follows_the_order_of_next(site, items):
    rows = WorkItem.objects.order_by("-priority", "due_rank", "pk")
    wanted = [row.pk for row in rows]

    forward, _ = walk(site.coder, "-priority", 3)

    assert [pk for rows in forward for pk in rows] == wanted


def test_order_of_due_takes_the_nearest_clock(site, items):
    found = item_page(site.coder, items_for(site.coder), ordering="due").rows

    nearest = [min(filter(None, (i.legal_due_at, i.internal_due_at))) for i in found]
    assert nearest == sorted(nearest)


def test_page_survives_rows_that_leave(site, items):
    first = item_page(site.coder, items_for(site.coder), ordering="-age", size=3)
    WorkItem.objects.filter(pk=first.rows[-1].pk).update(facility=FacilityFactory())

    second = item_page(
        site.coder, items_for(site.coder), ordering="-age", size=3, cursor=first.next
    )

    assert [row.pk for row in second.rows] == items[3:6]


def packed(*values):
    """Return a cursor made by hand."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


STRANGE = [
    "x",
    "%%%",
    "é",
    "a" * 401,
    "A" * 400,
    packed(),
    packed("n", "-age", DAY.isoformat(), 1),
    packed("x", "-priority", 1, DAY.isoformat(), 1),
    packed("n", "-priority", 1, DAY.isoformat()),
    packed("n", "-priority", "1", DAY.isoformat(), 1),
    packed("n", "-priority", 1, "2026-11-02", 1),
    packed("n", "-priority", 1, 5, 1),
    packed("n", "-priority", 1, DAY.isoformat(), 10**30),
    packed("n", "-priority", None, DAY.isoformat(), 1),
    packed("n", "-priority", True, DAY.isoformat(), 1),
]


def test_page_refuses_a_strange_cursor(site):
    items = items_for(site.coder)
    for cursor in STRANGE:
        with pytest.raises(BadInput) as refusal:
            pytest.fail(
                f"taken: {item_page(site.coder, items, cursor=cursor)}, {cursor}"
            )
        assert "cursor" in refusal.value.fields, cursor


@pytest.mark.parametrize(
    "amount", ["NaN", "Infinity", "1e400", "1e-99999999", 5, None, "x"]
)
def test_page_refuses_an_amount_without_measure(site, amount):
    cursor = packed("n", "-amount", amount, 1)

    with pytest.raises(BadInput):
        page(WorkItem.objects.all(), ORDERINGS["-amount"], cursor=cursor)
