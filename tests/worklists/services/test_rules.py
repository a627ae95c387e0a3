"""Rules change by two people, in versions that never change."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import DatabaseError, transaction

from tests.factories import QueueFactory, grant
from tests.worklists.services.ruling import TODAY, changed, facts, rule_site
from worklists.enums import RuleKind, RuleState
from worklists.errors import BadInput, Conflict, NotPermitted, NotVisible, WrongState
from worklists.models import (
    Event,
    Queue,
    RoutingRule,
    Rule,
    RuleVersion,
    RuleWords,
    SlaPolicy,
)
from worklists.rule_digest import digest_of
from worklists.selectors import rules as selectors
from worklists.services import due_rules, rules

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel("2026-11-23T18:00:00Z", tick=False):
        yield


@pytest.fixture
def site(db):
    return rule_site()


def propose(site, actor=None, **more):
    """Propose another name of the service level."""
    asked = {
        "kind": RuleKind.SLA,
        "slug": site.slug,
        "content": changed(site.slug, name="Five days"),
        "effective_from": TODAY,
        "reason": "People say days.",
    } | more
    return rules.propose(actor=actor or site.manager, **asked)


def act(do, site, actor, number=2, **more):
    """Do one act on the proposed version."""
    return do(actor=actor, kind=RuleKind.SLA, slug=site.slug, number=number, **more)


def test_a_proposal_waits_and_changes_nothing(site):
    version = propose(site)

    assert (version.number, version.state) == (2, RuleState.PROPOSED)
    site.queue.refresh_from_db()
    assert site.queue.sla_policy.version == 1
    assert SlaPolicy.objects.filter(slug=site.slug).count() == 1
    event = Event.objects.get(action="rule.proposed")
    assert (event.subject_kind, event.subject_id) == ("rule", version.rule_id)
    assert facts("rule.proposed") == {
        "content": digest_of(version.content),
        "kind": "sla",
        "rule": site.slug,
        "version": 2,
        "effective_from": "2026-11-23",
        "fields": ["name"],
    }
    words = RuleWords.objects.get()
    assert words.value == "People say days."
    assert bytes(event.commitments[0]) == bytes(words.commitment)
    assert "People say" not in event.facts


def test_what_stood_there_is_kept_as_the_first_version(site):
    before = selectors.live_content(RuleKind.SLA, site.slug)
    propose(site)

    first = RuleVersion.objects.get(number=1)
    assert (first.state, first.alone, first.content) == ("in_force", True, before)


def test_another_person_puts_it_in_force_and_queues_follow(site):
    other = QueueFactory(sla_policy=site.queue.sla_policy)
    grant(site.manager, other, "manage")
    propose(site)

    act(rules.approve, site, site.second, reason="Right.")

    new = SlaPolicy.objects.get(slug=site.slug, version=2)
    assert (new.name, new.effective_from) == ("Five days", TODAY)
    assert set(Queue.objects.values_list("sla_policy_id", flat=True)) == {new.pk}
    states = dict(RuleVersion.objects.values_list("number", "state"))
    assert states == {1: "superseded", 2: "in_force"}
    assert facts("rule.put_in_force")["queues"] == 2
    old = SlaPolicy.objects.get(slug=site.slug, version=1)
    assert old.name == "One week"


@pytest.mark.parametrize("act_name", ["approve", "send_back"])
def test_nobody_decides_their_own(site, act_name):
    propose(site)

    with pytest.raises(NotPermitted) as refused:
        act(getattr(rules, act_name), site, site.manager, reason="Mine.")

    assert refused.value.code == "two_people"
    assert RuleVersion.objects.get(number=2).state == RuleState.PROPOSED


def test_the_database_refuses_one_person_for_both(site):
    version = propose(site)

    rows = RuleVersion.objects.filter(pk=version.pk)
    with pytest.raises(DatabaseError, match="two_people"), transaction.atomic():
        rows.update(decided_by=site.manager, state="approved")
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic():
        rows.update(decided_by=site.manager)


@pytest.mark.parametrize(
    "change",
    [{"content": {"name": "x"}}, {"number": 9}, {"effective_from": date(2020, 1, 1)}],
)
def test_the_database_keeps_what_a_version_says(site, change):
    version = propose(site)

    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic():
        RuleVersion.objects.filter(pk=version.pk).update(**change)
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic():
        RuleVersion.objects.filter(pk=version.pk)._raw_delete("default")


def test_a_later_day_begins_by_itself_and_once(site):
    propose(site, effective_from=TODAY + timedelta(days=2))
    version = act(rules.approve, site, site.second)

    assert version.state == RuleState.APPROVED
    assert due_rules.begin_due() == 0
    assert SlaPolicy.objects.filter(slug=site.slug).count() == 1
    with time_machine.travel("2026-11-25T18:00:00Z", tick=False):
        assert due_rules.begin_due() == 1
        assert due_rules.begin_due() == 0
    assert SlaPolicy.objects.get(slug=site.slug, version=2).effective_from == (
        TODAY + timedelta(days=2)
    )
    assert Event.objects.get(action="rule.put_in_force").actor_name == "worker"


def test_one_that_cannot_begin_holds_up_no_other(site):
    gone = QueueFactory()
    rows = [{"name": "All", "conditions": [], "queue": gone.slug}]
    day = TODAY + timedelta(days=2)
    kind = site.queue.kind
    rules.propose(
        actor=site.administrator,
        kind=RuleKind.ROUTING,
        slug=kind,
        content={"rules": rows},
        effective_from=day,
        reason="So it is.",
    )
    rules.approve(actor=site.manager, kind=RuleKind.ROUTING, slug=kind, number=2)
    propose(site, effective_from=day)
    act(rules.approve, site, site.second)
    Queue.objects.filter(pk=gone.pk).update(kind="denial")

    with time_machine.travel("2026-11-25T18:00:00Z", tick=False):
        assert due_rules.begin_due() == 1

    states = RuleVersion.objects.filter(number=2).order_by("pk")
    assert list(states.values_list("state", flat=True)) == ["approved", "in_force"]
    assert RoutingRule.objects.filter(is_active=True).count() == 2


def test_a_proposal_is_sent_back_with_words(site):
    propose(site)
    act(rules.send_back, site, site.second, reason="Say hours.")

    assert RuleVersion.objects.get(number=2).state == RuleState.SENT_BACK
    with pytest.raises(WrongState):
        act(rules.approve, site, site.second)
    assert propose(site).number == 3


def test_sending_back_needs_words(site):
    propose(site)
    with pytest.raises(BadInput, match="what to mend"):
        act(rules.send_back, site, site.second, reason=" ")
    assert RuleVersion.objects.get(number=2).state == RuleState.PROPOSED


def test_its_author_withdraws_it(site):
    propose(site)

    act(rules.withdraw, site, site.manager)

    assert RuleVersion.objects.get(number=2).state == RuleState.WITHDRAWN
    assert Event.objects.filter(action="rule.withdrawn").count() == 1


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"reason": "  "}, "Say why"),
        ({"effective_from": TODAY - timedelta(days=1)}, "today or later"),
    ],
)
def test_proposals_that_cannot_be_are_refused(site, more, words):
    with pytest.raises(BadInput, match=words):
        propose(site, **more)
    assert not RuleVersion.objects.exists()
    assert not Event.objects.filter(action__startswith="rule.").exists()


def test_nothing_changed_is_refused(site):
    with pytest.raises(BadInput, match="Nothing differs from version 1"):
        propose(site, content=changed(site.slug))
    assert not Rule.objects.exists()


def test_every_fault_is_named(site):
    step = {
        "position": 1,
        "clock_kind": "internal",
        "offset_hours": -4,
        "tell": "lead",
        "needs_acknowledgement": False,
    }
    with pytest.raises(BadInput) as refused:
        propose(site, content=changed(site.slug, steps=[step, dict(step)]))

    faults = refused.value.fields["content"]
    assert len(faults) == 2
    assert "Two steps come at the same moment" in faults[0]
    assert "a breach would reach nobody" in faults[1]


def test_one_proposal_at_a_time(site):
    propose(site)
    with pytest.raises(Conflict, match="waits already"):
        propose(site, actor=site.second)
    assert RuleVersion.objects.filter(state="proposed").count() == 1


def test_a_manager_of_some_of_the_queues_does_not_propose_but_decides(site):
    other = QueueFactory(sla_policy=site.queue.sla_policy)
    with pytest.raises(NotPermitted, match="managers of every queue"):
        propose(site)
    grant(site.manager, other, "manage")

    propose(site)

    assert act(rules.approve, site, site.second).state == RuleState.IN_FORCE


@pytest.mark.parametrize("who", ["coder", "reviewer", "auditor", "outsider"])
def test_others_neither_propose_nor_decide(site, who):
    user = getattr(site, who)
    with pytest.raises(NotPermitted):
        propose(site, actor=user)
    propose(site)
    with pytest.raises(NotPermitted):
        act(rules.approve, site, user)


def test_an_administrator_proposes_and_a_manager_decides(site):
    propose(site, actor=site.administrator)

    assert act(rules.approve, site, site.manager).state == RuleState.IN_FORCE


def test_a_change_beside_the_page_stops_the_approval(site):
    propose(site)
    SlaPolicy.objects.filter(slug=site.slug).update(name="Changed in set-up")

    with pytest.raises(Conflict) as refused:
        act(rules.approve, site, site.second)

    assert refused.value.code == "changed_since"
    assert SlaPolicy.objects.filter(slug=site.slug).count() == 1


def test_a_change_beside_the_page_is_kept_as_a_version_of_nobody(site):
    propose(site)
    act(rules.approve, site, site.second)
    SlaPolicy.objects.filter(slug=site.slug, version=2).update(name="By hand")

    propose(site, content=changed(site.slug, name="Again"))

    rows = RuleVersion.objects.order_by("number").values_list("number", "state")
    assert list(rows) == [
        (1, "superseded"),
        (2, "superseded"),
        (3, "in_force"),
        (4, "proposed"),
    ]
    assert RuleVersion.objects.get(number=3).proposed_by is None


@pytest.mark.parametrize("kind", ["sla", "queue", "calendar", "routing", "nonsense"])
def test_what_is_not_there_is_not_changed(site, kind):
    with pytest.raises(NotVisible):
        selectors.live_content(kind, "no-such-rule")
