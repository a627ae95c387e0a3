"""Views of lists: one's own, by name, one that the list begins with, bounded."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from tests.factories import QueueFactory, make_site
from worklists.errors import BadInput, NotVisible
from worklists.models import Event, SavedView
from worklists.services.saved_views import (
    MOST_VIEWS,
    delete_view,
    open_with,
    save_view,
)

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site(db):
    """A small site."""
    return make_site()


def kept(person):
    """Return a person's views: queue, name, query, begins with it."""
    rows = SavedView.objects.filter(person=person).order_by("id")
    return list(rows.values_list("queue_id", "name", "query", "opens"))


def test_a_view_is_kept_for_its_person_and_list_alone(site):
    save_view(person=site.coder, queue=site.queue, name="  High  dollar ", query="a=1")
    save_view(person=site.coder, queue=None, name="High dollar", query="b=2")
    save_view(person=site.other_coder, queue=site.queue, name="High dollar", query="c")
    assert kept(site.coder) == [
        (site.queue.pk, "High dollar", "a=1", False),
        (None, "High dollar", "b=2", False),
    ]
    assert kept(site.other_coder) == [(site.queue.pk, "High dollar", "c", False)]
    assert not Event.objects.exists()


def test_the_same_name_replaces(site):
    one = save_view(person=site.coder, queue=None, name="Mine", query="a=1")
    two = save_view(person=site.coder, queue=None, name="Mine", query="a=2", opens=True)
    assert one.pk == two.pk
    assert kept(site.coder) == [(None, "Mine", "a=2", True)]


def test_a_list_begins_with_one_view_at_most(site):
    one = save_view(person=site.coder, queue=None, name="One", query="", opens=True)
    other = QueueFactory()
    save_view(person=site.coder, queue=other, name="Other", query="", opens=True)
    two = save_view(person=site.coder, queue=None, name="Two", query="", opens=True)
    assert [(name, opens) for _, name, _, opens in kept(site.coder)] == [
        ("One", False),
        ("Other", True),
        ("Two", True),
    ]
    open_with(person=site.coder, view_id=one.pk, opens=True)
    assert SavedView.objects.get(queue=None, opens=True).pk == one.pk
    open_with(person=site.coder, view_id=one.pk, opens=False)
    assert not SavedView.objects.filter(queue=None, opens=True).exists()
    assert SavedView.objects.filter(pk=two.pk).exists()


def test_what_cannot_be_kept_changes_nothing(site):
    for n in range(MOST_VIEWS):
        save_view(person=site.coder, queue=None, name=f"View {n}", query="")
    before = kept(site.coder)
    for name, query in (("", ""), (" ", ""), ("x" * 41, ""), ("y", "q" * 801)):
        with pytest.raises(BadInput):
            save_view(person=site.coder, queue=site.queue, name=name, query=query)
    with pytest.raises(BadInput, match="12 views"):
        save_view(person=site.coder, queue=None, name="One more", query="", opens=True)
    assert kept(site.coder) == before
    save_view(person=site.coder, queue=None, name="View 3", query="a=3")
    save_view(person=site.coder, queue=site.queue, name="Another list", query="")
    assert len(kept(site.coder)) == MOST_VIEWS + 1


def test_nobody_reaches_the_view_of_another(site):
    view = save_view(person=site.coder, queue=None, name="Mine", query="a=1")
    with pytest.raises(NotVisible):
        open_with(person=site.manager, view_id=view.pk, opens=True)
    with pytest.raises(NotVisible):
        delete_view(person=site.manager, view_id=view.pk)
    assert kept(site.coder) == [(None, "Mine", "a=1", False)]
    delete_view(person=site.coder, view_id=view.pk)
    assert kept(site.coder) == []
    with pytest.raises(NotVisible):
        delete_view(person=site.coder, view_id=view.pk)


@pytest.mark.django_db(transaction=True)
def test_two_windows_at_once_keep_one_beginning():
    site = make_site()

    def save(n):
        try:
            save_view(
                person=site.coder, queue=None, name=f"V{n % 3}", query="", opens=True
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(save, n) for n in range(12)]:
            done.result()
    assert SavedView.objects.count() == 3
    assert SavedView.objects.filter(opens=True).count() == 1
