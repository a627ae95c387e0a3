"""The page of ages: numbers open their rows, the address is read, empty states."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import FacilityFactory, QueueFactory, grant, open_item
from tests.worklists.views.conftest import text_of
from worklists.context import now
from worklists.services.injected_time import at
from worklists.services.snapshots import take_aging_snapshots
from worklists.templatetags.wording import thousands

pytestmark = pytest.mark.django_db
URL = "/aging/"


def test_before_the_first_count_it_says_what_will_come(site, as_person):
    page = text_of(as_person(site.coder).get(URL))
    assert "Nothing is counted yet" in page


def test_a_number_opens_the_items_of_its_age(site, as_person):
    old = open_item(
        site.queue,
        site.facility,
        at=now() - timedelta(days=20),
        amount=Decimal("1250.50"),
    )
    new = open_item(site.queue, site.facility)
    take_aging_snapshots()
    client = as_person(site.coder)
    page = text_of(client.get(URL))
    for words in ("15 to 30 days", "$1,250.50", "All queues", "no data"):
        assert words in page
    href = f"/queues/{site.queue.slug}/?assignee=any&amp;age_from=15&amp;age_to=30"
    assert f'href="{href}"' in page
    opened = text_of(client.get(href.replace("&amp;", "&")))
    assert f">{old.number}<" in opened
    assert f">{new.number}<" not in opened
    assert "arrived 15 to 30 days ago" in opened, "the filter that holds is named"


def test_ages_from_the_date_of_service(site, as_person):
    served = now().date() - timedelta(days=100)
    open_item(site.queue, site.facility, service_on=served)
    take_aging_snapshots()
    page = text_of(as_person(site.coder).get(f"{URL}?basis=service"))
    assert "no date" in page
    assert "assignee=any&amp;service_age_from=91" in page


def test_one_facility(site, as_person):
    other = FacilityFactory(slug="other-place")
    grant(site.coder, other, "view")
    open_item(site.queue, site.facility, amount=Decimal("11.11"))
    open_item(site.queue, other, amount=Decimal("22.22"))
    take_aging_snapshots()
    page = text_of(as_person(site.coder).get(f"{URL}?facility=other-place"))
    assert "$22.22" in page
    assert "$33.33" not in page
    assert "facility=other-place" in page
    assert "$33.33" in text_of(as_person(site.coder).get(URL))


@pytest.mark.parametrize(
    "query", ["basis=moon", "facility=nowhere", "colour=red"], ids=str
)
def test_what_cannot_be_read_is_refused_by_name(site, as_person, query):
    answer = as_person(site.coder).get(f"{URL}?{query}")
    assert answer.status_code == 400


def test_days_that_nobody_counted_are_named(site, as_person):
    for days in (3, 0):
        with at(now() - timedelta(days=days)):
            take_aging_snapshots()
    page = text_of(as_person(site.coder).get(URL))
    assert "since no worker ran" in page


def test_the_api_says_the_same(site, as_person):
    open_item(site.queue, site.facility, amount=Decimal("9.90"))
    take_aging_snapshots()
    client = as_person(site.coder)
    said = client.get("/api/v1/aging/").json()
    assert said["basis"] == "arrival"
    assert said["bands"][0] == {"first": 0, "last": 7}
    assert said["bands"][-1] == {"first": 91, "last": None}
    (line,) = said["aging"]["queues"]
    assert (line["queue"], line["course"], line["change"]) == (
        site.queue.slug,
        [1],
        None,
    )
    assert line["buckets"][0]["items"] == 1
    assert line["all"]["amount"] == "9.90"
    assert said["aging"]["total"]["queue"] is None
    assert client.get("/api/v1/aging/?basis=moon").status_code == 400


def test_the_api_before_the_first_count(site, as_person):
    assert as_person(site.coder).get("/api/v1/aging/").json()["aging"] is None


def test_a_total_opens_what_stands_in_its_place_in_all_queues(site, as_person):
    other = QueueFactory(team=site.queue.team)
    grant(site.coder, other, "work")
    old = [
        open_item(queue, site.facility, at=now() - timedelta(days=20))
        for queue in (site.queue, other)
    ]
    new = open_item(other, site.facility)
    take_aging_snapshots()
    client = as_person(site.coder)

    page = text_of(client.get(URL))

    foot = page.split("<tfoot>")[1]
    href = "/items/?assignee=any&amp;age_from=15&amp;age_to=30"
    assert f'<a href="{href}">2</a>' in foot
    assert '<a href="/items/?assignee=any">3</a>' in foot
    opened = text_of(client.get(href.replace("&amp;", "&")))
    assert all(f">{item.number}<" in opened for item in old)
    assert f">{new.number}<" not in opened
    assert "2 items" in opened


def test_counts_are_written_as_people_read_them():
    assert thousands(12480) == "12,480"
    assert thousands(999) == "999"
