"""The list of items and one item: shapes, filters, who sees what."""

import pytest

from tests.factories import open_item

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def test_items_of_a_queue(site, as_person):
    item = open_item(site.queue, site.facility)

    answer = as_person(site.coder).get("/api/v1/items/", {"queue": site.queue.slug})

    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert (body["next"], body["previous"]) == (None, None)
    assert [row["id"] for row in body["results"]] == [item.pk]


def test_item_in_full(site, as_person):
    item = open_item(site.queue, site.facility)

    answer = as_person(site.coder).get(f"/api/v1/items/{item.pk}/")

    assert answer.status_code == 200, answer.content
    import json

    print(json.dumps(answer.json(), indent=1))
