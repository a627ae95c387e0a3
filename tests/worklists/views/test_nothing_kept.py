"""No answer with anything of a person or a patient is kept by a browser or a proxy."""

import pytest

from tests.worklists.views.test_files import attach
from worklists.models import Attachment

pytestmark = pytest.mark.django_db
KEPT_NOWHERE = {"no-store", "private"}


def said(answer):
    """Return what an answer says of keeping it."""
    return {word.strip() for word in answer["Cache-Control"].split(",")}


@pytest.fixture(autouse=True)
def _private_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def coder(site, as_person):
    return as_person(site.coder)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/v1/me/", 200),
        ("/api/v1/items/{item}/", 200),
        ("/api/v1/items/999999/", 404),
        ("/api/v1/items/?size=x", 400),
        ("/api/v1/claims/{claim}/", 200),
        ("/items/{item}/", 200),
        ("/items/999999/", 404),
        ("/no/such/page/", 404),
    ],
)
def test_an_answer_is_kept_nowhere(coder, held, address, status):
    answer = coder.get(address.format(item=held.pk, claim=held.claim_id))

    assert answer.status_code == status
    assert said(answer) >= KEPT_NOWHERE


@pytest.mark.parametrize("address", ["/api/v1/me/", "/login/", "/mine/"])
def test_what_a_stranger_is_told_neither(client, db, address):
    assert said(client.get(address)) >= KEPT_NOWHERE


def test_files_and_exports_neither(coder, held):
    attach(coder, held)
    file = Attachment.objects.get()

    answers = [
        coder.post(f"/items/{held.pk}/files/{file.pk}/"),
        coder.get(f"/api/v1/items/{held.pk}/attachments/{file.pk}/"),
        coder.post("/exports/items/", {"scope": "mine", "form": "csv"}),
    ]

    for answer in answers:
        assert answer.status_code == 200
        assert answer.getvalue()
        answer.close()
        assert said(answer) >= KEPT_NOWHERE


def test_static_files_may_be_kept(client, db):
    answer = client.get("/static/css/tokens.css")
    answer.getvalue()
    answer.close()

    assert answer.status_code == 200
    assert "no-store" not in answer.get("Cache-Control", "")
