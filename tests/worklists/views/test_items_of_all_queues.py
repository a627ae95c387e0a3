"""The list of all queues a person sees, and acts on what it shows."""

import re

import pytest

from tests.factories import QueueFactory, grant, open_item, take
from tests.worklists.views.conftest import text_of
from worklists.models import WorkItem
from worklists.views.remembering import LISTS

pytestmark = pytest.mark.django_db
URL = "/items/?assignee=any&state=in_progress"


@pytest.fixture
def three(site):
    """Two items of the coder in two queues, and one of somebody else."""
    other = QueueFactory(slug="other")
    grant(site.coder, other, "work")
    grant(site.manager, other, "manage")
    return [
        take(open_item(site.queue, site.facility), site.coder),
        take(open_item(other, site.facility), fresh_user(site.coder)),
        take(open_item(site.queue, site.facility), site.other_coder),
    ]


def fresh_user(user):
    return type(user).objects.get(pk=user.pk)


def posted(page: str) -> dict[str, str]:
    """Return what the bar of the list posts for all that match."""
    names = ("queue", "matching")
    found = {
        name: re.search(rf'name="{name}"\s+value="([^"]*)"', page).group(1)
        for name in names
    }
    return {name: text.replace("&amp;", "&") for name, text in found.items()}


def test_all_that_match_are_those_the_list_shows(site, as_person, three):
    client = as_person(site.manager)
    page = client.get(URL).text
    assert page.count("<tr data-row") == 3

    look = client.post("/items/bulk/release/", posted(page))

    assert [placing.item.pk for placing in look.context["plan"].placings] == [
        one.pk for one in three
    ]
    assert look.context["back"] == URL
    assert {one.state for one in WorkItem.objects.all()} == {"in_progress"}


def test_the_way_back_keeps_the_filters_and_names_no_other_page(site, as_person, three):
    sent = {"queue": "*?state=open&x=//evil.example", "items": f"{three[0].pk}:2"}
    look = as_person(site.manager).post("/items/bulk/release/", sent)
    assert look.context["back"] == "/items/?state=open&x=%2F%2Fevil.example"


def test_a_manager_assigns_and_prioritizes_from_it(site, as_person, three):
    assert 'formaction="/items/bulk/assign/"' in as_person(site.manager).get(URL).text
    assert 'formaction="/items/bulk/assign/"' not in as_person(site.coder).get(URL).text


def test_it_speaks_of_no_queue_and_is_not_remembered(site, as_person):
    client = as_person(site.coder)
    page = text_of(client.get("/items/"))
    assert "None of the items you see is like this." in page
    assert "this queue" not in page
    client.get(URL)
    assert "/items/" not in client.session.get(LISTS, {})
