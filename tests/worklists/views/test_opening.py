"""Opening another item about the same claim from the page of one."""

import pytest

from tests.factories import (
    EvidenceTemplateFactory,
    QueueFactory,
    RoutingRuleFactory,
    grant,
)
from tests.worklists.views.conftest import HTMX, text_of
from worklists.models import WorkItem

pytestmark = pytest.mark.django_db

FORM = {
    "kind": "claim_edit",
    "reason_code": "NCCI-PTP",
    "reason_label": "Two codes of one pair",
}


@pytest.fixture
def edits(site):
    form = EvidenceTemplateFactory(kind="claim_edit")
    queue = QueueFactory(kind="claim_edit", template=form, team=site.queue.team)
    RoutingRuleFactory(kind="claim_edit", queue=queue, conditions=[])
    return queue


def opened():
    return WorkItem.objects.filter(kind="claim_edit")


def test_the_page_offers_the_kinds_that_a_queue_takes(site, as_person, held, edits):
    page = text_of(as_person(site.coder).get(f"/items/{held.pk}/"))

    assert 'data-dialog-open="open-another"' in page
    assert '<option value="claim_edit">Claim edit</option>' in page
    assert '<option value="doc_request">' not in page
    reading = text_of(as_person(site.auditor).get(f"/items/{held.pk}/"))
    assert "open-another" not in reading


def test_it_is_opened_and_said(site, as_person, held, edits):
    client = as_person(site.coder)

    answer = client.post(f"/items/{held.pk}/open/", FORM)

    assert answer.url == f"/items/{held.pk}/"
    assert opened().get().claim_id == held.claim_id
    said = text_of(client.get(f"/items/{held.pk}/"))
    assert f"{opened().get()} is open in “{edits}”." in said


def test_a_second_one_is_refused_in_place_with_the_way_there(
    site, as_person, held, edits
):
    grant(site.coder, edits, "work")
    client = as_person(site.coder)
    client.post(f"/items/{held.pk}/open/", FORM)

    answer = client.post(f"/items/{held.pk}/open/", FORM, **HTMX)

    page = text_of(answer)
    assert answer.status_code == 409
    assert 'data-error="duplicate"' in page
    assert f'<a href="/items/{opened().get().pk}/">Open it</a>' in page
    assert opened().count() == 1


def test_an_auditor_opens_nothing(site, as_person, held, edits):
    answer = as_person(site.auditor).post(f"/items/{held.pk}/open/", FORM)

    assert answer.status_code == 403
    assert not opened().exists()
