"""Bringing a file in through the API and working what came of it."""

from io import BytesIO

import pytest

from denials.models import Denial
from tests.denials.remit import clp, interchange, payment, svc
from worklists.models import Event, IngestBatch, WorkItem

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
INGEST = "/api/v1/ingest/"
DENIED = svc("HC:45380", "300", cas=[("CO", "97", "300")])
FILE = interchange(payment(clp("PCN1", DENIED, charge="300")))


@pytest.fixture
def send(as_person, django_capture_on_commit_callbacks):
    """Return a function that sends a file and lets the worker read it."""

    def send(user, content=FILE, name="remit.835", **more):
        file = BytesIO(content)
        file.name = name
        with django_capture_on_commit_callbacks(execute=True):
            body = {"file": file} if content is not None else {}
            return as_person(user).post(INGEST, body, format="multipart", **more)

    return send


def test_a_file_is_taken_in_and_reported(people, send, as_person):
    answer = send(people["manager"])

    batch = IngestBatch.objects.get()
    assert (answer.status_code, answer.json()) == (202, {"batch": batch.pk})
    report = as_person(people["manager"]).get(f"{INGEST}{batch.pk}/").json()
    assert (report["file"], report["status"]) == ("remit.835", "accepted")
    assert report["created"] == {
        "claims": 1,
        "remittance_claims": 1,
        "denials": 1,
        "denied_amount": "300.00",
        "items": 1,
        "ingest_exceptions": 0,
    }
    assert report["progress"] == {
        "bytes_read": len(FILE),
        "size": len(FILE),
        "percent": 100,
        "finished": True,
    }
    assert set(report) >= {
        *("batch", "sha256", "transactions", "835", "warnings", "errors")
    }
    uploaded = Event.objects.get(action="batch.uploaded")
    assert (uploaded.actor, uploaded.source) == (people["manager"], "api")
    assert Event.objects.get(action="read.batch").object_id == batch.pk


def test_the_file_becomes_work_for_a_coder(people, send, as_person):
    send(people["manager"])

    item = as_person(people["coder"]).post("/api/v1/items/next/").json()

    assert (item["kind"], item["amount"], item["queue"]) == (
        "denial",
        "300.00",
        "bundling",
    )
    key = Denial.objects.get().pk
    assert [field["name"] for field in item["evidence"]] == [
        f"decision.{key}",
        f"root_cause.{key}",
    ]
    assert [clock["kind"] for clock in item["clocks"]].count("legal") == 1


def test_sent_again_under_its_key_is_one_batch(people, send):
    key = {"HTTP_IDEMPOTENCY_KEY": "upload-1"}

    first, again = send(people["manager"], **key), send(people["manager"], **key)
    other = send(people["manager"], FILE + b"\n", **key)

    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert IngestBatch.objects.count() == 1


@pytest.mark.parametrize("name", ["coder", "auditor", "stranger"])
def test_who_may_not_bring_files_in(people, send, as_person, name):
    answer = send(people[name])

    assert (answer.status_code, answer.json()) == (
        403,
        {
            "code": "not_permitted",
            "detail": "Files are uploaded by managers and administrators.",
        },
    )
    assert as_person(people[name]).get(f"{INGEST}1/").status_code == 403
    assert IngestBatch.objects.count() == 0
    assert WorkItem.objects.count() == 0


def test_a_batch_that_is_not_there(people, as_person):
    answer = as_person(people["manager"]).get(f"{INGEST}{10**30}/")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_no_file(people, as_person):
    answer = as_person(people["manager"]).post(INGEST, {"x": "y"}, format="multipart")

    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"x"})


@pytest.mark.parametrize("content", [b"", b"\x00" * 50, b"just words", b"ISA*"])
def test_what_is_no_file_of_this_kind_is_reported(people, send, as_person, content):
    batch = send(people["manager"], content).json()["batch"]

    report = as_person(people["manager"]).get(f"{INGEST}{batch}/").json()

    assert (report["status"], report["progress"]["finished"]) == ("rejected", True)
    assert report["errors"]
    assert WorkItem.objects.count() == 0
