"""What a version of each kind of rule must be, and what works once it is in force."""

from datetime import date

import pytest
import time_machine

from tests.factories import QueueFactory
from tests.worklists.services.ruling import changed, facts, put_in_force, rule_site
from worklists.enums import RuleKind, RuleState
from worklists.errors import BadInput, NotPermitted
from worklists.models import (
    BusinessCalendar,
    Event,
    Queue,
    RoutingRule,
    Rule,
    RuleVersion,
)
from worklists.selectors import rules as selectors
from worklists.selectors.site import site_today
from worklists.services import rules

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel("2026-11-23T18:00:00Z", tick=False):
        yield


@pytest.fixture
def site(db):
    return rule_site()


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
    with pytest.raises(BadInput):
        put_in_force(RuleKind.REVIEW, slug, site.manager, site.second, **{field: value})
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
            effective_from=site_today(),
            reason="So it is.",
        )

    assert words in refused.value.detail
    assert not RuleVersion.objects.filter(state="proposed").exists()
