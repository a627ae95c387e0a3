"""A version is taken back before it begins: by its author, or by whoever may decide it."""

from datetime import timedelta

import pytest
import time_machine

from tests.factories import make_site, person
from tests.worklists.services.ruling import TODAY, changed, facts, rule_site
from tests.worklists.services.test_new_rules import queue_of
from worklists.enums import Role, RuleKind, RuleState
from worklists.errors import BadInput, NotPermitted, WrongState
from worklists.models import Event, RuleVersion, RuleWords, SlaPolicy
from worklists.rule_digest import digest_of
from worklists.services import due_rules, rules

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
LATER = TODAY + timedelta(days=2)


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel("2026-11-23T18:00:00Z", tick=False):
        yield


@pytest.fixture
def site(db):
    """A site with a version of a ladder that waits, and a third who may decide it."""
    site = rule_site()
    site.asked = {"kind": RuleKind.SLA, "slug": site.slug, "number": 2}
    rules.propose(
        actor=site.manager,
        kind=RuleKind.SLA,
        slug=site.slug,
        content=changed(site.slug, name="Five days"),
        effective_from=LATER,
        reason="People say days.",
    )
    return site


@pytest.fixture
def approved(site):
    """The same, approved to begin the day after tomorrow."""
    rules.approve(actor=site.second, **site.asked)
    return site


def state():
    return RuleVersion.objects.get(number=2).state


@pytest.mark.parametrize("who", ["second", "administrator"])
def test_an_approved_one_is_stopped_by_whoever_may_decide_it(approved, who):
    actor = getattr(approved, who)

    rules.withdraw(actor=actor, reason="It would wake the night.", **approved.asked)

    version = RuleVersion.objects.get(number=2)
    assert (version.state, version.decided_by) == ("withdrawn", approved.second)
    event = Event.objects.get(action="rule.withdrawn")
    assert (event.actor_id, event.subject_id) == (actor.pk, version.rule_id)
    assert facts("rule.withdrawn") == {
        "content": digest_of(version.content),
        "kind": "sla",
        "rule": approved.slug,
        "version": 2,
        "effective_from": "2026-11-25",
    }
    said = RuleWords.objects.get(act="withdrawn")
    assert (said.value, said.said_by) == ("It would wake the night.", actor)
    with time_machine.travel("2026-11-25T18:00:00Z", tick=False):
        assert due_rules.begin_due() == 0
    assert SlaPolicy.objects.filter(slug=approved.slug).count() == 1
    assert RuleVersion.objects.get(number=1).state == RuleState.IN_FORCE


@pytest.mark.parametrize("reason", ["", "  "])
def test_another_person_says_why_and_its_author_need_not(approved, reason):
    with pytest.raises(BadInput, match="Say why it does not begin"):
        rules.withdraw(actor=approved.second, reason=reason, **approved.asked)
    assert state() == RuleState.APPROVED
    assert not Event.objects.filter(action="rule.withdrawn").exists()

    rules.withdraw(actor=approved.manager, reason=reason, **approved.asked)
    assert state() == RuleState.WITHDRAWN


@pytest.mark.parametrize("who", ["coder", "reviewer", "auditor"])
def test_who_may_not_decide_it_does_not_stop_it(approved, who):
    with pytest.raises(NotPermitted, match="is decided by"):
        rules.withdraw(actor=getattr(approved, who), reason="No.", **approved.asked)
    assert state() == RuleState.APPROVED
    assert not Event.objects.filter(action="rule.withdrawn").exists()


def test_a_manager_of_other_queues_does_not_stop_it(approved):
    stranger = person(Role.MANAGER)
    with pytest.raises(NotPermitted, match="is decided by"):
        rules.withdraw(actor=stranger, reason="No.", **approved.asked)
    assert state() == RuleState.APPROVED


@pytest.mark.parametrize("who", ["second", "administrator"])
def test_one_that_is_not_approved_is_sent_back_instead(site, who):
    with pytest.raises(NotPermitted, match="others send it back"):
        rules.withdraw(actor=getattr(site, who), reason="No.", **site.asked)
    assert state() == RuleState.PROPOSED
    assert not Event.objects.filter(action="rule.withdrawn").exists()


def test_what_has_begun_is_not_taken_back(approved):
    with time_machine.travel("2026-11-25T18:00:00Z", tick=False):
        assert due_rules.begin_due() == 1
        with pytest.raises(WrongState):
            rules.withdraw(actor=approved.second, reason="Late.", **approved.asked)
    assert state() == RuleState.IN_FORCE
    assert not Event.objects.filter(action="rule.withdrawn").exists()


def test_who_would_be_given_a_queue_does_not_stop_it(db):
    site = make_site()
    site.second = given = person(Role.MANAGER, username="given")
    asked = {"kind": RuleKind.QUEUE, "slug": "large"}
    content = queue_of(site)
    rules.propose_new(
        actor=site.manager,
        content=content,
        effective_from=LATER,
        reason="We grow.",
        **asked,
    )
    rules.approve(actor=site.administrator, number=1, **asked)

    with pytest.raises(NotPermitted, match="This queue is given to you"):
        rules.withdraw(actor=given, number=1, reason="Not me.", **asked)
    assert RuleVersion.objects.get().state == RuleState.APPROVED

    rules.withdraw(actor=site.administrator, number=1, reason="Too early.", **asked)
    assert RuleVersion.objects.get().state == RuleState.WITHDRAWN
