"""What strangers send: never a fault of ours, never a change."""

import json

import pytest

from tests.factories import open_item
from worklists.models import Event, WorkItem

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
BIG = 10**30
ITEM_PATHS = ["", "trail/", "attachments/", "attachments/1/"]


@pytest.mark.parametrize("number", ["0", str(BIG), str(2**63), str(2**63 - 1)])
@pytest.mark.parametrize("path", ITEM_PATHS)
def test_ids_without_measure_are_not_there(site, as_person, number, path):
    answer = as_person(site.coder).get(f"/api/v1/items/{number}/{path}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "path", ["items/-1/", "items/1e3/", "items/١/", "claims/x/", "no/"]
)
def test_addresses_that_lead_nowhere_answer_in_json(site, as_person, path):
    answer = as_person(site.coder).get(f"/api/v1/{path}")

    assert answer.status_code == 404
    assert answer.json() == {
        "code": "not_found",
        "detail": "There is nothing here for you.",
    }


@pytest.mark.parametrize(
    "path",
    [
        *("me/", "queues/", "items/", "items/{id}/", "items/{id}/trail/"),
        *("items/{id}/attachments/", "claims/{claim}/", "denials/"),
    ],
)
def test_parameters_nobody_reads_are_named(site, as_person, path):
    item = open_item(site.queue, site.facility)
    address = path.format(id=item.pk, claim=item.claim_id)

    answer = as_person(site.coder).get(f"/api/v1/{address}?nonsense=1&q=2")

    assert answer.status_code == 400, answer.content
    assert set(answer.json()["fields"]) == {"nonsense", "q"}
    assert not Event.objects.filter(action__startswith="read.").exists()


BODIES = {
    "not json": b"{",
    "not an object": b"[1, 2]",
    "a word": b'"x"',
    "null": b"null",
    "nothing": b"",
    "not utf-8": b'{"version": "\xff"}',
    "NUL": b'{"version": 1, "reason": "a\\u0000b"}',
    "NUL in a key": b'{"version": 1, "a\\u0000b": 1}',
    "half a character": b'{"version": 1, "reason": "\\ud800"}',
    "without measure": b'{"version": 1e400}',
    "not a number": b'{"version": NaN}',
    "many digits": b'{"version": ' + b"9" * 5000 + b"}",
    "rather deep": b'{"version": 1, "evidence": ' + b"[" * 30 + b"]" * 30 + b"}",
    "deep": b'{"version": 1, "evidence": ' + b"[" * 60_000 + b"]" * 60_000 + b"}",
    "deeper": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
}


@pytest.mark.parametrize("name", BODIES)
def test_bodies_that_cannot_be_read(site, as_person, name):
    item = open_item(site.queue, site.facility)

    answer = as_person(site.coder).post(
        f"/api/v1/items/{item.pk}/actions/claim/",
        BODIES[name],
        content_type="application/json",
    )

    assert answer.status_code == 400, answer.content
    assert answer.json()["code"] == "bad_input"
    assert WorkItem.objects.get().version == 1


def test_a_body_too_large(site, as_person, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    item = open_item(site.queue, site.facility)
    body = json.dumps({"version": 1, "reason": "x" * 2000})

    answer = as_person(site.coder).post(
        f"/api/v1/items/{item.pk}/actions/claim/", body, content_type="application/json"
    )

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("kind", ["text/xml", "text/plain", "multipart/form-data", "x"])
def test_a_body_of_another_type(site, as_person, kind):
    item = open_item(site.queue, site.facility)

    answer = as_person(site.coder).post(
        f"/api/v1/items/{item.pk}/actions/claim/", b"version=1", content_type=kind
    )

    assert answer.status_code in {400, 415}
    assert set(answer.json()) >= {"code", "detail"}
    assert WorkItem.objects.get().version == 1


@pytest.mark.parametrize("method", ["delete", "put", "patch", "post"])
def test_a_method_nobody_takes(site, as_person, method):
    answer = getattr(as_person(site.coder), method)("/api/v1/me/")

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_a_format_nobody_speaks(site, as_person):
    answer = as_person(site.coder).get("/api/v1/me/", HTTP_ACCEPT="text/html")

    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


@pytest.mark.parametrize("size", ["0", "201", "-1", "x", str(BIG), "1.5", "٣"])
def test_a_page_of_no_size(site, as_person, size):
    answer = as_person(site.coder).get("/api/v1/items/", {"size": size})

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["size"])


def test_too_often(site, as_person, monkeypatch):
    monkeypatch.setattr("worklists.throttles.Searches.rate", "2/min", raising=False)
    client = as_person(site.coder)

    answers = [
        client.post("/api/v1/items/search/", {"text": "ACCT"}, format="json")
        for _ in range(3)
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].json()["code"] == "throttled"
    assert 0 < int(answers[-1]["Retry-After"]) <= 61
    assert client.get("/api/v1/me/").status_code == 200
    assert as_person(site.reviewer).get("/api/v1/me/").status_code == 200


def test_a_fault_of_ours_says_nothing_of_itself(site, as_person, monkeypatch):
    def broken(*_args, **_more):
        raise RuntimeError("secret words")

    monkeypatch.setattr("worklists.api.views.me.me", broken)

    answer = as_person(site.coder).get("/api/v1/me/")

    assert answer.status_code == 500
    assert answer.json() == {
        "code": "server_error",
        "detail": "Something went wrong on our side. Nothing was changed.",
    }
