"""A person's own time through the API: read with the item, put right, never counted."""

import pytest

from tests.factories import open_item, take
from worklists.models import TimeCorrection, TimeSpell

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

GOOD = {"minutes": 12, "reason": "The chart lay on paper."}


@pytest.fixture
def item(site):
    return take(open_item(site.queue, site.facility), site.coder)


def test_ones_own_time_is_corrected_and_read_by_oneself(site, as_person, item):
    api, address = as_person(site.coder), f"/api/v1/items/{item.pk}/"
    assert api.get(address).json()["my_minutes"] == 0

    answer = api.post(f"{address}time/", GOOD, format="json")

    assert (answer.status_code, answer.json()) == (200, {"my_minutes": 12})
    assert api.get(address).json()["my_minutes"] == 12
    assert as_person(site.manager).get(address).json()["my_minutes"] == 0
    assert not TimeSpell.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        GOOD | {"minutes": -1},
        GOOD | {"minutes": 1441},
        GOOD | {"minutes": "soon"},
        GOOD | {"reason": ""},
        GOOD | {"reason": "x" * 401},
        GOOD | {"seconds": 3},
    ],
)
def test_a_body_that_is_no_time_is_refused(site, as_person, item, body):
    address = f"/api/v1/items/{item.pk}/time/"
    assert as_person(site.coder).post(address, body, format="json").status_code == 400
    assert not TimeCorrection.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"), [("other_coder", 403), ("auditor", 403), ("outsider", 404)]
)
def test_nobody_corrects_anothers(site, as_person, item, who, status):
    address = f"/api/v1/items/{item.pk}/time/"
    answer = as_person(getattr(site, who)).post(address, GOOD, format="json")
    assert answer.status_code == status
    assert not TimeCorrection.objects.exists()


def test_the_same_again_is_a_conflict_unless_it_is_a_repeat(site, as_person, item):
    api, address = as_person(site.coder), f"/api/v1/items/{item.pk}/time/"
    key = {"HTTP_IDEMPOTENCY_KEY": "t1"}
    first = api.post(address, GOOD, format="json", **key)
    repeat = api.post(address, GOOD, format="json", **key)
    assert (first.status_code, repeat.json()) == (200, {"my_minutes": 12})
    again = api.post(address, GOOD, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "unchanged")
    assert TimeCorrection.objects.count() == 1
