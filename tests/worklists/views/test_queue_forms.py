"""The page on which what a queue stands on is looked at and proposed."""

import pytest
import time_machine
from django.test import Client

from tests.factories import (
    EvidenceTemplateFactory,
    ReviewPolicyFactory,
    SlaPolicyFactory,
    grant,
    make_site,
    open_many,
    person,
)
from tests.worklists.services.test_new_rules import queue_of
from tests.worklists.services.test_queue_forms import OTHER
from tests.worklists.views.drawn import approve, send, stands_on
from tests.worklists.views.test_template_rows import words
from worklists.enums import Role
from worklists.models import Queue, RuleVersion

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
WHY = {"effective_from": "2026-11-23", "reason": "The payer asks for more."}


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel("2026-11-23T18:00:00Z", tick=False):
        yield


@pytest.fixture
def site(db):
    """A site with a second manager, two items, and forms to choose from."""
    site = make_site()
    site.second = person(Role.MANAGER, username="second")
    grant(site.second, site.queue, "manage")
    EvidenceTemplateFactory(slug="other", name="Other", fields=OTHER)
    EvidenceTemplateFactory(slug="strange", kind="claim_edit")
    open_many(site.queue, site.facility, 2)
    site.address = f"/rules/queue/{site.queue.slug}/"
    return site


def browser(user):
    client = Client()
    client.force_login(user)
    return client


def test_it_is_looked_at_proposed_and_put_in_force_by_another(site):
    mine = browser(site.manager)
    assert f"{site.address}stands-on/" in words(mine.get(site.address))
    choices = (
        mine.get(f"{site.address}stands-on/").context["form"].fields["template"].choices
    )
    assert "strange" not in dict(choices)

    asked = stands_on(site.queue, template="other")
    looked = mine.post(f"{site.address}stands-on/", asked | {"look": "1"})

    takes = looked.context["takes"]
    assert (takes.form.items, takes.ladder, takes.review) == (2, None, None)
    page = words(looked)
    assert "2 items under way keep the form they were opened with" in page
    assert "Sum, when Decision is Accept it" in page
    assert "Propose it" in page
    assert not RuleVersion.objects.exists()

    answer = send(mine, f"{site.address}stands-on/", asked | {"do": "1"} | WHY)
    assert answer["Location"] == f"{site.address}2/"
    again = mine.get(f"{site.address}stands-on/")
    assert again["Location"] == site.address
    other = browser(site.second)
    page = words(other.get(f"{site.address}2/"))
    assert "2 items under way keep the form they were opened with" in page
    assert "Put in force" in page
    approve(other, f"{site.address}2/")
    assert Queue.objects.get(pk=site.queue.pk).template.slug == "other"


def test_what_cannot_work_is_said_before_it_is_proposed(site):
    policy = site.queue.review_policy
    policy.judgements = ["decision:correct"]
    policy.save()
    looked = browser(site.manager).post(
        f"{site.address}stands-on/",
        stands_on(site.queue, template="other") | {"look": "1"},
    )
    [fault] = looked.context["faults"]
    assert "names decision:correct, which this form does not have" in fault
    assert "changes" not in looked.context


def test_who_does_not_manage_the_queue_is_sent_back(site):
    answer = browser(site.administrator).get(f"{site.address}stands-on/")
    assert answer["Location"] == site.address


def test_the_settings_keep_the_form(site):
    content = {
        "purpose": "Newly said.", "team": site.queue.team.slug,
        "supervisor": site.manager.username, "review_on": "2027-05-01",
        "hand_out": "pick", "max_in_hand": 4, "release_after_hours": 0,
        "reason": "Said better.", "read": 1,
    }  # fmt: skip
    answer = browser(site.manager).post(f"{site.address}change/", content | {"do": "1"})
    assert answer["Location"] == site.address
    before = site.queue.template
    site.queue.refresh_from_db()
    assert (site.queue.purpose, site.queue.template) == ("Newly said.", before)


def test_another_ladder_and_policy_are_looked_at_and_proposed_together(site):
    SlaPolicyFactory(slug="fast", name="Two days", business_hours=16)
    ReviewPolicyFactory(slug="strict", name="Strict", judgements=["decision:accept"])
    mine, address = browser(site.manager), f"{site.address}stands-on/"
    asked = stands_on(site.queue, sla="fast", review="strict")
    form = mine.get(address).context["form"]
    assert {name: form[name].value() for name in form.fields} == stands_on(site.queue)

    looked = mine.post(address, asked | {"look": "1"})

    page = words(looked)
    assert "2 clocks of 2 items that run keep the ladder they began with." in page
    assert "<del>40 business hours</del>" in page
    assert "<ins>16 business hours</ins>" in page
    assert "2 items under way go by strict v1 from their next submit on." in page
    assert 'id="form-effect"' not in page
    assert not RuleVersion.objects.exists()

    answer = send(mine, address, asked | {"do": "1"} | WHY)
    assert answer["Location"] == f"{site.address}2/"
    other = browser(site.second)
    page = words(other.get(f"{site.address}2/"))
    assert "2 clocks of 2 items that run keep" in page
    assert "<del>40 business hours</del>" in page
    assert "a proposal waits already" in words(mine.get(site.address))
    assert "The settings can be changed meanwhile." in words(mine.get(site.address))
    approve(other, f"{site.address}2/")
    queue = Queue.objects.get(pk=site.queue.pk)
    assert (queue.sla_policy.slug, queue.review_policy.slug) == ("fast", "strict")
    assert queue.template == site.queue.template
    page = words(mine.get(site.address))
    assert "<dt>Service level</dt> <dd> fast </dd>" in page


def test_a_policy_that_the_form_has_no_answers_for_is_said_first(site):
    ReviewPolicyFactory(slug="lost", name="Lost", judgements=["outcome:closed"])
    asked = stands_on(site.queue, review="lost") | {"do": "1"} | WHY
    answer = send(browser(site.manager), f"{site.address}stands-on/", asked)
    assert "names outcome:closed, which the form “Charge review” does" in words(answer)
    assert not RuleVersion.objects.exists()
    assert Queue.objects.get(pk=site.queue.pk).review_policy == site.queue.review_policy


def test_nothing_to_propose_is_said(site):
    asked = stands_on(site.queue) | {"do": "1"} | WHY
    answer = send(browser(site.manager), f"{site.address}stands-on/", asked)
    assert "Nothing differs from version 1, in force." in words(answer)
    assert not RuleVersion.objects.exists()


def test_a_queue_that_was_begun_on_a_page_takes_another_ladder_at_once(site):
    SlaPolicyFactory(slug="fast", name="Two days", business_hours=16)
    address, mine = "/rules/queue/large/", browser(site.second)
    posted = queue_of(site) | {"slug": "large", "do": "1"} | WHY
    browser(site.administrator).post("/rules/queue/new/", posted)
    approve(browser(site.manager), f"{address}1/")
    queue = Queue.objects.get(slug="large")

    asked = stands_on(queue, sla="fast") | {"do": "1"} | WHY
    answer = send(mine, f"{address}stands-on/", asked)

    assert answer["Location"] == f"{address}2/"
    approve(browser(site.administrator), f"{address}2/")
    assert Queue.objects.get(slug="large").sla_policy.slug == "fast"
    rows = RuleVersion.objects.filter(rule__slug="large").order_by("number")
    assert list(rows.values_list("number", "state")) == [
        (1, "superseded"), (2, "in_force"),
    ]  # fmt: skip
