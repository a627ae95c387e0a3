"""A site at work takes what a release ships by two people; nothing changes by itself."""

import json
from datetime import date

import pytest
import time_machine

from tests.factories import CalendarFactory, grant, make_site, person
from tests.factories.queues import FIELDS
from worklists import shipped
from worklists.enums import Role, RuleKind, Standing
from worklists.errors import BadInput, Conflict, NotPermitted, NotVisible
from worklists.models import (
    BusinessCalendar,
    Event,
    EvidenceTemplate,
    LadderSwitch,
    Queue,
    ReviewPolicy,
    RuleVersion,
    SlaPolicy,
)
from worklists.selectors import rules as selectors
from worklists.selectors.shipped import lines
from worklists.services import rules
from worklists.services.shipping import propose_shipped, set_up_shipped
from worklists.shipped import Shipped, digest

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
TODAY = date(2026, 11, 23)
STEPS = [
    {"position": 1, "clock_kind": "internal", "offset_hours": 0, "tell": "manager",
     "needs_acknowledgement": True},
]  # fmt: skip
FORM = {"name": "Charges", "kind": "charge_review", "step": "work", "fields": FIELDS}
LADDER = {"name": "One week", "business_hours": 40, "steps": STEPS}
REVIEW = {
    "name": "Review", "amount_from": "500.00", "risk_classes": [],
    "apprentice_all": True, "payer_watch": True, "random_per_block": 1,
    "recurring_from": None, "recurring_days": 60, "judgements": [],
    "review_hours": None, "autonomy": [], "miss_reviews": 5, "approvals": [],
    "approval_from": None, "approver_role": "",
}  # fmt: skip
CALENDAR = {
    "name": "Nights", "time_zone": "America/Denver",
    "weekly_hours": {"1": [["18:00", "23:00"]]}, "federal_holidays": True,
    "days": [{"day": "2026-12-24", "name": "Christmas Eve", "hours": []}],
}  # fmt: skip
NEW = {
    RuleKind.TEMPLATE: (FORM, EvidenceTemplate),
    RuleKind.REVIEW: (REVIEW, ReviewPolicy),
    RuleKind.SLA: (LADDER, SlaPolicy),
    RuleKind.CALENDAR: (CALENDAR, BusinessCalendar),
}


@pytest.fixture(autouse=True)
def _noon(monkeypatch):
    monkeypatch.setattr(shipped, "_shipped", {})
    with time_machine.travel("2026-11-23T18:00:00Z", tick=False):
        yield


@pytest.fixture
def site(db):
    """A site at work, with a second manager of its queue."""
    site = make_site()
    site.second = person(Role.MANAGER, username="second")
    grant(site.second, site.queue, "manage")
    return site


def ship(kind, slug, content, version=1, earlier=()):
    """Ship one rule; ``earlier`` are contents of releases before."""
    known = {digest(kind, one): number for number, one in enumerate(earlier, 1)}
    one = Shipped(RuleKind(kind), slug, version, content, known)
    shipped.register(one)
    return one


def propose(site, kind, slug, actor=None, **more):
    asked = {"effective_from": TODAY, "reason": "The release has it."} | more
    return propose_shipped(
        actor=actor or site.administrator, kind=kind, slug=slug, **asked
    )


def approve(version, actor):
    return rules.approve(
        actor=actor, kind=version.rule.kind, slug=version.rule.slug,
        number=version.number,
    )  # fmt: skip


def facts(action):
    return json.loads(Event.objects.get(action=action).facts)


@pytest.mark.parametrize("kind", NEW)
def test_what_is_not_here_begins_by_two_people(site, kind):
    content, model = NEW[kind]
    ship(kind, "new", content, version=3)
    version = propose(site, kind, "new")
    assert (version.number, version.state) == (1, "proposed")
    assert facts("rule.proposed")["shipped"] == 3
    assert not model.objects.filter(slug="new").exists()
    with pytest.raises(NotPermitted, match="You proposed this version"):
        approve(version, site.administrator)

    approve(version, site.second)

    assert model.objects.get(slug="new").name == content["name"]
    assert selectors.same_content(
        kind, selectors.live_content(kind, "new"), dict(content)
    )
    [line] = lines()
    assert (line.standing, line.of_release, line.used_by) == (
        Standing.AS_SHIPPED, 3, 0,
    )  # fmt: skip
    assert not LadderSwitch.objects.exists()


@pytest.mark.parametrize("who", ["coder", "reviewer", "manager", "auditor"])
def test_others_do_not_begin_one(site, who):
    ship(RuleKind.TEMPLATE, "new", FORM)
    with pytest.raises(NotPermitted, match="proposed by administrators"):
        propose(site, RuleKind.TEMPLATE, "new", actor=getattr(site, who))
    assert not RuleVersion.objects.exists()


def test_what_is_here_becomes_a_next_version_and_queues_follow(site):
    slug = site.queue.sla_policy.slug
    ship(RuleKind.SLA, slug, LADDER, version=2)
    [line] = lines()
    assert (line.standing, line.used_by) == (Standing.OWN, 1)

    version = propose(site, RuleKind.SLA, slug, actor=site.manager, read=1)

    assert (version.number, facts("rule.proposed")["shipped"]) == (2, 2)
    [line] = lines()
    assert line.waiting == version
    approve(version, site.second)
    site.queue.refresh_from_db()
    [step] = site.queue.sla_policy.steps.all()
    # At the same moment it is the same step, whoever it tells now.
    assert (site.queue.sla_policy.version, step.position, step.tell) == (
        2, 1, "manager",
    )  # fmt: skip
    assert lines()[0].standing == Standing.AS_SHIPPED
    assert LadderSwitch.objects.count() == 1


def test_an_earlier_release_is_known_again(site):
    policy = site.queue.review_policy
    before = selectors.live_content(RuleKind.REVIEW, policy.slug)
    ship(RuleKind.REVIEW, policy.slug, REVIEW, version=2, earlier=[before])
    [line] = lines()
    assert (line.standing, line.of_release) == (Standing.OLDER, 1)
    policy.miss_reviews = 9
    policy.save()
    [line] = lines()
    assert (line.standing, line.of_release) == (Standing.OWN, None)


@pytest.mark.parametrize(
    ("more", "error", "why"),
    [
        ({}, BadInput, "Look at what differs"),
        ({"read": 4}, Conflict, "you read version 4"),
        ({"read": 1, "reason": " "}, BadInput, "Say why"),
        ({"read": 1, "effective_from": date(2026, 11, 22)}, BadInput, "today or later"),
    ],
)
def test_what_is_here_is_never_replaced_unseen(site, more, error, why):
    slug = site.queue.template.slug
    ship(RuleKind.TEMPLATE, slug, FORM | {"name": "As shipped"})
    with pytest.raises(error, match=why):
        propose(site, RuleKind.TEMPLATE, slug, **more)
    assert not RuleVersion.objects.exists()
    assert not Event.objects.filter(action__startswith="rule.").exists()


def test_what_is_here_as_it_ships_is_not_proposed(site):
    slug = site.queue.template.slug
    content = selectors.live_content(RuleKind.TEMPLATE, slug)
    ship(RuleKind.TEMPLATE, slug, content)
    assert lines()[0].standing == Standing.AS_SHIPPED
    with pytest.raises(BadInput, match="Nothing differs from version 1"):
        propose(site, RuleKind.TEMPLATE, slug, read=1)


def test_what_does_not_ship_is_not_there(site):
    with pytest.raises(NotVisible, match="ships no such rule"):
        propose(site, RuleKind.TEMPLATE, site.queue.template.slug, read=1)


def test_the_list_costs_the_same_for_one_and_for_three(site, django_assert_num_queries):
    for number in (1, 3):
        for count in range(number):
            name = f"{number}-{count}"
            ship(RuleKind.SLA, f"sla-{name}", LADDER)
            set_up_anyway(site, RuleKind.SLA, f"sla-{name}")
            CalendarFactory(slug=f"cal-{name}")
            ship(RuleKind.CALENDAR, f"cal-{name}", CALENDAR)
        with django_assert_num_queries(7):
            assert len(lines()) == (2 if number == 1 else 8)


def set_up_anyway(site, kind, slug):
    """Put what ships in force, whoever uses it."""
    version = propose(site, kind, slug)
    approve(version, site.second)


class TestSetUp:
    def test_a_new_site_has_everything(self):
        ship(RuleKind.SLA, "days", LADDER, version=2)
        ship(RuleKind.TEMPLATE, "form", FORM)
        assert set_up_shipped(TODAY) == {RuleKind.SLA: 1, RuleKind.TEMPLATE: 1}
        assert SlaPolicy.objects.get(slug="days").version == 2
        assert EvidenceTemplate.objects.get(slug="form").fields == FIELDS
        assert {line.standing for line in lines()} == {Standing.AS_SHIPPED}

    def test_a_site_at_work_is_left_as_it_is(self, site):
        slug = site.queue.sla_policy.slug
        ship(RuleKind.SLA, slug, LADDER, version=2)
        ship(RuleKind.TEMPLATE, "form", FORM)
        assert set_up_shipped(TODAY) == {RuleKind.SLA: 1, RuleKind.TEMPLATE: 0}
        assert SlaPolicy.objects.filter(slug=slug).count() == 1
        assert not EvidenceTemplate.objects.filter(slug="form").exists()
        assert [line.standing for line in lines()] == [Standing.OWN, Standing.MISSING]

    def test_a_version_of_the_sites_own_with_that_number_stands(self, site):
        slug = site.queue.review_policy.slug
        content = selectors.live_content(RuleKind.REVIEW, slug)
        own = rules.propose(
            actor=site.manager, kind=RuleKind.REVIEW, slug=slug,
            content=content | {"miss_reviews": 9}, effective_from=TODAY,
            reason="We look longer.",
        )  # fmt: skip
        approve(own, site.second)
        ship(RuleKind.REVIEW, slug, REVIEW, version=2)
        assert set_up_shipped(TODAY) == {RuleKind.REVIEW: 1}
        assert ReviewPolicy.objects.get(slug=slug, version=2).miss_reviews == 9
        assert Queue.objects.get(pk=site.queue.pk).review_policy.miss_reviews == 9
