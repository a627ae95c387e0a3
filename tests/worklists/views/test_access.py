"""Every page asks who is there; wrong roles and strangers are turned away."""

import pytest
from django.urls import get_resolver, reverse

from tests.factories import open_item
from tests.worklists.views.conftest import HTMX, text_of
from worklists import urls
from worklists.models import Event, User

pytestmark = pytest.mark.django_db

READERS = ("coder", "reviewer", "manager", "auditor")
OPEN_TO = {
    "/": (*READERS, "administrator"),
    "/mine/": READERS,
    "/returned/": READERS,
    "/queues/": READERS,
    "/review/": ("reviewer", "manager"),
    "/inbox/": (*READERS, "administrator"),
    "/manage/": ("manager",),
    "/escalations/": READERS,
    "/ingest/": ("manager", "administrator"),
    "/search/": READERS,
    "/components/": (*READERS, "administrator"),
}
PEOPLE = (*READERS, "administrator")


@pytest.mark.parametrize("path", OPEN_TO)
@pytest.mark.parametrize("who", PEOPLE)
def test_pages_open_to_their_roles_only(site, as_person, path, who):
    answer = as_person(getattr(site, who)).get(path)

    assert answer.status_code == (200 if who in OPEN_TO[path] else 403)


@pytest.mark.parametrize("path", OPEN_TO)
def test_nobody_is_led_to_log_in_and_back(db, as_person, path):
    answer = as_person().get(path)

    assert answer.status_code == 302
    assert answer.url == f"/login/?next={path}"


def test_a_form_of_nobody_leads_to_log_in_and_then_to_the_start(db, as_person):
    answer = as_person().post("/next/")

    assert answer.url == "/login/?next=/"


@pytest.mark.parametrize("pattern", list(urls.pages), ids=lambda p: p.name)
def test_every_page_declares_its_policy(pattern):
    assert callable(pattern.callback.policy)


@pytest.mark.parametrize(
    "name", ["login", "logout", "logged_out", "password_change", "password_change_done"]
)
def test_account_pages_declare_their_policy(name):
    match = get_resolver().resolve(reverse(name))

    assert callable(match.func.policy)


def test_the_wrong_method_is_refused(site, as_person, held):
    client = as_person(site.coder)

    assert client.get(f"/items/{held.pk}/submit/").status_code == 405
    assert client.post("/queues/").status_code == 405


def test_items_outside_the_queues_of_a_person_do_not_exist(site, as_person):
    item = open_item(site.queue, site.facility)
    client = as_person(site.outsider)

    for path in ("", "history/"):
        assert client.get(f"/items/{item.pk}/{path}").status_code == 404
    for path in ("name/", "submit/", "draft/", "do/claim/"):
        answer = client.post(f"/items/{item.pk}/{path}", {"version": 1})
        assert answer.status_code == 404
    assert not Event.objects.filter(actor=site.outsider, action="read.item").exists()


def test_a_refusal_of_an_htmx_request_is_a_fragment(site, as_person):
    item = open_item(site.queue, site.facility)
    url = f"/items/{item.pk}/do/claim/"

    answer = as_person(site.coder).post(url, {"version": 99}, **HTMX)

    assert answer.status_code == 409
    assert b'data-error="stale_version"' in answer.content


def test_a_person_who_must_change_the_password_does_that_first(site, as_person):
    User.objects.filter(pk=site.coder.pk).update(must_change_password=True)

    assert as_person(site.coder).get("/queues/").url == "/password/"


def test_forms_without_a_token_are_refused(site, as_person):
    client = as_person(site.coder, enforce_csrf_checks=True)

    assert client.post("/next/").status_code == 403


def test_refusals_are_dated_in_the_persons_zone_too(site, as_person):
    page = text_of(as_person(site.coder).get("/manage/"))

    assert "You may not do this" in page
    assert "Central" in page
    assert " UTC" not in page


@pytest.mark.parametrize("path", ["/", "/queues/", "/items/1/answers/", "/search/"])
def test_an_address_that_cannot_be_read_is_refused_in_words(site, client, path):
    client.force_login(site.coder)

    answer = client.get(f"{path}?field=a%00b")

    assert answer.status_code == 400
    assert "cannot be read" in answer.content.decode()


def test_names_that_cannot_be_read_are_nobodys(site, client):
    item = open_item(site.queue, site.facility)
    client.force_login(site.manager)

    moved = client.post("/items/bulk/assign/", {"items": item.pk, "people": "a\0b"})
    given = client.post("/exports/items/", {"scope": "queue", "queue": "a\0b"})

    assert moved.status_code == 400
    assert given.status_code == 404
    item.refresh_from_db()
    assert item.assignee is None
