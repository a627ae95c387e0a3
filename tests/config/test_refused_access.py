"""Who asks for what is not for them is written down, once, and told nothing more."""

import json

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.factories import (
    GOOD_EVIDENCE,
    FacilityFactory,
    make_site,
    open_item,
    person,
    take,
)
from worklists.enums import Role
from worklists.event_words import sentence
from worklists.models import Event, User
from worklists.services import refusing
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site(db):
    """A small site with one item."""
    site = make_site()
    site.item = open_item(site.queue, site.facility)
    return site


def browser(user, made=Client):
    client = made()
    client.force_login(User.objects.get(pk=user.pk))
    return client


def refused():
    """Return what stands in the trail: who, at what, and the facts."""
    return [
        (e.actor.username, e.object_kind, e.object_id, json.loads(e.facts))
        for e in Event.objects.filter(action="access.refused").order_by("pk")
    ]


def test_an_item_that_one_may_not_see(site):
    answer = browser(site.outsider).get(f"/items/{site.item.pk}/")

    assert answer.status_code == 404
    assert refused() == [
        (
            *("outsider", "item", site.item.pk),
            {"page": "worklists:item", "code": "not_found"},
        )
    ]
    event = Event.objects.get(action="access.refused")
    assert (event.subject_kind, event.subject_id) == ("user", site.outsider.pk)
    assert event.facility_id == site.facility.pk


def test_it_is_read_where_the_items_facility_is_read(site):
    browser(site.outsider).get(f"/items/{site.item.pk}/")
    elsewhere = person(Role.AUDITOR, facilities=[FacilityFactory()])
    row = "at “item”, not visible to them"

    assert row in browser(site.auditor).get("/audit/").content.decode()
    assert row not in browser(elsewhere).get("/audit/").content.decode()


@pytest.mark.parametrize(
    ("method", "path", "page"),
    [
        ("get", "/audit/", "audits:trail"),
        ("post", "/audit/export/", "audits:export"),
        ("get", "/manage/", "worklists:manage"),
        ("post", "/exports/people/", "worklists:export_people"),
        ("get", "/admin/", "admin:index"),
    ],
)
def test_a_page_or_export_that_is_not_theirs(site, method, path, page):
    answer = getattr(browser(site.coder), method)(path, follow=True)

    assert answer.status_code == 403
    [(who, kind, _, facts)] = refused()
    assert (who, kind, facts["code"]) == ("coder", None, "not_permitted")
    assert facts["page"] in {page, "admin:login"}


def test_the_api_too(site):
    answer = browser(site.outsider, APIClient).get(f"/api/v1/items/{site.item.pk}/")

    assert answer.status_code == 404
    assert [r[:3] for r in refused()] == [("outsider", "item", site.item.pk)]


def test_once_for_one_person_and_subject_however_often(site):
    client = browser(site.outsider)
    for _ in range(3):
        client.get(f"/items/{site.item.pk}/")
        client.get(f"/items/{site.item.pk}/history/")
    browser(site.administrator).get(f"/items/{site.item.pk}/")

    assert [(who, number) for who, _, number, _ in refused()] == [
        ("outsider", site.item.pk),
        ("admin", site.item.pk),
    ]


def test_who_tries_one_number_after_another_is_said_to_once(site, monkeypatch):
    monkeypatch.setattr(refusing, "MOST_DOORS", 2)
    client = browser(site.outsider)
    for number in range(900, 905):
        client.get(f"/items/{number}/")

    assert [(number, facts.get("more_than")) for *_, number, facts in refused()] == [
        (900, None),
        (901, None),
        (None, 2),
    ]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/nothing/here/", {}),
        ("/items/{item}/changed/", {}),
    ],
)
def test_what_is_no_access_of_a_person(site, path, headers):
    client = browser(site.outsider)

    answer = client.get(path.format(item=site.item.pk), **headers)

    assert answer.status_code == 404
    assert refused() == []


def test_nobody_logged_in_and_a_form_too_old_are_left_out(site):
    assert Client().get(f"/api/v1/items/{site.item.pk}/").status_code == 401
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(pk=site.coder.pk))
    assert strict.post("/search/", {"q": "x"}).status_code == 403
    assert refused() == []


def test_a_number_that_no_item_can_have(site):
    assert browser(site.coder).get(f"/items/{'9' * 40}/").status_code == 404
    assert [r[1:3] for r in refused()] == [(None, None)]


def test_in_words():
    facts = {"page": "worklists:export_people", "code": "not_permitted"}
    assert sentence("access.refused", facts) == (
        "was refused, at “export people”, not permitted to them"
    )
    facts |= {"more_than": 100}
    assert sentence("access.refused", facts) == (
        "was refused, at more than 100 pages within minutes, last at “export people”"
    )


def test_an_autosave_behind_the_persons_own_act_is_no_refused_access(site):
    item = take(site.item, site.apprentice)
    client = browser(site.apprentice)
    form = {"version": item.version, "why": "Typed to the last."}
    perform(
        item_id=item.pk,
        action="submit",
        actor=site.apprentice,
        expected_version=item.version,
        evidence=GOOD_EVIDENCE,
    )

    assert client.post(f"/items/{item.pk}/draft/", form).status_code == 403

    assert refused() == []


def test_an_autosave_on_an_item_that_never_was_theirs_is_one(site):
    item = take(site.item, site.other_coder)
    form = {"version": item.version, "why": "Not mine."}

    assert browser(site.coder).post(f"/items/{item.pk}/draft/", form).status_code == 403

    (row,) = refused()
    assert row[:3] == (site.coder.username, "item", item.pk)
    assert row[3]["page"] == "worklists:draft"


def test_no_header_hides_who_asks(site):
    address = f"/items/{site.item.pk}/"
    for given in ({"HTTP_X_BACKGROUND": "1"}, {"HTTP_HX_REQUEST": "true"}):
        browser(site.outsider).get(address, **given)
    (row,) = refused()
    assert row[:3] == ("outsider", "item", site.item.pk)


def test_a_refused_claim_is_read_where_its_facility_is_read(site):
    claim = site.item.claim_id
    assert claim is not None
    client = browser(site.outsider, APIClient)

    assert client.get(f"/api/v1/claims/{claim}/").status_code == 404

    event = Event.objects.get(action="access.refused")
    assert (event.object_kind, event.object_id) == ("claim", claim)
    assert event.facility_id == site.facility.pk
