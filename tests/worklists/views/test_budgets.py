"""Names, searches and files have one budget a person, on pages and by the API."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from tests.factories import open_item, take
from tests.worklists.views.conftest import HTMX, fresh, text_of
from worklists.models import Attachment, Event, IngestBatch, User
from worklists.throttles import RATES

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _two_a_minute(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    assert set(RATES.values()) == {"60/min"}
    for name in ("Names", "Searches", "Uploads"):
        monkeypatch.setattr(f"worklists.throttles.{name}.rate", "2/min", raising=False)


@pytest.fixture
def item(site):
    made = open_item(site.queue, site.facility)
    take(made, site.coder)
    return fresh(made)


def program(user):
    """Return a client of the API."""
    client = APIClient()
    client.force_login(User.objects.get(pk=user.pk))
    return client


def text_file(name="note.txt"):
    """Return a file of evidence."""
    return SimpleUploadedFile(name, b"Procedure note\n", content_type="text/plain")


def attached():
    """Return the form that adds a file."""
    return {"file": text_file(), "field": "note", "source": "Health record"}


def open_name(client, item, **more):
    return client.post(f"/items/{item.pk}/name/", **more)


def search(client, item, **more):
    return client.post("/search/", {"q": "ACCT"}, **more)


def attach(client, item, **more):
    address = f"/items/{item.pk}/files/?version={fresh(item).version}"
    return client.post(address, attached(), **more)


def done():
    """Return how much was opened, searched and added."""
    acts = Event.objects.filter(action__in=["read.name", "search.items"])
    return acts.count() + Attachment.objects.count()


ACTS = pytest.mark.parametrize("act", [open_name, search, attach])


@ACTS
def test_a_page_takes_no_more_than_the_budget(site, as_person, item, act):
    client = as_person(site.coder)
    for _ in range(2):
        assert act(client, item).status_code in {200, 302}
    before = done()

    answer = act(client, item)

    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 62
    said = text_of(answer)
    assert "2 " in said
    assert "in a minute are the most for one person" in said
    assert done() == before
    other = as_person(site.reviewer)
    assert open_name(other, item).status_code == 200


@ACTS
def test_a_fragment_says_so_in_place(site, as_person, item, act):
    client = as_person(site.coder)
    for _ in range(2):
        act(client, item, **HTMX)

    answer = act(client, item, **HTMX)

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert b'data-error="throttled"' in answer.content
    assert b"<html" not in answer.content


def test_names_opened_on_a_page_count_for_the_api(site, as_person, item):
    for _ in range(2):
        open_name(as_person(site.coder), item)

    answer = program(site.coder).post(f"/api/v1/claims/{item.claim_id}/name/")

    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert Event.objects.filter(action="read.name").count() == 2


def test_searches_by_the_api_count_for_the_page(site, as_person, item):
    for _ in range(2):
        said = program(site.coder).post(
            "/api/v1/items/search/", {"text": "ACCT"}, format="json"
        )
        assert said.status_code == 200

    assert search(as_person(site.coder), item).status_code == 429
    assert as_person(site.coder).get("/search/").status_code == 200


def test_files_by_the_api_count_for_the_page(site, as_person, item):
    for _ in range(2):
        said = program(site.coder).post(
            f"/api/v1/items/{item.pk}/attachments/", attached(), format="multipart"
        )
        assert said.status_code in {200, 201}  # the same file again is 200
    before = Attachment.objects.count()

    assert attach(as_person(site.coder), item).status_code == 429
    assert Attachment.objects.count() == before


def test_looking_at_the_files_of_an_item_spends_nothing(site, as_person, item):
    for _ in range(3):
        said = program(site.coder).get(f"/api/v1/items/{item.pk}/attachments/")
        assert said.status_code == 200

    assert attach(as_person(site.coder), item).status_code == 302


def test_files_brought_in_have_the_same_budget(site, as_person):
    client = as_person(site.manager)
    for _ in range(2):
        client.post("/ingest/", {"file": text_file("a.835")})
    before = IngestBatch.objects.count()

    answer = client.post("/ingest/", {"file": text_file("b.835")})

    assert answer.status_code == 429
    assert IngestBatch.objects.count() == before
    assert client.get("/ingest/").status_code == 200
