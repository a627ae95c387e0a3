"""A manager turns automatic release off and on again, and takes one release back."""

from datetime import timedelta

import pytest

from tests.factories import grant, make_site, open_item, person, take
from tests.journeys.test_accessible import walk
from worklists.context import now
from worklists.enums import Role
from worklists.models import Event, WorkItem
from worklists.services.injected_time import at
from worklists.services.sweep import sweep

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
TABLE = "/rules/site/task-classes/"
LONG_AGO = timedelta(days=10)


@pytest.fixture
def site(transactional_db):
    """A site with an item that lies idle, and a second manager."""
    site = make_site(release_after_hours=9)
    site.second = person(Role.MANAGER, username="second", facilities=[site.facility])
    grant(site.second, site.queue, "manage")
    with at(now() - LONG_AGO):
        site.item = open_item(site.queue, site.facility)
        take(site.item, site.coder)
    return site


def propose(page, choice, why):
    page.goto(TABLE)
    page.get_by_role("link", name="Propose a version").click()
    group = page.get_by_role("group", name="Release what nobody worked")
    group.get_by_label(choice).check()
    page.get_by_role("textbox", name="Why").fill(why)
    page.get_by_role("button", name="Look first").click()
    page.get_by_role("button", name="Propose it").click()
    page.get_by_text("another person decides it").first.wait_for()


def approve(page, number):
    page.goto(f"{TABLE}{number}/")
    page.get_by_role("button", name="Put in force").click()
    page.get_by_text(f"Version {number}: in force.").wait_for()


def standing(site):
    item = WorkItem.objects.select_related("assignee").get(pk=site.item.pk)
    return item.state, item.assignee.username if item.assignee else None


@pytest.mark.heavy
def test_off_left_on_released_taken_back(site, signed_in):
    propose(signed_in(site.manager), "Assisted", "We want to ask first.")
    approve(signed_in(site.second), 2)

    assert sweep()["left_to_people"] == 1

    assert standing(site) == ("in_progress", "coder")
    page = signed_in(site.manager)
    page.goto("/rules/automatic/?show=left")
    page.get_by_text("waits for a person").wait_for()
    page.goto("/inbox/")
    assert page.get_by_text(site.item.number).count() == 0  # the holder is told
    page = signed_in(site.coder)
    page.goto("/inbox/")
    page.get_by_text("The system does not release it by itself").wait_for()

    propose(signed_in(site.second), "Automatic", "Nobody looked.")
    approve(signed_in(site.manager), 3)
    assert sweep()["released"] == 1
    assert standing(site) == ("open", None)

    page = signed_in(site.manager)
    page.goto("/rules/automatic/")
    page.get_by_text("v3").first.wait_for()
    page.get_by_role("link", name="Take back").click()
    page.get_by_label("Why").fill("She was only on the phone.")
    page.get_by_role("button", name="Take it back").click()
    page.get_by_text("Taken back.").wait_for()

    assert standing(site) == ("open", "coder")
    assert Event.objects.filter(action="item.assigned", facts__contains="reverses")
    page.goto("/rules/automatic/")
    page.get_by_text("taken back").first.wait_for()
    assert page.get_by_role("link", name="Take back").count() == 0


@pytest.mark.heavy
def test_nothing_stands_in_the_way_of_a_screen_reader(site, signed_in):
    sweep()
    event = Event.objects.get(action="item.auto_released")
    acts = "/rules/automatic/"
    paths = [TABLE, f"{TABLE}change/", acts, f"{acts}?show=all", f"{acts}{event.pk}/"]
    assert walk(signed_in(site.manager), paths) == []
