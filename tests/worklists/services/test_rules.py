"""Rules change by two people, in versions that never change; queues by their manager."""

import json
from datetime import date, timedelta

import pytest
import time_machine
from django.db import DatabaseError, transaction

from tests.factories import QueueFactory, grant, make_site, person
from worklists.enums import Role, RuleKind, RuleState
from worklists.errors import BadInput, Conflict, NotPermitted, NotVisible, WrongState
from worklists.models import (
    BusinessCalendar,
    Event,
    Queue,
    RoutingRule,
    Rule,
    RuleVersion,
    RuleWords,
    SlaPolicy,
)
from worklists.selectors import rules as selectors
from worklists.services import due_rules, rules

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel("2026-11-23T18:00:00Z", tick=False):
        yield


@pytest.fixture
def site(db):
    """A small site with a second manager of the queue."""
    site = make_site()
    site.slug = site.queue.sla_policy.slug
    site.second = person(Role.MANAGER, username="second")
    grant(site.second, site.queue, "manage")
    return site


def changed(slug, kind=RuleKind.SLA, **fields):
    """Return what works today with some fields changed."""
    return selectors.live_content(kind, slug) | fields


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


def facts(action):
    """Return the facts of the only event of an action."""
    return json.loads(Event.objects.get(action=action).facts)


def test_a_proposal_waits_and_changes_nothing(site):
    version = propose(site)

    assert (version.number, version.state) == (2, RuleState.PROPOSED)
    site.queue.refresh_from_db()
    assert site.queue.sla_policy.version == 1
    assert SlaPolicy.objects.filter(slug=site.slug).count() == 1
    event = Event.objects.get(action="rule.proposed")
    assert (event.subject_kind, event.subject_id) == ("rule", version.rule_id)
    assert facts("rule.proposed") == {
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

    with pytest.raises(DatabaseError, match="two_people"), transaction.atomic():
        RuleVersion.objects.filter(pk=version.pk).update(decided_by=site.manager)


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


def test_only_its_author_withdraws(site):
    propose(site)
    with pytest.raises(NotPermitted, match="Only who proposed"):
        act(rules.withdraw, site, site.second)

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


def test_a_queue_is_changed_at_once_by_its_manager(site):
    slug = site.queue.slug
    content = changed(slug, RuleKind.QUEUE, max_in_hand=5, purpose="Newly said.")

    version = rules.change_queue(
        actor=site.manager, slug=slug, content=content, reason="Too many in hand."
    )

    site.queue.refresh_from_db()
    assert (site.queue.max_in_hand, site.queue.purpose) == (5, "Newly said.")
    assert (version.number, version.state, version.alone) == (2, "in_force", True)
    assert facts("rule.changed") | {
        "fields": ["max_in_hand", "purpose"],
        "changed": {"max_in_hand": [0, 5]},
    } == facts("rule.changed")
    assert "Newly" not in Event.objects.get(action="rule.changed").facts


@pytest.mark.parametrize("who", ["coder", "reviewer", "auditor", "administrator"])
def test_a_queue_is_changed_by_nobody_else(site, who):
    slug = site.queue.slug
    with pytest.raises(NotPermitted, match="by its managers"):
        rules.change_queue(
            actor=getattr(site, who),
            slug=slug,
            content=changed(slug, RuleKind.QUEUE, max_in_hand=5),
            reason="Why not.",
        )
    site.queue.refresh_from_db()
    assert site.queue.max_in_hand == 0


def test_a_queue_needs_a_supervisor_who_is_here(site):
    slug = site.queue.slug
    with pytest.raises(BadInput, match="a team and a supervisor"):
        rules.change_queue(
            actor=site.manager,
            slug=slug,
            content=changed(slug, RuleKind.QUEUE, supervisor="nobody"),
            reason="New.",
        )
    assert not Rule.objects.exists()


def put_in_force(kind, slug, proposer, decider, **fields):
    """Propose and approve a change of a rule."""
    version = rules.propose(
        actor=proposer,
        kind=kind,
        slug=slug,
        content=changed(slug, kind, **fields),
        effective_from=TODAY,
        reason="So it is.",
    )
    return rules.approve(actor=decider, kind=kind, slug=slug, number=version.number)


def test_a_review_policy_gets_a_row_of_its_own(site):
    old = site.queue.review_policy
    put_in_force(
        RuleKind.REVIEW, old.slug, site.manager, site.second, amount_from="750.00"
    )

    site.queue.refresh_from_db()
    new = site.queue.review_policy
    assert (new.version, str(new.amount_from), new.author_id) == (
        2,
        "750.00",
        site.manager.pk,
    )
    old.refresh_from_db()
    assert old.amount_from is None


def test_a_version_of_a_review_policy_keeps_all_that_it_does_not_change(site):
    old = site.queue.review_policy
    said = {
        "risk_classes": ["timely_filing"],
        "apprentice_all": False,
        "payer_watch": False,
        "random_per_block": 3,
        "recurring_from": 12,
        "recurring_days": 45,
        "judgements": ["decision:write_off"],
        "review_hours": 9,
        "autonomy": [[20, 95, 10], [40, 97, 4]],
        "miss_reviews": 7,
        "approvals": ["decision:write_off"],
        "approval_from": "1000.00",
        "approver_role": "manager",
        "amount_from": "500.00",
    }
    put_in_force(RuleKind.REVIEW, old.slug, site.manager, site.second, **said)
    put_in_force(RuleKind.REVIEW, old.slug, site.manager, site.second, name="Renamed")
    assert selectors.live_content(RuleKind.REVIEW, old.slug) == {
        "name": "Renamed",
        **said,
    }
    site.queue.refresh_from_db()
    assert site.queue.review_policy.version == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("autonomy", [[0, 95, 10]]),
        ("autonomy", [[20, 101, 10]]),
        ("autonomy", [[20, 95, 21]]),
        ("judgements", ["write off"]),
        ("approvals", ["decision:write_off"]),
        ("approver_role", "manager"),
    ],
)
def test_a_review_policy_that_cannot_work_is_refused(site, field, value):
    slug = site.queue.review_policy.slug
    content = changed(slug, RuleKind.REVIEW, **{field: value})
    with pytest.raises(BadInput):
        propose(site, kind=RuleKind.REVIEW, slug=slug, content=content)
    assert not RuleVersion.objects.filter(state=RuleState.PROPOSED).exists()


def test_a_template_gets_a_row_of_its_own(site):
    old = site.queue.template
    fields = [*old.fields, {"name": "extra", "label": "Extra", "type": "text"}]
    put_in_force(RuleKind.TEMPLATE, old.slug, site.manager, site.second, fields=fields)

    site.queue.refresh_from_db()
    assert [f["name"] for f in site.queue.template.fields][-1] == "extra"
    old.refresh_from_db()
    assert len(old.fields) == len(fields) - 1


@pytest.mark.parametrize("named", ["judgements", "approvals"])
def test_a_form_keeps_the_answers_that_review_policies_name(site, named):
    policy, old = site.queue.review_policy, site.queue.template
    setattr(policy, named, ["decision:accept"])
    policy.save()
    _, *rest = old.fields[0]["choices"]
    lost = [["accept_it_all", "Accept it all"], *rest]
    kept = [["accept", "Accept it all"], *rest]

    def change(choices):
        fields = [old.fields[0] | {"choices": choices}, *old.fields[1:]]
        put_in_force(
            RuleKind.TEMPLATE, old.slug, site.manager, site.second, fields=fields
        )

    with pytest.raises(BadInput, match="name decision:accept, which this form"):
        change(lost)
    assert not RuleVersion.objects.filter(state=RuleState.PROPOSED).exists()
    change(kept)
    site.queue.refresh_from_db()
    assert site.queue.template.fields[0]["choices"] == kept


def test_a_template_that_cannot_work_is_refused(site):
    slug = site.queue.template.slug
    with pytest.raises(BadInput):
        put_in_force(
            RuleKind.TEMPLATE, slug, site.manager, site.second, fields=[{"name": "x"}]
        )


def test_routing_is_put_in_order_and_the_old_rules_stay_as_they_were(site):
    kind = site.queue.kind
    rows = [
        {
            "name": "Big ones",
            "conditions": [{"field": "amount", "op": "gte", "value": "500"}],
            "queue": site.queue.slug,
        },
        {"name": "All else", "conditions": [], "queue": site.queue.slug},
    ]
    old = list(RoutingRule.objects.values_list("pk", flat=True))
    put_in_force(RuleKind.ROUTING, kind, site.administrator, site.manager, rules=rows)

    active = RoutingRule.objects.filter(is_active=True)
    assert list(active.values_list("position", "name", "version")) == [
        (1, "Big ones", 2),
        (2, "All else", 2),
    ]
    assert RoutingRule.objects.filter(pk__in=old, is_active=False).count() == len(old)


@pytest.mark.parametrize("change", [{"kind": "denial"}, {"is_active": False}])
def test_routing_to_a_queue_that_takes_none_of_it_is_refused(site, change):
    other = QueueFactory()
    Queue.objects.filter(pk=other.pk).update(**change)
    rows = [{"name": "All", "conditions": [], "queue": other.slug}]

    with pytest.raises(BadInput, match=f"no active queue “{other.slug}”"):
        put_in_force(
            RuleKind.ROUTING,
            site.queue.kind,
            site.administrator,
            site.manager,
            rules=rows,
        )
    assert not RuleVersion.objects.filter(state=RuleState.PROPOSED).exists()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"name": {}}, "Rule 1: The name is a text"),
        ({"name": "x" * 161}, "Rule 1: The name is a text"),
        ({"queue": []}, "Rule 1: The queue is one short name"),
        ({"conditions": "all"}, "Rule 1: The conditions are a list"),
        ({"more": 1}, "Rule 1: Each has name, conditions and queue"),
        ({"conditions": [{"field": []}]}, "Rule 1: Condition 1: there is no field"),
    ],
)
def test_routing_of_a_strange_shape_is_a_fault_in_words(site, row, words):
    rows = [{"name": "All", "conditions": [], "queue": site.queue.slug} | row]
    with pytest.raises(BadInput, match=words):
        put_in_force(
            RuleKind.ROUTING,
            site.queue.kind,
            site.administrator,
            site.manager,
            rules=rows,
        )
    assert not RuleVersion.objects.filter(state=RuleState.PROPOSED).exists()


def test_routing_without_a_last_rule_for_everything_is_refused(site):
    rows = changed(site.queue.kind, RuleKind.ROUTING)["rules"]
    with pytest.raises(BadInput, match="takes everything"):
        put_in_force(
            RuleKind.ROUTING,
            site.queue.kind,
            site.administrator,
            site.manager,
            rules=[*rows, rows[0] | {"name": "Another"}],
        )


def test_a_calendar_takes_days_off_and_half_days(site):
    slug = site.facility.calendar.slug
    days = [
        {"day": "2026-12-24", "name": "Christmas Eve", "hours": [["08:00", "12:00"]]},
        {"day": "2026-12-31", "name": "New Year's Eve", "hours": []},
    ]
    put_in_force(RuleKind.CALENDAR, slug, site.administrator, site.manager, days=days)

    calendar = BusinessCalendar.objects.get(slug=slug)
    assert list(calendar.holidays.values_list("day", "hours")) == [
        (date(2026, 12, 24), [["08:00", "12:00"]]),
        (date(2026, 12, 31), []),
    ]


def test_a_manager_does_not_propose_a_calendar(site):
    slug = site.facility.calendar.slug
    with pytest.raises(NotPermitted, match="Calendars are changed by administrators"):
        put_in_force(
            RuleKind.CALENDAR, slug, site.manager, site.administrator, name="Ours"
        )


STRANGE = [
    ({"name": [], "conditions": [], "queue": "q"}, "The name is a text"),
    ({"name": " ", "conditions": [], "queue": "q"}, "The name is a text"),
    ({"name": "All", "conditions": [], "queue": ["q"]}, "The queue is one short"),
    ({"name": "All", "conditions": {}, "queue": "q"}, "The conditions are a list"),
    ({"name": "All", "queue": "q"}, "Each has name, conditions and queue"),
]


@pytest.mark.parametrize(("entry", "words"), STRANGE)
def test_routing_that_no_page_sends_is_refused_in_words(site, entry, words):
    with pytest.raises(BadInput) as refused:
        rules.propose(
            actor=site.administrator,
            kind=RuleKind.ROUTING,
            slug=site.queue.kind,
            content={"rules": [entry]},
            effective_from=selectors.site_today(),
            reason="So it is.",
        )

    assert words in refused.value.detail
    assert not RuleVersion.objects.filter(state="proposed").exists()
