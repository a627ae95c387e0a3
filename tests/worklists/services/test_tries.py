"""What stopped a submit is kept beside the item; the item itself stays as it was."""

import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories import (
    GOOD_EVIDENCE,
    EvidenceTemplateFactory,
    make_site,
    open_item,
    take,
)
from tests.factories.queues import FIELDS
from worklists.errors import BadInput, EvidenceMissing, StaleVersion
from worklists.models import Draft, Event, SubmitTry, WorkItem
from worklists.services.perform import perform
from worklists.services.tries import keep_refused

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def item(site):
    return take(open_item(site.queue, site.facility), site.coder)


def act(item: WorkItem, actor, action: str, **more) -> WorkItem:
    return perform(
        item_id=item.pk,
        action=action,
        actor=actor,
        expected_version=more.pop("version", item.version),
        **more,
    )


def refused(item: WorkItem, actor, **evidence) -> None:
    with pytest.raises(EvidenceMissing):
        act(item, actor, "submit", evidence=evidence)


def tries() -> list[tuple[list[str], bool]]:
    return [(row.fields, row.is_first) for row in SubmitTry.objects.order_by("id")]


def test_a_refused_submit_keeps_the_names_and_nothing_else_changes(site, item) -> None:
    before = WorkItem.objects.filter(pk=item.pk).values().get()
    events = Event.objects.count()

    refused(item, site.coder, why="Words that nobody keeps here.")

    row = SubmitTry.objects.get()
    assert (row.item, row.queue, row.facility) == (item, site.queue, site.facility)
    assert (row.template_id, row.tried_by) == (item.template_id, site.coder)
    assert (row.fields, row.is_first) == (["decision"], True)
    assert WorkItem.objects.filter(pk=item.pk).values().get() == before
    assert Event.objects.count() == events
    assert Draft.objects.get().answers == {"why": "Words that nobody keeps here."}


def test_an_item_has_one_first_try_whatever_follows(site, item) -> None:
    refused(item, site.coder)
    refused(item, site.coder, decision="accept")
    act(item, site.coder, "submit", evidence=GOOD_EVIDENCE)
    assert tries() == [(["decision", "why"], True), (["why"], False)]


def test_a_first_submit_that_goes_through_is_kept_once(site) -> None:
    item = take(open_item(site.queue, site.facility), site.apprentice)
    item = act(item, site.apprentice, "submit", evidence=GOOD_EVIDENCE)
    assert tries() == [([], True)]
    item = act(item, site.reviewer, "return", reason="Name the page.")
    act(item, site.apprentice, "submit", evidence={"why": "It stands on page four."})
    assert tries() == [([], True)]


def test_a_returned_item_has_been_submitted_before(site) -> None:
    item = take(open_item(site.queue, site.facility), site.apprentice)
    item = act(item, site.apprentice, "submit", evidence=GOOD_EVIDENCE)
    with connection.cursor() as cursor:  # as before the upgrade
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE worklists_submittry")
    item = act(item, site.reviewer, "return", reason="Name the page.")
    refused(item, site.apprentice, why="")
    act(item, site.apprentice, "submit", evidence={"why": "It stands on page four."})
    assert tries() == [(["why"], False)]


def test_a_field_of_several_parts_is_named_once(site) -> None:
    item = take(open_item(site.queue, site.facility), site.coder)
    keep_refused(
        item_id=item.pk,
        actor=site.coder,
        fields=["decision.12", "decision.13", "why"],
    )
    assert tries() == [(["decision", "why"], True)]


@pytest.mark.parametrize("action", ["save_evidence", "fix_and_approve"])
def test_only_submits_are_counted(site, action) -> None:
    rule = {"name": "rule", "label": "Rule", "type": "policy"}
    site.queue.template = EvidenceTemplateFactory(fields=[rule, *FIELDS])
    site.queue.save()
    item = take(open_item(site.queue, site.facility), site.apprentice)
    actor = site.apprentice
    if action == "fix_and_approve":
        item = act(item, actor, "submit", evidence=GOOD_EVIDENCE)
        actor = site.reviewer
    known = tries()
    with pytest.raises(EvidenceMissing):
        act(item, actor, action, reason="-", evidence={"rule": {"source": "xy"}})
    assert tries() == known


def test_other_refusals_are_no_gaps(site, item) -> None:
    with pytest.raises(StaleVersion):
        act(item, site.coder, "submit", evidence=GOOD_EVIDENCE, version=1)
    with pytest.raises(BadInput):
        act(item, site.coder, "submit", evidence={"decision": 7})
    assert tries() == []


def test_a_try_without_evidence_is_kept_too(site, item) -> None:
    with pytest.raises(EvidenceMissing):
        act(item, site.coder, "submit")
    assert tries() == [(["decision", "why"], True)]


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_keeps_every_try(site, item, change) -> None:
    refused(item, site.coder)
    rows = SubmitTry.objects.all()
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(fields=[]) if change == "update" else rows.delete()
    assert tries() == [(["decision", "why"], True)]
