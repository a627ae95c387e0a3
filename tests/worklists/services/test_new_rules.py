"""A queue or a calendar is begun by two people; nothing works by it before."""

import json
from datetime import date

import pytest
import time_machine

from tests.factories import EvidenceTemplateFactory, make_site, person
from worklists.enums import Role, RuleKind
from worklists.errors import BadInput, Conflict, NotPermitted
from worklists.models import BusinessCalendar, Event, Queue, RuleVersion
from worklists.selectors import rules as selectors
from worklists.selectors.access import access_of
from worklists.services import due_rules, rules

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
TODAY = date(2026, 11, 23)
CALENDAR = {
    "name": "Night desk",
    "time_zone": "America/Denver",
    "weekly_hours": {"1": [["18:00", "23:00"]]},
    "federal_holidays": False,
    "days": [{"day": "2026-12-24", "name": "Christmas Eve", "hours": []}],
}


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel("2026-11-23T18:00:00Z", tick=False):
        yield


@pytest.fixture
def site(db):
    site = make_site()
    site.second = person(Role.MANAGER, username="second")
    return site


def queue_of(site, **changes):
    queue = site.queue
    return {
        "name": "Large ones",
        "kind": queue.kind,
        "purpose": "What is worth a second look.",
        "team": queue.team.slug,
        "supervisor": site.second.username,
        "review_on": "2027-05-01",
        "hand_out": "pick",
        "max_in_hand": 5,
        "release_after_hours": 16,
        "sla": queue.sla_policy.slug,
        "template": queue.template.slug,
        "review": queue.review_policy.slug,
        "clearance": "",
    } | changes


def propose(site, kind=RuleKind.CALENDAR, content=CALENDAR, actor=None, **more):
    asked = {"slug": "night", "effective_from": TODAY, "reason": "We grow."} | more
    return rules.propose_new(
        actor=actor or site.administrator, kind=kind, content=content, **asked
    )


def approve(version, actor):
    return rules.approve(
        actor=actor, kind=version.rule.kind, slug=version.rule.slug,
        number=version.number,
    )  # fmt: skip


def acts():
    rows = Event.objects.filter(action__startswith="rule.").order_by("pk")
    return list(rows.values_list("action", "actor_name"))


def test_a_calendar_waits_for_another_person_and_is_there_then(site):
    version = propose(site)
    assert (version.number, version.state) == (1, "proposed")
    assert not BusinessCalendar.objects.filter(slug="night").exists()

    with pytest.raises(NotPermitted, match="You proposed this version"):
        approve(version, site.administrator)
    approve(version, site.second)

    calendar = BusinessCalendar.objects.get(slug="night")
    assert selectors.calendar_content(calendar) == CALENDAR
    [held] = selectors.versions_of(RuleKind.CALENDAR, "night")
    assert (held.number, held.state) == (1, "in_force")
    by = (site.administrator.username, "second", "second")
    assert acts() == list(
        zip(["rule.proposed", "rule.approved", "rule.put_in_force"], by, strict=True)
    )


def test_one_that_begins_later_is_made_by_the_worker_on_its_day(site):
    version = propose(site, effective_from=date(2026, 11, 30))
    approve(version, site.second)
    assert not BusinessCalendar.objects.filter(slug="night").exists()
    with time_machine.travel("2026-11-30T18:00:00Z", tick=False):
        assert due_rules.begin_due() == 1
    assert BusinessCalendar.objects.filter(slug="night").exists()


def test_a_queue_opens_with_its_policies_and_its_supervisor_manages_it(site):
    version = propose(site, RuleKind.QUEUE, queue_of(site))
    assert not Queue.objects.filter(slug="night").exists()
    approve(version, site.manager)

    queue = Queue.objects.get(slug="night")
    assert (queue.name, queue.max_in_hand, queue.supervisor) == (
        "Large ones", 5, site.second,
    )  # fmt: skip
    assert (queue.sla_policy, queue.template) == (
        site.queue.sla_policy, site.queue.template,
    )  # fmt: skip
    assert queue.pk in access_of(site.second).manage
    event = Event.objects.get(action="grant.given")
    facts = json.loads(event.facts)
    assert (event.subject_id, event.actor_name) == (
        site.second.pk, site.manager.username,
    )  # fmt: skip
    assert (facts["queue"], facts["verb"]) == ("night", "manage")


def test_nobody_puts_a_queue_in_force_that_it_gives_to_them(site):
    version = propose(site, RuleKind.QUEUE, queue_of(site))

    with pytest.raises(NotPermitted) as refused:
        approve(version, site.second)

    assert refused.value.code == "two_people"
    version.refresh_from_db()
    assert (version.state, version.decided_by) == ("proposed", None)
    assert not Queue.objects.filter(slug="night").exists()
    assert not Event.objects.filter(action="grant.given").exists()


@pytest.mark.parametrize("slug", ["Night", "new", "two_words", "-night", "a--b", ""])
def test_what_is_no_short_name_is_refused(site, slug):
    with pytest.raises(BadInput) as refused:
        propose(site, slug=slug)
    assert list(refused.value.fields) == ["slug"]
    assert not RuleVersion.objects.exists()


def test_its_manager_changes_it_as_any_other_queue(site):
    approve(propose(site, RuleKind.QUEUE, queue_of(site)), site.manager)
    content = selectors.live_content(RuleKind.QUEUE, "night") | {"max_in_hand": 9}
    second = rules.change_queue(
        actor=site.second, slug="night", content=content, reason="More hands.", read=1
    )
    states = [
        (v.number, v.state) for v in selectors.versions_of(RuleKind.QUEUE, "night")
    ]
    assert states == [(2, "in_force"), (1, "superseded")]
    [first] = RuleVersion.objects.filter(rule=second.rule, number=1)
    changes = rules.difference(RuleKind.QUEUE, first.content, second.content)
    assert [(c.field, c.before, c.after) for c in changes] == [
        ("Most in hand", "5", "9")
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "nonsense"}, "kind"),
        ({"sla": "none"}, "sla"),
        ({"review": "none"}, "review"),
        ({"team": "none"}, "team"),
        ({"supervisor": "nobody"}, "supervisor"),
        ({"clearance": "none"}, "clearance"),
    ],
)
def test_what_a_queue_stands_on_must_be_there(site, changes, field):
    with pytest.raises(BadInput) as refused:
        propose(site, RuleKind.QUEUE, queue_of(site, **changes))
    assert list(refused.value.fields) == [field]
    assert not RuleVersion.objects.exists()


def test_its_form_is_of_its_kind_and_its_supervisor_a_manager(site):
    other = EvidenceTemplateFactory(kind="ingest_exception", slug="other")
    coder = person(Role.CODER)
    for changes, why in (
        ({"template": other.slug}, "another kind of work"),
        ({"supervisor": coder.username}, "with the role of a manager"),
    ):
        with pytest.raises(BadInput, match=why):
            propose(site, RuleKind.QUEUE, queue_of(site, **changes))
    assert not RuleVersion.objects.exists()


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"reason": " "}, "Say why"),
        ({"effective_from": date(2026, 11, 22)}, "begins today or later"),
        ({"content": CALENDAR | {"time_zone": "Mars/Base"}}, "Mars"),
    ],
)
def test_a_proposal_needs_a_reason_a_day_and_content_that_works(site, more, why):
    with pytest.raises(BadInput, match=why):
        propose(site, **more)
    assert not RuleVersion.objects.exists()


def test_a_short_name_is_taken_once(site):
    BusinessCalendar.objects.create(slug="day", name="Day", time_zone="UTC")
    with pytest.raises(BadInput, match="“day” is taken"):
        propose(site, slug="day")
    propose(site)
    with pytest.raises(Conflict, match="waits already"):
        propose(site)
    assert RuleVersion.objects.count() == 1


def test_one_that_was_set_up_meanwhile_is_not_written_over(site):
    version = propose(site)
    BusinessCalendar.objects.create(slug="night", name="Other", time_zone="UTC")
    with pytest.raises(Conflict, match="changed beside its page"):
        approve(version, site.second)
    assert BusinessCalendar.objects.get(slug="night").name == "Other"


def test_what_was_sent_back_is_proposed_anew(site):
    version = propose(site)
    asked = {"kind": RuleKind.CALENDAR, "slug": "night", "number": 1}
    rules.send_back(actor=site.second, reason="Which hours?", **asked)
    again = propose(site)
    approve(again, site.second)
    assert (version.number, again.number) == (1, 2)
    assert BusinessCalendar.objects.filter(slug="night").exists()


@pytest.mark.parametrize(
    ("role", "kind"),
    [
        (Role.MANAGER, RuleKind.CALENDAR),
        (Role.CODER, RuleKind.QUEUE),
        (Role.AUDITOR, RuleKind.QUEUE),
        (Role.ADMINISTRATOR, RuleKind.ROUTING),
        (Role.ADMINISTRATOR, RuleKind.SITE),
    ],
)
def test_who_may_not_begin_one_is_told(site, role, kind):
    with pytest.raises(NotPermitted, match="begun"):
        propose(site, kind, actor=person(role))
    assert not RuleVersion.objects.exists()
