"""An internal clock runs out: the ladder tells, the manager says what was done about it."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.factories import make_site, open_item, take
from worklists.context import now
from worklists.models import Escalation, Event, LadderStep
from worklists.services.injected_time import at
from worklists.services.sweep import sweep

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(transactional_db):
    """A site with an item in hand whose internal clock ran out while nobody looked."""
    site = make_site()
    site.queue.sla_policy.steps.all().delete()
    LadderStep.objects.create(
        policy=site.queue.sla_policy,
        clock_kind="internal",
        position=1,
        offset_hours=0,
        tell="manager",
        needs_acknowledgement=True,
    )
    with at(now() - timedelta(days=30)):
        site.item = open_item(site.queue, site.facility)
        take(site.item, site.coder)
    return site


def waiting():
    """Return whose answer is awaited and which outcome stands, of each escalation."""
    rows = Escalation.objects.order_by("pk")
    return list(
        rows.values_list("to__username", "acknowledged_by__username", "outcome")
    )


def test_a_breach_waits_until_its_outcome_is_said(site, signed_in):
    assert sweep()["escalated"] == 1
    assert sweep()["escalated"] == 0
    assert waiting() == [("manager", None, "")]

    page = signed_in(site.manager)
    page.goto("/inbox/")
    page.get_by_text(site.item.number).first.wait_for()
    page.goto("/manage/")
    calls = page.get_by_role("region", name="Escalations")
    expect(calls.get_by_text(site.item.number).first).to_be_visible()
    page.get_by_role("button", name="Answer").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_role("button", name="Record the answer").click()
    assert waiting() == [("manager", None, "")]  # no outcome, no answer

    dialog.get_by_label("What was done").select_option("worked")
    dialog.get_by_label("In words").fill("Called the payer; Ana sends it today.")
    dialog.get_by_role("button", name="Record the answer").click()

    expect(page.get_by_text("No escalation waits", exact=True)).to_be_visible()
    assert waiting() == [("manager", "manager", "worked")]
    event = Event.objects.get(action="item.escalation_acknowledged")
    assert (event.subject_id, event.actor_name) == (site.item.pk, "manager")
    assert '"outcome":"worked"' in event.facts
    assert "payer" not in event.facts
    assert sweep()["escalated"] == 0

    page.goto(f"/items/{site.item.pk}/history/")
    page.get_by_text("Called the payer; Ana sends it today.").wait_for()
    page = signed_in(site.coder)
    page.goto(f"/items/{site.item.pk}/")
    expect(page.get_by_text("Called the payer", exact=False).first).to_be_visible()
