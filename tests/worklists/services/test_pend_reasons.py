"""Reasons for deferring as data: what pauses, how long, what is retired, what stays."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

import worklists.migrations
from tests.factories import make_site, open_item, open_many, take
from worklists.context import now
from worklists.errors import BadInput
from worklists.models import BulkAct, Event, ItemClock, PendReason, WorkItem
from worklists.selectors.deferrals import (
    SHIPPED,
    active_pend_reasons,
    pend_reasons,
)
from worklists.services.deferring import defer
from worklists.services.perform import perform
from worklists.services.taking_back import take_back

MIGRATIONS = Path(worklists.migrations.__path__[0])
pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def hearing():
    """A reason of the site whose internal clock goes on, for ten days at most."""
    return PendReason.objects.create(
        code="hearing",
        label="Waiting for a hearing",
        waits_for="payer",
        pauses_internal=False,
        longest_days=10,
    )


def rest(item, actor, code="hearing", days=4):
    return perform(
        item_id=item.pk,
        action="pend",
        actor=actor,
        expected_version=WorkItem.objects.get(pk=item.pk).version,
        reason="It is set for next week.",
        options={
            "until": (now() + timedelta(days=days)).isoformat(),
            "reason_code": code,
        },
    )


def held(site, **more):
    return take(open_item(site.queue, site.facility, **more), site.coder)


def clock(item, kind="internal"):
    found = ItemClock.objects.get(item=item, kind=kind)
    return found.due_at, found.paused_at is not None, found.next_step_at


def test_what_is_stored_first_is_what_the_code_says():
    if not PendReason.objects.exists():  # a test that committed emptied the table
        sql = (MIGRATIONS / "sql" / "0020_pend_reasons.sql").read_text(encoding="utf-8")
        with connection.cursor() as cursor:
            cursor.execute(sql[sql.index("INSERT INTO") :])
    facts = ("label", "waits_for", "pauses_internal", "longest_days", "is_active")
    stored = {
        row.code: [getattr(row, f) for f in facts] for row in PendReason.objects.all()
    }
    shipped = {c: [getattr(row, f) for f in facts] for c, row in SHIPPED.items()}
    assert stored == shipped


def test_a_site_without_rows_has_the_first_ones(site):
    item = held(site)
    rest(item, site.coder, "payer")
    item.refresh_from_db()
    assert item.pend_reason == "payer"
    assert clock(item)[1] is True
    assert list(pend_reasons())[:5] == list(SHIPPED)


def test_where_the_reason_says_so_the_internal_clock_goes_on(site, hearing):
    item = held(site, legal_due_at=now() + timedelta(days=40))
    due_at, legal_due = item.internal_due_at, item.legal_due_at
    before = clock(item), clock(item, "legal")

    rest(item, site.coder)

    item.refresh_from_db()
    assert (item.state, item.pend_reason) == ("pending", "hearing")
    assert (clock(item), clock(item, "legal")) == before
    assert (item.internal_due_at, item.legal_due_at) == (due_at, legal_due)
    facts = json.loads(Event.objects.get(action="item.pended").facts)
    assert (facts["code"], facts["pauses"]) == ("hearing", False)


def test_a_legal_clock_pauses_for_no_reason_at_all(site):
    item = held(site, legal_due_at=now() + timedelta(days=40))
    rest(item, site.coder, "payer")
    assert clock(item)[1] is True
    assert clock(item, "legal")[1] is False
    with pytest.raises(IntegrityError), transaction.atomic():
        ItemClock.objects.filter(item=item, kind="legal").update(paused_at=now())


def test_an_item_that_did_not_pause_goes_on_as_it_was(site, hearing):
    item = held(site)
    before = clock(item)
    rest(item, site.coder)
    perform(item_id=item.pk, action="resume", actor=site.coder, expected_version=3)
    item.refresh_from_db()
    assert clock(item) == before
    assert (item.state, item.internal_due_at) == ("in_progress", before[0])


@pytest.mark.parametrize(("days", "taken"), [(9, True), (11, False)])
def test_every_reason_has_its_own_longest_time(site, hearing, days, taken):
    item = held(site)
    if taken:
        rest(item, site.coder, days=days)
    else:
        with pytest.raises(BadInput) as refused:
            rest(item, site.coder, days=days)
        assert refused.value.detail == (
            "“Waiting for a hearing” defers an item for 10 days at most."
        )
        assert list(refused.value.fields) == ["until"]
    assert WorkItem.objects.get(pk=item.pk).state == (
        "pending" if taken else "in_progress"
    )


def test_a_retired_reason_is_refused_and_stays_valid_in_history(site, hearing):
    before = held(site)
    rest(before, site.coder)
    PendReason.objects.filter(pk=hearing.pk).update(is_active=False)

    after = held(site)
    with pytest.raises(BadInput) as refused:
        rest(after, site.coder)

    assert refused.value.detail == "“hearing” is not used any more."
    assert "hearing" not in refused.value.fields["reason_code"][0]
    assert WorkItem.objects.get(pk=after.pk).state == "in_progress"
    assert WorkItem.objects.get(pk=before.pk).pend_reason == "hearing"
    assert "hearing" not in [row.code for row in active_pend_reasons()]
    assert pend_reasons()["hearing"].label == "Waiting for a hearing"
    perform(item_id=before.pk, action="resume", actor=site.coder, expected_version=3)


def test_a_code_is_neither_changed_nor_deleted(hearing):
    with pytest.raises(IntegrityError, match="keeps its code"), transaction.atomic():
        PendReason.objects.filter(pk=hearing.pk).update(code="other")
    with pytest.raises(IntegrityError, match="keeps its code"), transaction.atomic():
        PendReason.objects.filter(pk=hearing.pk).delete()
    PendReason.objects.filter(pk=hearing.pk).update(label="Waiting for the hearing")
    assert pend_reasons()["hearing"].label == "Waiting for the hearing"


def test_many_rest_by_the_same_reason(site, hearing):
    items = [take(i, site.coder) for i in open_many(site.queue, site.facility, 2)]
    before = [clock(item) for item in items]
    until = (now() + timedelta(days=4)).isoformat()
    asked = {"chosen": [i.pk for i in items], "reason_code": "hearing"}

    done = defer(actor=site.coder, until=until, reason="Set.", **asked)

    for item in items:
        item.refresh_from_db()
    assert [item.state for item in items] == ["pending"] * 2
    assert [clock(item) for item in items] == before
    assert [item.internal_due_at for item in items] == [due for due, _, _ in before]
    take_back(actor=site.coder, bulk_act_id=done.act.pk)
    for item in items:
        item.refresh_from_db()
    assert [(i.state, i.internal_due_at) for i in items] == [
        ("in_progress", due) for due, _, _ in before
    ]
    late = (now() + timedelta(days=12)).isoformat()
    with pytest.raises(BadInput):
        defer(actor=site.coder, until=late, reason="Set.", **asked)
    assert BulkAct.objects.count() == 1
