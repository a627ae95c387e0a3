"""Pages that say why an item is here and why it left; when it leaves one's own list."""

import pytest

from tests.factories import QueueFactory, grant, open_item, take
from tests.worklists.views.conftest import GOOD, fresh, text_of
from worklists.services.perform import perform

pytestmark = pytest.mark.django_db


def move(site, item, queue):
    return perform(
        item_id=item.pk,
        action="reroute",
        actor=type(site.manager).objects.get(pk=site.manager.pk),
        expected_version=fresh(item).version,
        reason="It is about implants.",
        options={"queue": queue.slug},
    )


@pytest.fixture
def elsewhere(site):
    queue = QueueFactory(team=site.queue.team, name="Implants")
    grant(site.manager, queue, "manage")
    return queue


def test_the_item_says_for_every_queue_why_it_left(site, as_person, elsewhere):
    item = open_item(site.queue, site.facility)
    move(site, item, elsewhere)
    page = text_of(as_person(site.manager).get(f"/items/{item.pk}/"))
    panel = page.split('id="queues"')[1].split("</section>")[0]
    first, second = panel.split("<li>")[1:]
    assert "Implants" in first
    assert "It is here now." in first
    assert site.queue.name in second
    assert "Worker opened it, by " in second
    moved = f"moved it to another queue, from {site.queue.name}, to Implants"
    assert f"<b>Left</b> {site.manager} {moved}" in second
    assert "“It is about implants.”" in second
    assert "It is here now." not in second


def test_the_queue_lists_what_left_today(site, as_person, elsewhere):
    done, moved = (
        open_item(site.queue, site.facility),
        open_item(site.queue, site.facility),
    )
    take(done, site.coder)
    perform(
        item_id=done.pk,
        action="submit",
        actor=site.coder,
        expected_version=2,
        evidence=GOOD,
    )
    move(site, moved, elsewhere)
    client = as_person(site.coder)
    url = f"/queues/{site.queue.slug}/left/"
    queue = text_of(client.get(f"/queues/{site.queue.slug}/"))
    assert f'<a href="{url}"> Left today <span class="n">2</span> </a>' in queue

    page = text_of(client.get(url))

    rows = page.split("<tbody>")[1].split("</tbody>")[0]
    assert rows.index(moved.number) < rows.index(done.number)
    assert f'href="/items/{done.pk}/"' in rows
    assert "Submitted it, no review trigger fired" in rows
    # What the coder does not see any more shows its number, and that it left.
    assert f'href="/items/{moved.pk}/"' not in rows
    assert rows.count("out of your sight") == 1
    for word in ("implants", "Implants", str(site.manager), "Moved"):
        assert word not in rows
    seen = text_of(as_person(site.manager).get(url))
    assert "“It is about implants.”" in seen
    assert "out of your sight" not in seen


def test_nothing_that_left_says_what_will_stand_there(site, as_person):
    page = text_of(as_person(site.coder).get(f"/queues/{site.queue.slug}/left/"))
    assert "Nothing left today" in page


def test_a_queue_out_of_sight_is_not_there(site, as_person):
    other = QueueFactory()
    assert as_person(site.coder).get(f"/queues/{other.slug}/left/").status_code == 404


def test_mine_states_when_an_item_leaves_it(site, as_person):
    page = text_of(as_person(site.coder).get("/mine/"))
    drawer = page.split('id="leaving"')[1].split("</dialog>")[0]
    for rule in (
        *("Completed", "Released by you", "Released by itself", "Cancelled"),
        *("Given to somebody else", "Moved to another queue", "Deferred", "In review"),
    ):
        assert f"<b>{rule}</b>" in drawer
