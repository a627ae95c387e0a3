"""A list stands as the person left it, for the session and for that person alone."""

import pytest

from tests.factories import open_many, take
from worklists.views import remembering

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
DUE = "assignee=any&due_within=7"


@pytest.fixture
def queue(site):
    """The address of a queue with three items."""
    open_many(site.queue, site.facility, 3)
    return f"/queues/{site.queue.slug}/"


def test_a_list_that_is_opened_again_stands_as_it_was_left(site, client, queue):
    client.force_login(site.coder)
    assert client.get(f"{queue}?{DUE}&ordering=-amount").status_code == 200

    again = client.get(queue)

    assert (again.status_code, again.url) == (
        302,
        f"{queue}?{DUE}&ordering=-amount",
    )


def test_the_page_of_a_list_is_not_remembered(site, client, queue, monkeypatch):
    monkeypatch.setattr("worklists.views.lists.SIZE", 2)
    client.force_login(site.coder)
    first = client.get(f"{queue}?assignee=any")
    client.get(queue + first.context["next_url"])

    assert client.get(queue).url == f"{queue}?assignee=any"


def test_each_list_has_its_own(site, client, queue):
    take(open_many(site.queue, site.facility, 1)[0], site.coder)
    client.force_login(site.coder)
    client.get(f"{queue}?{DUE}")

    assert client.get("/mine/").status_code == 200


def test_what_cannot_be_read_is_not_remembered(site, client, queue):
    client.force_login(site.coder)
    assert client.get(f"{queue}?state=strange").status_code == 400

    assert client.get(queue).status_code == 200


def test_another_session_begins_afresh(site, client, queue):
    client.force_login(site.coder)
    client.get(f"{queue}?{DUE}")
    client.logout()
    client.force_login(site.coder)

    assert client.get(queue).status_code == 200


def test_dropping_the_last_filter_shows_everything_and_stays_so(site, client):
    client.force_login(site.coder)
    page = client.get("/mine/?state=in_progress")
    chip = next(c for c in page.context["filters"] if c["name"] == "State")
    ordered = client.get(f"/mine/?{chip['drop']}")

    assert ordered.status_code == 200
    assert "state" not in client.get("/mine/").url


def test_the_oldest_lists_are_forgotten_first(site, client, queue, monkeypatch):
    monkeypatch.setattr(remembering, "MOST", 1)
    client.force_login(site.coder)
    client.get(f"{queue}?{DUE}")
    client.get("/mine/?assignee=any")

    assert client.get(queue).status_code == 200
    assert client.get("/mine/").status_code == 302
