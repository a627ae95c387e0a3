"""Fifteen days before a legal limit the shipped ladder asks the manager, once."""

from datetime import timedelta

import pytest

from seeds.loading import load_reference
from seeds.reference.queues import SLAS
from tests.factories import GOOD_EVIDENCE, make_site, open_item
from tests.worklists.services.timekeeping import DAY, MONDAY, act, pend, read
from worklists.models import Escalation, Notice, SlaPolicy
from worklists.services.injected_time import at
from worklists.services.sweep import sweep

pytestmark = pytest.mark.django_db
DUE = MONDAY + 60 * DAY
NET = DUE - 15 * DAY
SECOND = timedelta(seconds=1)


@pytest.fixture(params=[row.slug for row in SLAS])
def site(request):
    load_reference()
    return make_site(sla_policy=SlaPolicy.objects.get(slug=request.param))


def opened(site):
    with at(MONDAY):
        return open_item(site.queue, site.facility, at=MONDAY, legal_due_at=DUE)


def fired(item):
    rows = Escalation.objects.filter(item=item, clock__kind="legal").order_by("id")
    return [(e.due_at, e.tell, e.to, e.needs_acknowledgement) for e in rows]


def test_the_manager_answers_for_it_and_is_asked_once(site):
    item = opened(site)
    sweep(NET - SECOND)
    assert fired(item) == []

    sweep(NET)
    sweep(NET)
    sweep(NET + SECOND)

    assert fired(item) == [(NET, "manager", site.manager, True)]
    waiting = Escalation.objects.get(clock__kind="legal")
    assert (waiting.acknowledged_at, waiting.outcome) == (None, "")
    assert Notice.objects.filter(dedupe=f"escalation:{waiting.pk}").count() == 1


def test_a_deferred_item_is_not_forgotten(site):
    item = act(site.coder, opened(site), "claim", MONDAY)
    pend(site.coder, item, MONDAY, MONDAY + 55 * DAY)
    sweep(NET)
    assert fired(item) == [(NET, "manager", site.manager, True)]


def test_what_is_decided_before_asks_nobody(site):
    item = act(site.coder, opened(site), "claim", MONDAY)
    act(site.coder, item, "submit", MONDAY + DAY, evidence=GOOD_EVIDENCE)
    assert read(item).state == "completed"
    sweep(NET + DAY)
    assert fired(item) == []


def test_the_other_rungs_come_after_it(site):
    item = opened(site)
    sweep(DUE)
    days = [(DUE - due_at).days for due_at, *_ in fired(item)]
    assert days == [15, 14, 7, 1, 0]
