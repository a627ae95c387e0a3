"""A manager changes a ladder: looked at, proposed, put in force, and it acts."""

from datetime import timedelta

import pytest

from tests.factories import grant, make_site, open_item, person
from tests.journeys.test_accessible import walk
from worklists.context import now
from worklists.enums import Role
from worklists.models import Escalation, ItemClock, RuleVersion
from worklists.services.injected_time import at
from worklists.services.ladders import follow_ladders
from worklists.services.sweep import sweep

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(transactional_db):
    """A site with an item that arrived now, and a second manager."""
    site = make_site()
    site.second = person(Role.MANAGER, username="second", facilities=[site.facility])
    grant(site.second, site.queue, "manage")
    site.item = open_item(site.queue, site.facility)
    site.address = f"/rules/sla/{site.queue.sla_policy.slug}/"
    return site


def told():
    return list(Escalation.objects.values_list("tell", "to__username"))


def test_a_manager_changes_a_ladder_and_it_acts(site, signed_in):
    page = signed_in(site.manager)
    page.goto("/rules/")
    page.get_by_role("link", name="One week").click()
    page.get_by_role("link", name="Propose a version").click()
    page.get_by_label("How much, row 2").fill("75")
    page.get_by_label("When, row 2").select_option("share")
    page.get_by_label("Tell, row 2").select_option("manager")
    page.get_by_role("textbox", name="Why").fill("Hear of it before it is too late.")
    page.get_by_role("button", name="Look first").click()
    page.get_by_text("1 clock of 1 item would follow it").wait_for()
    page.get_by_text("No step would come at once.").wait_for()
    assert not RuleVersion.objects.exists()

    page.get_by_role("button", name="Propose it").click()

    page.get_by_text("another person decides it").first.wait_for()
    page = signed_in(site.second)
    page.goto("/rules/")
    page.get_by_text("1 change waits for another person’s word.").wait_for()
    page.goto(f"{site.address}2/")
    page.get_by_text("Hear of it before it is too late.").wait_for()
    page.get_by_role("button", name="Put in force").click()
    page.get_by_text("Version 2: in force.").wait_for()

    assert follow_ladders() == 1
    page.reload()
    page.get_by_text("1 running clock follows it.").wait_for()

    clock = ItemClock.objects.get()
    assert clock.policy.version == 2
    assert now() < clock.next_step_at < clock.due_at
    with at(clock.next_step_at - timedelta(minutes=1)):
        sweep()
    assert told() == []
    with at(clock.next_step_at):
        sweep()
        sweep()
    assert told() == [("manager", "manager")]
    page = signed_in(site.manager)
    page.goto("/inbox/")
    page.get_by_text(site.item.number).first.wait_for()


@pytest.mark.heavy
def test_nothing_stands_in_the_way_of_a_screen_reader(site, signed_in):
    queue = f"/rules/queue/{site.queue.slug}/"
    page = signed_in(site.manager)
    paths = ["/rules/", site.address, f"{site.address}change/", queue]
    assert walk(page, [*paths, f"{queue}change/", "/audit/", "/exports/"]) == []
