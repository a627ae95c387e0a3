"""Acts of set-up in the trail: why, and what was there before; on the page and in files."""

import csv
import io
import re

import pytest
from django.test import Client

from denials.models import AppealLevel
from denials.services.approving import propose
from denials.services.drafting import begin_draft
from tests.factories import make_site, open_item, take
from tests.factories.profiles import make_profile
from worklists.context import now
from worklists.event_words import changes_of, sentence
from worklists.models import RuleWords, User, WorkItem
from worklists.selectors.rules import live_content
from worklists.services import rules
from worklists.services.granting import change_person
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site(db):
    """A small site whose coder is of the manager's team."""
    site = make_site()
    site.queue.team.members.add(site.coder)
    site.manager = User.objects.get(pk=site.manager.pk)
    return site


def browser(user):
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client


def rows_of(user, action):
    """Return the rows of the trail's table, and those of its file, of one act."""
    answer = browser(user).get("/audit/", {"action": action})
    page = " ".join(answer.content.decode().split())
    body = re.sub(r"<[^>]+>", " ", page.split("<tbody>")[1].split("</tbody>")[0])
    file = browser(user).post(
        "/audit/export/", {"form": "csv", "matching": f"action={action}"}
    )
    text = file.getvalue().decode("utf-8-sig")
    return " ".join(body.split()), list(csv.DictReader(io.StringIO(text)))


def test_settings_of_a_queue_with_reason_and_values(site):
    content = live_content("queue", site.queue.slug)
    was = content["max_in_hand"]
    rules.change_queue(
        actor=site.manager,
        slug=site.queue.slug,
        content={**content, "max_in_hand": was + 3},
        reason="Two people are new.",
    )

    page, [row] = rows_of(site.auditor, "rule.changed")

    assert "“Two people are new.”" in page
    assert f"max in hand: {was} → {was + 3}" in page
    assert row["Reason"] == "Two people are new."
    assert row["Old → new"] == f"max in hand: {was} → {was + 3}"


def test_a_person_with_code_and_values(site):
    change_person(
        actor=site.manager,
        user_id=site.coder.pk,
        daily_capacity=25,
        tier=site.coder.tier,
        code="hours",
    )

    page, [row] = rows_of(site.auditor, "person.changed")

    was = site.coder.daily_capacity
    assert f"daily capacity: {was} → 25, because hours" in page
    assert (row["Old → new"], row["Reason"]) == (f"daily capacity: {was} → 25", "hours")


def test_a_payer_profile_with_its_reason(site):
    slug = make_profile().profile.slug
    draft = begin_draft(actor=site.manager, slug=slug)
    AppealLevel.objects.filter(version=draft).update(days=77)
    propose(
        actor=site.manager, slug=slug, effective_from=None, reason="The plan said so."
    )

    page, [row] = rows_of(site.auditor, "profile.proposed")

    assert "“The plan said so.”" in page
    assert row["Reason"] == "The plan said so."


def test_words_on_an_item_stay_out_of_the_file_and_their_code_leaves(site):
    item = take(open_item(site.queue, site.facility), site.coder)
    perform(
        item_id=item.pk,
        action="cancel",
        actor=site.manager,
        expected_version=WorkItem.objects.get(pk=item.pk).version,
        reason="Jane Roe paid it herself.",
        options={"code": "not_needed"},
    )

    page, [row] = rows_of(site.auditor, "item.cancelled")

    assert "Jane Roe" in page
    assert "Jane Roe" not in "".join(row.values())


def test_what_changed_is_said_old_and_new():
    facts = {"changed": {"hand_out": ["pick", "next_only"], "on_watch": [False, True]}}
    assert changes_of(facts) == ["hand out: pick → next only", "on watch: no → yes"]
    assert changes_of({"ends_on": "2026-12-04", "until_before": "2026-12-09"}) == [
        "last day: 2026-12-09 → 2026-12-04"
    ]
    assert changes_of({"changed": {"release_after_hours": [8, None]}}) == [
        "release after hours: 8 → none"
    ]
    assert changes_of({}) == []


def test_a_field_whose_values_are_said_is_not_named_twice():
    facts = {
        "kind": "queue",
        "rule": "coding",
        "version": 2,
        "fields": ["max_in_hand", "purpose"],
        "changed": {"max_in_hand": [0, 5]},
    }
    assert sentence("rule.changed", facts) == (
        "changed the settings of a queue, queue coding v2, purpose, max in hand: 0 → 5"
    )


def test_words_of_a_rule_that_were_destroyed_are_gone_here_too(site):
    slug = site.queue.sla_policy.slug
    rules.propose(
        actor=site.manager,
        kind="sla",
        slug=slug,
        content={**live_content("sla", slug), "business_hours": 41},
        effective_from=now().date(),
        reason="Payers answer later.",
    )
    RuleWords.objects.update(content=None, salt=None, redacted_at=now())

    page, [row] = rows_of(site.auditor, "rule.proposed")

    assert "Payers" not in page
    assert row["Reason"] == "destroyed"
