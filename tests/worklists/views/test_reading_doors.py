"""Every door behind which one can read writes to the reader's own chain."""

import pytest
from django.test import Client

from tests.factories import make_site, open_item, take
from worklists.context import now
from worklists.models import Event, IngestBatch

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

DOORS = [
    ("get", "/items/{item}/", "read.item"),
    ("get", "/items/{item}/history/", "read.trail"),
    ("post", "/items/{item}/name/", "read.name"),
    ("get", "/api/v1/items/{item}/", "read.item"),
    ("get", "/api/v1/items/{item}/trail/", "read.trail"),
    ("get", "/api/v1/claims/{claim}/", "read.claim"),
    ("get", "/audit/", "search.trail"),
    ("get", "/audit/?subject=item:{item}", "read.trail"),
    ("get", "/api/v1/trail/", "search.trail"),
    ("get", "/api/v1/trail/?subject=claim:{claim}", "read.trail"),
    ("post", "/audit/export/", "export.rows"),
    ("post", "/exports/items/", "export.rows"),
    ("post", "/search/", "search.items"),
    ("post", "/api/v1/items/search/", "search.items"),
    ("get", "/ingest/{batch}/", "read.batch"),
    ("get", "/api/v1/ingest/{batch}/", "read.batch"),
]
POSTED = {
    "/audit/export/": {"form": "csv"},
    "/exports/items/": {"form": "csv", "scope": "managed"},
    "/search/": {"q": "PCN-000"},
    "/api/v1/items/search/": {"text": "PCN-000"},
}


@pytest.fixture
def site(db):
    """A small site with an item of a claim and a file that was read."""
    site = make_site()
    site.item = take(open_item(site.queue, site.facility), site.coder)
    return site


@pytest.mark.parametrize(("method", "path", "action"), DOORS)
def test_a_read_is_an_event_on_the_readers_chain(site, method, path, action):
    batch = IngestBatch.objects.create(
        file_name="a.835",
        sha256="0" * 64,
        size=1,
        uploaded_by=site.manager,
        created_at=now(),
    )
    client = Client()
    client.force_login(site.manager)
    before = Event.objects.filter(subject_kind="user").count()

    address = path.format(item=site.item.pk, claim=site.item.claim_id, batch=batch.pk)
    sent = {"content_type": "application/json"} if path.startswith("/api") else {}
    more = sent if method == "post" else {}
    answer = getattr(client, method)(address, POSTED.get(path, {}), **more)
    answer.getvalue()

    assert answer.status_code in {200, 302}
    event = Event.objects.filter(subject_kind="user").latest("id")
    assert Event.objects.filter(subject_kind="user").count() == before + 1
    assert (event.action, event.subject_id) == (action, site.manager.pk)
