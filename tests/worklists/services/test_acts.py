"""What an act changes of an item is what is stored of it, field by field."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError

from tests.factories import (
    EvidenceTemplateFactory,
    QueueFactory,
    make_site,
    open_item,
    take,
)
from worklists.context import now
from worklists.enums import Action, State
from worklists.models import WorkItem
from worklists.services.acts import WRITTEN, Act, write
from worklists.workflow import TABLE

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
_CLAIM = next(row for row in TABLE if row.action == Action.CLAIM)


@pytest.fixture
def act():
    """An act that changes every field that acts may change, and nothing else."""
    site = make_site()
    at = now()
    due = at + timedelta(days=90)
    item = open_item(site.queue, site.facility, legal_due_at=due)
    item = take(item, site.coder)
    new = {
        "queue": QueueFactory(),
        "assignee": site.other_coder,
        "template": EvidenceTemplateFactory(),
        "why_here": "Moved by hand",
        "flags": ["payer_reversed"],
        "priority": item.priority + 7,
        "lift": 1,
        "priority_reasons": [{"rule": "amount", "points": 7}],
        "age_bucket": item.age_bucket + 1,
        "evidence_done": 3,
        "evidence_asked": 9,
        "review_because": "amount over $5,000",
        "handed_at": at - timedelta(hours=1),
        "completed_at": at,
        "outcome": "changed",
        "pend_reason": "waiting_payer",
        "internal_due_at": at + timedelta(days=1),
        "legal_due_at": None,
        "reage_at": at + timedelta(days=3),
        "wake_at": at + timedelta(hours=2),
        "amount": Decimal("123.45"),
        "reason_code": "PR-96",
        "reason_label": "Bundled",
        "risk_class": "bundling",
    }
    for name, value in new.items():
        setattr(item, name, value)
    act = Act(item, Action.CLAIM, site.coder, _CLAIM, target=State.PENDING)
    act.event = "item.resumed"  # work, so it touches
    return act


def test_every_field_that_acts_change_is_stored(act) -> None:
    before = WorkItem.objects.get(pk=act.item.pk)
    write(act, State.OPEN)
    stored = WorkItem.objects.get(pk=act.item.pk)
    for name in WRITTEN:
        assert _of(stored, name) == _of(act.item, name), name
        assert _of(stored, name) != _of(before, name), name


def test_what_acts_do_not_change_stays_whatever_stands_in_memory(act) -> None:
    act.item.specialty, act.item.service_on = "Elsewhere", now().date()
    write(act, State.OPEN)
    stored = WorkItem.objects.get(pk=act.item.pk)
    assert stored.specialty != "Elsewhere"
    assert stored.service_on is None


def test_an_item_that_is_gone_is_missed(act) -> None:
    act.item.pk = 0
    with pytest.raises(DatabaseError):
        write(act, State.OPEN)


def _of(item: WorkItem, name: str) -> object:
    return getattr(item, item._meta.get_field(name).attname)
