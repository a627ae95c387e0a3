"""A version is decided by who read it; an approved one can be stopped before its day."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from tests.factories import EvidenceTemplateFactory
from tests.worklists.services.ruling import TODAY, changed, rule_site
from tests.worklists.services.test_queue_forms import OTHER
from tests.worklists.views.drawn import approve, read_on, stands_on
from tests.worklists.views.test_rules import KEPT, ladder, queue_form
from tests.worklists.views.test_template_rows import words
from worklists.enums import RuleKind
from worklists.models import Event, RuleVersion
from worklists.services import rules

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
UNREAD = (
    "This page was drawn before it said which version in force it was read against."
)
STALE = "came into force while you looked: you read version 7. Open the page again"


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel("2026-11-23T18:00:00Z", tick=False):
        yield


@pytest.fixture
def site(db):
    site = rule_site()
    site.address = f"/rules/sla/{site.slug}/"
    return site


def propose(site, day=TODAY):
    return rules.propose(
        actor=site.manager,
        kind=RuleKind.SLA,
        slug=site.slug,
        content=changed(site.slug, name="Five days"),
        effective_from=day,
        reason="People say days.",
    )


def browser(user):
    client = Client()
    client.force_login(user)
    return client


UNSEEN = [
    ({}, UNREAD),
    ({"read": ""}, UNREAD),
    ({"read": "x"}, UNREAD),
    ({"read": "7"}, STALE),
]


@pytest.mark.parametrize(("read", "why"), UNSEEN)
def test_it_is_not_approved_from_a_page_that_was_not_read(site, read, why):
    propose(site)

    answer = browser(site.second).post(
        f"{site.address}2/approve/", read | {"reason": "Right."}, follow=True
    )

    assert why in words(answer)
    assert "nothing was changed" in words(answer)
    assert RuleVersion.objects.get(number=2).state == "proposed"
    assert not Event.objects.filter(action="rule.approved").exists()


def ladder_page(site):
    return f"{site.address}change/", ladder(KEPT, name="Five days", do="1")


def settings_page(site):
    return f"/rules/queue/{site.queue.slug}/change/", queue_form(site, max_in_hand=4)


def form_page(site):
    EvidenceTemplateFactory(slug="other", name="Other", fields=OTHER)
    typed = {"effective_from": TODAY.isoformat(), "reason": "It asks more.", "do": "1"}
    return f"/rules/queue/{site.queue.slug}/stands-on/", typed | stands_on(
        site.queue, template="other"
    )


@pytest.mark.parametrize(("read", "why"), UNSEEN)
@pytest.mark.parametrize("page", [ladder_page, settings_page, form_page])
def test_nothing_is_changed_from_a_page_that_was_not_read(site, page, read, why):
    address, typed = page(site)
    client = browser(site.manager)

    answer = client.post(address, typed | read)

    assert why in words(answer)
    assert not RuleVersion.objects.exists()
    assert not Event.objects.filter(action__startswith="rule.").exists()
    site.queue.refresh_from_db()
    assert site.queue.max_in_hand == 0

    assert client.post(address, typed | read_on(client, address)).status_code == 302
    assert RuleVersion.objects.filter(number=2).exists()


def test_a_look_keeps_the_version_that_was_read(site):
    address, typed = ladder_page(site)
    client = browser(site.manager)
    looked = client.post(address, typed | {"look": "1", "read": "1"})
    assert 'name="read" value="1"' in looked.content.decode()
    unread = client.post(address, typed | {"look": "1"})
    assert 'name="read" value=""' in unread.content.decode()
    assert not RuleVersion.objects.exists()


def test_an_approved_version_is_stopped_on_its_page_with_the_reason(site):
    propose(site, TODAY + timedelta(days=2))
    mine, other = browser(site.manager), browser(site.second)
    approve(other, f"{site.address}2/")

    shown = words(other.get(f"{site.address}2/"))
    assert "Until then you can stop it" in shown
    assert f'action="{site.address}2/withdraw/"' in shown
    assert "Put in force" not in shown
    assert "Until then you can take it back." in words(mine.get(f"{site.address}2/"))

    refused = other.post(f"{site.address}2/withdraw/", {"reason": ""}, follow=True)
    assert "Say why it does not begin." in words(refused)
    assert RuleVersion.objects.get(number=2).state == "approved"

    done = other.post(f"{site.address}2/withdraw/", {"reason": "No."}, follow=True)
    assert "Version 2: withdrawn." in words(done)
    assert RuleVersion.objects.get(number=2).state == "withdrawn"
    assert 'id="decide"' not in words(mine.get(f"{site.address}2/"))


@pytest.mark.parametrize("who", ["coder", "auditor"])
def test_who_may_not_stop_it_reads_why(site, who):
    propose(site, TODAY + timedelta(days=2))
    approve(browser(site.second), f"{site.address}2/")
    client = browser(getattr(site, who))

    shown = words(client.get(f"{site.address}2/"))
    answer = client.post(f"{site.address}2/withdraw/", {"reason": "No."}, follow=True)

    why = "decided by administrators and by managers of a queue that uses it."
    assert why in shown
    assert "Withdraw it" not in shown
    assert why in words(answer)
    assert RuleVersion.objects.get(number=2).state == "approved"
