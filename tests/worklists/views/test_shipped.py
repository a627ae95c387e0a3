"""The pages of what this release ships: read by everybody, proposed by whoever may."""

import pytest
import time_machine
from django.test import Client

from tests.factories import grant, make_site, open_many, person
from tests.worklists.services.test_shipping import FORM, LADDER, ship
from tests.worklists.views.drawn import approve
from tests.worklists.views.test_template_rows import words
from worklists import shipped
from worklists.enums import Role, RuleKind, Standing
from worklists.models import EvidenceTemplate, RuleVersion

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
WHY = {"effective_from": "2026-11-23", "reason": "The release has it."}


@pytest.fixture
def site(db, monkeypatch):
    """A site at work beside a release that ships a form and another ladder."""
    monkeypatch.setattr(shipped, "_shipped", {})
    site = make_site()
    site.second = person(Role.MANAGER, username="second")
    grant(site.second, site.queue, "manage")
    site.slug = site.queue.sla_policy.slug
    open_many(site.queue, site.facility, 2)
    ship(RuleKind.SLA, site.slug, LADDER | {"name": "Seven days"}, version=2)
    ship(RuleKind.TEMPLATE, "fresh", FORM)
    with time_machine.travel("2026-11-23T18:00:00Z", tick=False):
        yield site


def browser(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("who", ["coder", "reviewer", "manager", "auditor"])
def test_everybody_reads_how_the_site_stands(site, who):
    mine = browser(getattr(site, who))
    assert "/rules/shipped/" in words(mine.get("/rules/"))
    page = mine.get("/rules/shipped/")
    assert "0 of 2 rules work here as shipped." in words(page)
    [[(_, _, ladders)], [(_, _, forms)]] = page.context["columns"]
    assert [tag[0] for _, tag in (*ladders, *forms)] == ["Changed here", "Not here"]


def test_own_edits_are_shown_beside_what_ships_before_they_are_replaced(site):
    address = f"/rules/shipped/sla/{site.slug}/"
    mine = browser(site.manager)
    page = mine.get(address)
    assert page.context["standing"] == Standing.OWN
    said = {one.field: (one.before, one.after) for one in page.context["changes"]}
    assert said["Name"] == ("One week", "Seven days")
    assert "This site changed it." in words(page)
    assert page.context["effect"].items == 2
    assert "Clocks that run" in words(page)
    assert 'name="read" value="1"' in page.content.decode()

    unseen = mine.post(address, WHY)
    assert "Look at what differs from the version in force first." in words(unseen)
    assert not RuleVersion.objects.exists()

    answer = mine.post(address, WHY | {"read": "1"})
    assert answer["Location"] == f"/rules/sla/{site.slug}/2/"
    assert "It is decided first." in words(mine.get(address))
    approve(browser(site.second), f"/rules/sla/{site.slug}/2/")
    assert "it works here as it ships" in words(mine.get(address))
    assert "1 of 2 rules work here as shipped." in words(mine.get("/rules/shipped/"))


def test_what_is_not_here_is_proposed_by_an_administrator(site):
    address = "/rules/shipped/template/fresh/"
    refused = browser(site.manager).get(address)
    assert "What is not here yet is proposed by administrators." in words(refused)
    mine = browser(site.administrator)
    assert "This site does not have it." in words(mine.get(address))

    answer = mine.post(address, WHY | {"read": ""})

    assert answer["Location"] == "/rules/template/fresh/1/"
    assert "Nothing before" in words(browser(site.second).get(answer["Location"]))
    assert "not yet" in words(mine.get("/rules/"))
    assert not EvidenceTemplate.objects.filter(slug="fresh").exists()
    approve(browser(site.second), "/rules/template/fresh/1/")
    assert EvidenceTemplate.objects.get(slug="fresh").name == "Charges"
    assert "Nobody yet." in words(mine.get("/rules/template/fresh/"))


def test_a_reason_is_asked_at_its_field(site):
    mine = browser(site.administrator)
    page = mine.post("/rules/shipped/template/fresh/", WHY | {"reason": ""})
    assert page.context["why"].errors == {"reason": ["This field is required."]}
    assert not RuleVersion.objects.exists()


@pytest.mark.parametrize("path", ["template/none/", "queue/new/", "nonsense/x/"])
def test_what_does_not_ship_is_not_found(site, path):
    assert browser(site.coder).get(f"/rules/shipped/{path}").status_code == 404
