"""Events of many items in one statement: all of them, alike, or none."""

import pytest
from django.db import transaction

from tests.factories import make_site, open_many
from worklists import trail
from worklists.models import Event, WorkItem

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def items():
    site = make_site()
    return open_many(site.queue, site.facility, 2)


def row(item_id, **sets):
    return trail.BulkRow(item_id, "open", "open", {"level": "raised"}, sets)


def write(rows, **more):
    with transaction.atomic():
        return trail.append_item_events(rows, action="item.changed", actor=None, **more)


def standing():
    return list(WorkItem.objects.order_by("pk").values_list("lift", "version"))


def test_every_item_is_written_with_its_event(items):
    assert write([row(items[0].pk, lift=1), row(items[1].pk, lift=-1)]) == 2
    assert standing() == [(1, 2), (-1, 2)]
    assert Event.objects.filter(action="item.changed").count() == 2


def test_an_event_from_elsewhere_leaves_version_and_touch(items):
    before = [item.touched_at for item in items]
    assert write([row(item.pk) for item in items], acted=False) == 2
    assert standing() == [(0, 1), (0, 1)]
    touched = WorkItem.objects.order_by("pk").values_list("touched_at", flat=True)
    assert list(touched) == before


def test_nothing_is_written_for_nothing(items):
    assert write([]) == 0
    assert Event.objects.filter(action="item.changed").count() == 0


def test_rows_that_set_different_columns_are_a_mistake(items):
    with pytest.raises(ValueError, match="same columns"):
        write([row(items[0].pk, lift=1), row(items[1].pk)])
    assert standing() == [(0, 1), (0, 1)]


@pytest.mark.parametrize("other", [999_999, None])
def test_an_item_that_is_not_there_or_named_twice_undoes_all(items, other):
    first = items[0].pk
    with pytest.raises(LookupError, match="1 of 2 items are not there"):
        write([row(first, lift=1), row(other or first, lift=1)])
    assert standing() == [(0, 1), (0, 1)]
    assert Event.objects.filter(action="item.changed").count() == 0
