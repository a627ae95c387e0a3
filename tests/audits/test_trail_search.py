"""Searching the trail: every facet narrows, every figure is bounded, no look is endless."""

import json
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from audits.selectors import trail_search
from audits.selectors.trail_search import Filters, facets_of, page_of, search
from tests.factories import (
    FacilityFactory,
    QueueFactory,
    grant,
    make_site,
    open_item,
    person,
    take,
)
from worklists.enums import Role
from worklists.models import Event
from worklists.services import reading
from worklists.trail_words import ACTIONS, FAMILIES, actions_in, family_of, nature_of

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site(db):
    """A small site with one item that was taken and read."""
    site = make_site()
    item = take(open_item(site.queue, site.facility), site.coder)
    reading.record_item_read(
        actor=site.auditor,
        item_id=item.pk,
        facility_id=site.facility.pk,
        queue_id=site.queue.pk,
    )
    return site


def acts(site, **filters):
    """Return the actions that a search finds, newest first."""
    found = search(site.auditor, Filters(**filters))
    return [event.action for event in page_of(found).page.rows]


ALL = ["read.item", "item.claimed", "item.opened"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ALL),
        ({"nature": "reads"}, ["read.item"]),
        ({"nature": "changes"}, ["item.claimed", "item.opened"]),
        ({"nature": "logins"}, []),
        ({"family": "item"}, ["item.claimed", "item.opened"]),
        ({"family": "read", "nature": "changes"}, []),
        ({"action": "item.claimed"}, ["item.claimed"]),
        ({"actor": "coder"}, ["item.claimed"]),
        ({"actor": "auditor", "family": "item"}, []),
        ({"role": "auditor"}, ["read.item"]),
        ({"role": "audit"}, []),
        ({"role": "system"}, ["item.opened"]),
        ({"kind": "user"}, ["read.item"]),
        ({"kind": "batch"}, []),
        ({"queue": "no-such-queue"}, []),
        ({"facility": "no-such-place"}, []),
    ],
)
def test_each_filter_narrows(site, filters, found):
    assert acts(site, **filters) == found


def test_queue_and_facility_narrow(site):
    elsewhere = QueueFactory()
    place = FacilityFactory()
    grant(site.auditor, place, "view")
    open_item(elsewhere, place)

    assert acts(site, queue=elsewhere.slug) == ["item.opened"]
    assert acts(site, facility=place.slug) == ["item.opened"]
    assert acts(site, queue=site.queue.slug) == ALL


def test_a_role_is_found_among_several(site):
    both = person(Role.CODER, Role.REVIEWER, username="both")
    reading.record(actor=both, action="search.items", facts={})
    assert Event.objects.get(actor=both).actor_role == "coder+reviewer"

    for role in ("coder", "reviewer"):
        assert "search.items" in acts(site, role=role)
    assert "search.items" not in acts(site, role="manager")


def test_other_peoples_facilities_stay_hidden_whatever_is_asked(site):
    place = FacilityFactory()
    open_item(QueueFactory(), place)

    assert acts(site, facility=place.slug) == []
    assert acts(site) == ALL


def test_a_period_is_ordered_by_when_things_happened(site):
    with time_machine.travel("2026-03-02T10:00:00Z", tick=False):
        reading.record(actor=site.coder, action="search.items", facts={"n": 1})
    with time_machine.travel("2026-03-01T10:00:00Z", tick=False):
        reading.record(actor=site.coder, action="search.trail", facts={"n": 2})

    march = {
        "since": datetime(2026, 3, 1, tzinfo=UTC),
        "until": datetime(2026, 3, 3, tzinfo=UTC),
    }
    assert acts(site, **march) == ["search.items", "search.trail"]
    assert acts(site, **march, action="search.trail") == ["search.trail"]
    assert acts(site, since=march["until"]) == ALL
    assert acts(site, until=march["since"]) == []


def test_pages_of_a_period_neither_skip_nor_repeat(site):
    with time_machine.travel("2026-03-02T10:00:00Z", tick=False):
        for n in range(5):
            reading.record(actor=site.coder, action="search.items", facts={"n": n})
    asked = Filters(since=datetime(2026, 3, 1, tzinfo=UTC), action="search.items")
    seen, cursor = [], ""
    for _ in range(9):
        found = page_of(search(site.auditor, asked), cursor=cursor, size=2)
        seen += [json.loads(e.facts)["n"] for e in found.page.rows]
        cursor = found.page.next
        if not cursor:
            break

    assert seen == [4, 3, 2, 1, 0]


def test_a_look_ends_and_leads_further_back(site, monkeypatch):
    monkeypatch.setattr(trail_search, "LOOK", 4)
    for n in range(9):
        reading.record(actor=site.coder, action="search.items", facts={"n": n})

    asked = Filters(family="item")
    first = page_of(search(site.auditor, asked))
    second = page_of(search(site.auditor, asked), cursor=first.further)
    third = page_of(search(site.auditor, asked), cursor=second.further)

    assert [first.page.rows, second.page.rows] == [[], []]
    assert first.looked_back_to is not None
    assert [e.action for e in third.page.rows] == ["item.claimed", "item.opened"]
    assert third.further == ""


@pytest.mark.parametrize(
    "asked", [{"actor": "coder"}, {"action": "item.opened"}, {"actor": ""}]
)
def test_a_look_of_who_sees_some_facilities_alone_ends_too(site, monkeypatch, asked):
    monkeypatch.setattr(trail_search, "LOOK", 4)
    place, queue = FacilityFactory(), QueueFactory()
    grant(site.coder, place, "view")
    grant(site.coder, queue, "work")
    for _ in range(5):
        take(open_item(queue, place), site.coder)

    limited = search(site.auditor, Filters(**asked))
    first = page_of(limited)

    assert first.page.rows == []
    assert first.looked_back_to is not None
    rest = page_of(limited, cursor=first.further)
    grant(site.auditor, place, "view")
    everywhere = search(site.auditor, Filters(**asked))
    assert everywhere.along is None
    assert {e.facility_id for e in page_of(everywhere).page.rows} >= {place.pk}
    assert {e.facility_id for e in rest.page.rows} <= {site.facility.pk}


def test_a_look_on_the_edge_loses_nothing(site, monkeypatch):
    for look in range(1, 8):
        monkeypatch.setattr(trail_search, "LOOK", look)
        seen, cursor = [], ""
        for _ in range(20):
            found = page_of(
                search(site.auditor, Filters(family="item")), cursor=cursor, size=1
            )
            seen += [e.action for e in found.page.rows]
            cursor = found.page.next or found.further
            if not cursor:
                break
        assert seen == ["item.claimed", "item.opened"], look


def test_figures_divide_what_is_found(site):
    facets = facets_of(site.auditor, search(site.auditor, Filters()))
    by = {facet.param: facet.choices for facet in facets.by}

    assert (facets.total, facets.more) == ("3", False)
    assert by["nature"] == [("changes", "Changes", "2"), ("reads", "Reads", "1")]
    assert by["family"] == [("item", "Work on items", "2"), ("read", "Reads", "1")]
    assert ("auditor", "Auditor", "1") in by["role"]
    assert by["queue"] == [(site.queue.slug, site.queue.name, "3")]
    assert by["facility"] == [(site.facility.slug, site.facility.name, "3")]
    assert by["kind"] == [("item", "Items", "2"), ("user", "People", "1")]


def test_figures_stop_at_their_bound_and_say_so(site, monkeypatch):
    monkeypatch.setattr(trail_search, "MOST", 2)

    facets = facets_of(site.auditor, search(site.auditor, Filters()))

    assert (facets.total, facets.more) == ("2+", True)


def test_figures_cost_four_queries(site, django_assert_num_queries):
    found = search(site.auditor, Filters())
    with django_assert_num_queries(4):
        facets_of(site.auditor, found)


def test_the_page_offers_choices_with_figures_and_keeps_what_was_chosen(site):
    client = Client()
    client.force_login(site.auditor)

    text = client.get("/audit/", {"nature": "changes", "actor": ""}).content.decode()

    assert 'href="?nature=changes&amp;family=item"' in text
    assert '<input type="hidden" name="nature" value="changes">' in text
    assert '<b class="ct-2">2</b> events' in text


def test_the_page_of_a_word_nobody_knows_finds_nothing_and_says_so(site):
    client = Client()
    client.force_login(site.auditor)

    text = client.get("/audit/", {"family": "nonsense"}).content.decode()

    assert "The search could not be read" in text


def test_every_action_has_a_family_and_a_nature():
    assert [a for a in ACTIONS if not family_of(a)] == []
    assert sorted(a for f in FAMILIES for a in actions_in(family=f)) == sorted(ACTIONS)
    assert nature_of("read.item") == nature_of("export.rows") == "reads"
    assert nature_of("login.failed") == nature_of("password.changed") == "logins"
    assert nature_of("item.claimed") == "changes"
