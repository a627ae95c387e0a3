"""How a person looks at a list: several sort keys, columns, views of one's own."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict

from tests.factories import open_item, take
from tests.worklists.views.conftest import text_of
from tests.worklists.views.test_lists import numbers
from worklists.context import now
from worklists.enums import Tier
from worklists.models import SavedView
from worklists.policies import Access
from worklists.views import list_look

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(site) -> str:
    """The address of the site's queue."""
    return f"/queues/{site.queue.slug}/"


def test_a_second_key_orders_what_the_first_leaves_alike(site, as_person, url):
    def item(amount, days):
        return open_item(
            site.queue,
            site.facility,
            amount=Decimal(amount),
            at=now() - timedelta(days=days),
        )

    small, old, young = item(10, 3), item(20, 9), item(20, 2)
    client = as_person(site.coder)
    page = text_of(client.get(f"{url}?ordering=-amount,age"))
    assert numbers(page, [small, old, young]) == [
        young.number,
        old.number,
        small.number,
    ]
    page = text_of(client.get(f"{url}?ordering=-amount,-age"))
    assert numbers(page, [small, old, young]) == [
        old.number,
        young.number,
        small.number,
    ]
    assert "Dollars, then age" in page
    assert page.count('aria-sort="descending"') == 2


@pytest.mark.parametrize(
    "ordering",
    ["amount,-amount", "newest,age", "amount,password", "amount,age,due,touched", ","],
)
def test_an_order_that_is_none_is_refused(site, as_person, url, ordering):
    assert as_person(site.coder).get(f"{url}?ordering={ordering}").status_code == 400


def test_the_order_menu_turns_drops_and_adds():
    order = list_look.order_of(QueryDict("state=open&cursor=x"), "-amount,age")
    assert order.words == "Dollars, then age"
    first, second = order.sorts
    assert (first.top, second.top) == ("most first", "youngest first")
    assert first.turned == "?state=open&ordering=amount%2Cage"
    assert (first.dropped, second.dropped) == (
        "?state=open&ordering=age",
        "?state=open&ordering=-amount",
    )
    assert (
        "?state=open&ordering=-amount%2Cage%2Cdue",
        "Clock, nearest clock first",
    ) in order.more
    assert not list_look.order_of(QueryDict(""), "-amount,age,due").more
    assert not list_look.order_of(QueryDict(""), "-newest").more
    assert not list_look.order_of(QueryDict(""), "-newest").sorts[0].dropped


def test_columns_are_put_in_and_left_out(site, as_person, url):
    open_item(site.queue, site.facility)
    client = as_person(site.coder)
    usual = text_of(client.get(url))
    assert ">Payer</th>" in usual
    assert ">Facility</th>" not in usual
    chosen = text_of(client.get(f"{url}?columns=facility,evidence"))
    assert ">Facility</th>" in chosen
    assert str(site.facility)[:19] in chosen
    assert ">Payer</th>" not in chosen
    assert chosen.count("<th ") == usual.count("<th ") - 4
    assert client.get(f"{url}?columns=password").status_code == 400
    none = text_of(client.get(f"{url}?columns="))
    assert none.count("<th ") == usual.count("<th ") - 6


def menu_of(params):
    """Return the menu of columns of a list as somebody without a role has it."""
    nobody = Access(0, "nobody", frozenset(), Tier.APPRENTICE)
    look = list_look.look_of(params, nobody, None)
    return list_look.column_menu(params, look, nobody, None)


def test_the_menu_of_columns_goes_back_to_the_usual_ones():
    menu = {one["label"]: one for one in menu_of(QueryDict("state=open"))}
    assert menu["Facility"]["on"] is False
    assert menu["Payer"]["on"] is True
    with_facility = QueryDict(menu["Facility"]["href"].removeprefix("?"))
    assert set(with_facility["columns"].split(",")) == {
        *("age", "payer", "facility", "amount", "specialty", "evidence", "review")
    }
    back = {one["label"]: one for one in menu_of(with_facility)}
    again = QueryDict(back["Facility"]["href"].removeprefix("?"))
    assert "facility" not in again["columns"]  # chosen still, so shown at every width
    assert list_look.usual_columns(again) == "?state=open"
    assert list_look.usual_columns(QueryDict("state=open&pins=age")) == ""
    assert list_look.usual_columns(QueryDict("columns=age")) == "?assignee=any"


def marked(page):
    """Return the marked tabs of a list."""
    return re.findall(r'<a href="[^"]*" aria-current="page"> ([^<]+?) <', page)


@pytest.mark.parametrize(
    ("query", "tab"),
    [
        ("assignee=any&state=returned", "Returned"),
        ("assignee=any&state=returned&columns=payer&pins=item", "Returned"),
        ("state=returned&pins=item&assignee=any", "Returned"),
        ("pins=item", "Mine and unassigned"),
        ("assignee=any", "Everybody’s"),
        ("assignee=any&pins=payer", "Wide"),
        ("assignee=any&pins=amount", "Everybody’s"),
        ("amount_from=5&pins=payer", "Large"),
        ("ordering=-age&columns=payer", "Mine and unassigned"),
        ("assignee=any&ordering=-age", "Everybody’s"),
        ("assignee=any&state=open", None),
    ],
)
def test_columns_and_pins_do_not_leave_the_tab(site, as_person, url, query, tab):
    for name, kept in (
        ("Wide", "assignee=any&pins=payer"),
        ("Large", "amount_from=5&columns=payer"),
    ):
        SavedView.objects.create(
            person=site.coder, queue=site.queue, name=name, query=kept, saved_at=now()
        )
    page = text_of(as_person(site.coder).get(f"{url}?{query}"))
    assert marked(page) == ([tab] if tab else [])


def test_a_view_of_what_one_holds_stays_marked(site, as_person):
    SavedView.objects.create(
        person=site.coder, name="By age", query="ordering=-age", saved_at=now()
    )
    client = as_person(site.coder)
    for query, tab in (
        ("ordering=-age&pins=item", "By age"),
        ("pins=item", "All I hold"),
        ("ordering=due", "All I hold"),
    ):
        page = text_of(client.get(f"/mine/?{query}"))
        assert marked(page) == [tab]


def test_a_list_is_kept_and_begins_with_it(site, as_person, url):
    large = open_item(site.queue, site.facility, amount=Decimal(9000))
    small = open_item(site.queue, site.facility, amount=Decimal(10))
    client = as_person(site.coder)
    query = "assignee=any&amount_from=5000&ordering=-amount&columns=payer"
    answer = client.post(
        "/views/save/",
        {"queue": site.queue.slug, "name": "Large", "query": query, "opens": "on"},
    )
    assert answer.status_code == 302
    opened = client.get(url)
    assert opened.status_code == 302
    assert opened["Location"] == f"{url}?{query}"
    page = text_of(client.get(opened["Location"]))
    assert numbers(page, [large, small]) == [large.number]
    assert "begins here" in page
    everybody = text_of(client.get(f"{url}?assignee=any"))
    assert len(numbers(everybody, [large, small])) == 2
    assert as_person(site.other_coder).get(url).status_code == 200


def test_what_one_holds_has_views_too(site, as_person):
    item = take(open_item(site.queue, site.facility), site.coder)
    client = as_person(site.coder)
    client.post("/views/save/", {"name": "By age", "query": "ordering=-age"})
    page = text_of(client.get("/mine/"))
    assert f">{item.number}<" in page
    for words in ("All I hold", "By age"):
        assert words in page
    view = SavedView.objects.get()
    client.post(f"/views/{view.pk}/opens/", {"opens": "1"})
    assert client.get("/mine/")["Location"] == "/mine/?ordering=-age"
    client.post(f"/views/{view.pk}/opens/", {"opens": "0"})
    assert client.get("/mine/").status_code == 200
    assert client.post(f"/views/{view.pk}/delete/")["Location"] == "/mine/"
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    "query", ["colour=red", "ordering=password", "columns=nose", "amount_from=x"]
)
def test_what_no_list_takes_is_not_kept(site, as_person, query):
    client = as_person(site.coder)
    answer = client.post("/views/save/", {"name": "Odd", "query": query})
    assert answer.status_code == 400
    assert not SavedView.objects.exists()


def test_a_kept_view_that_is_read_no_more_does_not_bar_the_list(site, as_person, url):
    SavedView.objects.create(
        person=site.coder,
        queue=site.queue,
        name="Old",
        query="colour=red",
        opens=True,
        saved_at=now(),
    )
    assert as_person(site.coder).get(url).status_code == 200


def test_a_queue_one_does_not_see_keeps_no_view(site, as_person):
    answer = as_person(site.outsider).post(
        "/views/save/", {"queue": site.queue.slug, "name": "X", "query": ""}
    )
    assert answer.status_code == 404
    assert not SavedView.objects.exists()


def test_the_list_as_it_is_can_be_kept_and_leads_nowhere_else(site, as_person, url):
    client = as_person(site.manager)
    client.post(
        "/views/save/",
        {"queue": site.queue.slug, "name": "Plain", "query": "", "opens": "on"},
    )
    assert SavedView.objects.get().opens
    assert client.get(url).status_code == 200
