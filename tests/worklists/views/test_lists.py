"""Queues, one queue, mine, returned: rows, filters, order, pages, empty states."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import (
    ClaimFactory,
    ClearanceFactory,
    QueueFactory,
    grant,
    open_item,
    open_many,
    take,
)
from tests.worklists.views.conftest import give_back, text_of
from worklists.context import now
from worklists.models import WorkItem
from worklists.views import lists

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(site) -> str:
    """The address of the site's queue."""
    return f"/queues/{site.queue.slug}/"


def numbers(page: str, items) -> list[str]:
    """Return which of these items a page shows, in the order of the page."""
    found = [(page.find(f">{item.number}<"), item.number) for item in items]
    return [number for place, number in sorted(found) if place >= 0]


def test_the_queue_says_what_it_is_for_and_how_it_stands(site, as_person, url):
    open_item(
        site.queue,
        site.facility,
        legal_due_at=now() + timedelta(days=1, hours=9),
        amount=Decimal("2140.00"),
    )
    page = text_of(as_person(site.coder).get(url))

    for words in (
        *(site.queue.purpose, str(site.queue.team), "due in 3 days", "$2,140.00"),
        *("J***n D***", "CO-97 · M15", "payer deadline within 3 days", "Next item"),
        *("0/2", "nobody", "How the order is made"),
    ):
        assert words in page
    assert "DOE, JORDAN" not in page


def test_rows_stand_by_priority(site, as_person, url):
    small = open_item(site.queue, site.facility, amount=Decimal(10))
    large = open_item(site.queue, site.facility, amount=Decimal(9000))

    page = text_of(as_person(site.coder).get(url))
    assert numbers(page, [small, large]) == [large.number, small.number]
    up = text_of(as_person(site.coder).get(f"{url}?ordering=amount"))
    assert numbers(up, [small, large]) == [small.number, large.number]
    assert 'aria-sort="ascending"' in up


def test_coders_see_mine_and_unassigned_at_first(site, as_person, url, held):
    client = as_person(site.other_coder)

    assert held.number not in text_of(client.get(url))
    assert held.number in text_of(client.get(f"{url}?assignee=any"))
    assert held.number in text_of(as_person(site.coder).get(url))
    assert held.number in text_of(as_person(site.auditor).get(url))


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("state=open", True),
        ("state=in_review", False),
        ("amount_from=1000", False),
        ("reason=CO-97", True),
        ("reason=CO-16", False),
        ("overdue=true", False),
        ("due_within=3", False),
        ("deadline_within=14", False),
        ("payer=nobody", False),
    ],
)
def test_filters_live_in_the_address(site, as_person, url, query, shown):
    item = open_item(site.queue, site.facility)

    page = text_of(as_person(site.coder).get(f"{url}?{query}"))

    assert (f">{item.number}<" in page) is shown


def test_the_dollars_at_risk_open_exactly_the_items_they_count(site, as_person, url):
    near, far, over, internal = (
        open_item(site.queue, site.facility, amount=Decimal(dollars), legal_due_at=due)
        for dollars, due in (
            (300, now() + timedelta(days=13)),
            (1000, now() + timedelta(days=15)),
            (2000, now() - timedelta(days=1)),
            (4000, None),
        )
    )
    soon = now() + timedelta(days=2)
    WorkItem.objects.filter(pk=internal.pk).update(internal_due_at=soon)
    client = as_person(site.manager)
    page = text_of(client.get(url))
    link = 'href="?assignee=any&amp;deadline_within=14"'

    assert "$300.00" in page[page.index(link) :][:200]
    shown = text_of(client.get(f"{url}?assignee=any&deadline_within=14"))

    rows = [one for one in (near, far, over, internal) if f">{one.number}<" in shown]
    assert rows == [near]
    assert "payer deadline in 14 days" in shown


def test_an_empty_filter_names_what_to_drop(site, as_person, url):
    open_item(site.queue, site.facility)

    page = text_of(as_person(site.coder).get(f"{url}?assignee=any&amount_from=5000"))

    assert "“Dollars: $5,000 and more” is the narrowest" in page
    assert 'href="?assignee=any"' in page


def test_an_empty_queue_says_how_items_come(site, as_person, url):
    page = text_of(as_person(site.auditor).get(url))

    assert "Nothing waits here" in page


@pytest.mark.parametrize(
    "query", ["colour=red", "cursor=abc", "ordering=luck", "state=gone"]
)
def test_an_address_that_cannot_be_read_is_refused(site, as_person, url, query):
    assert as_person(site.coder).get(f"{url}?{query}").status_code == 400


def test_pages_follow_by_keyset(site, as_person, url, monkeypatch):
    monkeypatch.setattr(lists, "SIZE", 2)
    items = open_many(site.queue, site.facility, 3)
    client = as_person(site.coder)

    first = client.get(url)
    assert numbers(text_of(first), items) == [items[0].number, items[1].number]
    second = client.get(f"{url}{first.context['next_url']}")
    assert numbers(text_of(second), items) == [items[2].number]
    back = client.get(f"{url}{second.context['previous_url']}")
    assert numbers(text_of(back), items) == [items[0].number, items[1].number]


def test_next_is_refused_with_the_reason_where_the_person_is_not_cleared(
    site, as_person
):
    queue = QueueFactory(
        team=site.queue.team, clearance=ClearanceFactory(name="Denials I")
    )
    grant(site.coder, queue, "work")
    grant(site.auditor, queue, "view")

    assert as_person(site.coder).get(f"/queues/{queue.slug}/").status_code == 404
    assert as_person(site.auditor).get(f"/queues/{queue.slug}/").status_code == 200


def test_queues_stand_worst_first(site, as_person):
    worse = QueueFactory(team=site.queue.team, name="Zebra charges")
    grant(site.coder, worse, "work")
    open_item(site.queue, site.facility)
    open_item(worse, site.facility, at=now() - timedelta(days=30))

    page = text_of(as_person(site.coder).get("/queues/"))

    assert page.index("Zebra charges") < page.index(site.queue.name)
    assert "work it" in page
    oldest = re.escape(f'<a href="/queues/{worse.slug}/?assignee=any&ordering=-age">')
    assert re.search(rf"{oldest}30\sd</a>", page)


def test_nobodys_queues_are_an_empty_state(site, as_person):
    assert "No queue is open to you" in text_of(
        as_person(site.outsider).get("/queues/")
    )


def test_mine_shows_the_nearest_clock_first(site, as_person):
    later = open_item(site.queue, site.facility, legal_due_at=now() + timedelta(days=3))
    sooner = open_item(
        site.queue, site.facility, legal_due_at=now() + timedelta(hours=3)
    )
    for item in (later, sooner):
        take(item, site.coder)

    page = text_of(as_person(site.coder).get("/mine/"))

    assert numbers(page, [later, sooner]) == [sooner.number, later.number]


def test_mine_without_items_offers_the_next(site, as_person):
    page = text_of(as_person(site.coder).get("/mine/"))

    assert "You hold no item" in page
    assert 'action="/next/"' in page


def test_returned_shows_the_reviewers_words(site, as_person):
    item = open_item(site.queue, site.facility)
    give_back(site, item)

    page = text_of(as_person(site.apprentice).get("/returned/"))

    assert item.number in page
    assert "“Say on which page.”" in page
    assert "Evidence not specific" in page


def test_returned_without_any_says_what_will_come(site, as_person):
    assert "Nothing was returned to you" in text_of(
        as_person(site.coder).get("/returned/")
    )


COSTS = {"queue": 11, "queues": 5, "mine": 8, "returned": 7}


@pytest.mark.parametrize("count", [1, 3])
class TestCosts:
    """The number of queries does not grow with the rows."""

    def visit(self, client, path, expected, counted):
        """Open a page, the first time to warm what is kept, the second counted."""
        client.get(path)
        with counted(expected):
            assert client.get(path).status_code == 200

    def test_a_queue(self, site, as_person, url, django_assert_num_queries, count):
        for _ in range(count):
            open_item(
                site.queue, site.facility, claim=ClaimFactory(facility=site.facility)
            )
        self.visit(
            as_person(site.coder), url, COSTS["queue"], django_assert_num_queries
        )

    def test_the_queues(self, site, as_person, django_assert_num_queries, count):
        for _ in range(count):
            grant(site.coder, QueueFactory(team=site.queue.team), "work")
        client = as_person(site.coder)
        self.visit(client, "/queues/", COSTS["queues"], django_assert_num_queries)

    def test_mine(self, site, as_person, django_assert_num_queries, count):
        for item in open_many(site.queue, site.facility, count):
            take(item, site.coder)
        client = as_person(site.coder)
        self.visit(client, "/mine/", COSTS["mine"], django_assert_num_queries)

    def test_returned(self, site, as_person, django_assert_num_queries, count):
        for item in open_many(site.queue, site.facility, count):
            give_back(site, item)
        client = as_person(site.apprentice)
        self.visit(client, "/returned/", COSTS["returned"], django_assert_num_queries)


def test_a_list_over_queues_names_the_queue_of_each_row(site, as_person):
    take(open_item(site.queue, site.facility), site.coder)
    client = as_person(site.coder)
    cell = f'<span class="two">{site.queue.name}</span>'

    assert cell in text_of(client.get("/mine/"))
    assert cell in text_of(client.get("/items/"))
    assert cell not in text_of(client.get(f"/queues/{site.queue.slug}/"))


def test_what_a_senior_does_in_a_queue_leads_to_it(site, as_person):
    page = text_of(as_person(site.reviewer).get("/queues/"))

    assert '<a href="/review/">review it</a>' in page
