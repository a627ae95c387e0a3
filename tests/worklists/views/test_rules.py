"""The pages of rules: everybody reads, who may change is told how, effects come first."""

import html
import re
from datetime import date

import pytest
import time_machine
from django.test import Client

from tests.factories import (
    EvidenceTemplateFactory,
    QueueFactory,
    grant,
    make_site,
    open_many,
    person,
)
from tests.worklists.views.drawn import approve, send
from worklists.enums import Role
from worklists.models import (
    BusinessCalendar,
    Event,
    Queue,
    RoutingRule,
    RuleVersion,
    SlaPolicy,
    WorkItem,
)
from worklists.selectors import rules as selectors
from worklists.services import rules

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel("2026-11-23T18:00:00Z", tick=False):
        yield


@pytest.fixture
def site(db):
    """A small site with a second manager and two items."""
    site = make_site()
    site.second = person(Role.MANAGER, username="second")
    grant(site.second, site.queue, "manage")
    site.address = f"/rules/sla/{site.queue.sla_policy.slug}/"
    open_many(site.queue, site.facility, 2)
    return site


def browser(user):
    """Return a browser of a person."""
    client = Client()
    client.force_login(user)
    return client


def page(user, path, **params):
    """Return a page's words as a person sees them."""
    return " ".join(browser(user).get(path, params).content.decode().split())


def ladder(*rows, hours=40, name="One week", kept=1, **more):
    """Return what the ladder designer posts; ``kept`` rows stood there before."""
    posted = {
        "name": name,
        "business_hours": hours,
        "rows-TOTAL_FORMS": len(rows),
        "rows-INITIAL_FORMS": kept,
        "effective_from": "2026-11-23",
        "reason": "The manager hears too late.",
    } | more
    for number, (amount, basis, tell) in enumerate(rows):
        names = {"amount": amount, "basis": basis, "tell": tell}
        posted |= {f"rows-{number}-{name}": value for name, value in names.items()}
    return posted


KEPT = (0, "after", "lead")


@pytest.mark.parametrize("who", ["coder", "reviewer", "manager", "auditor"])
def test_everybody_reads_the_rules(site, who):
    user = getattr(site, who)

    index = page(user, "/rules/")
    rule = page(user, site.address)

    assert site.queue.name in index
    assert "No change waits." in index
    assert "Version 1 is in force." in rule
    assert "when the time is over" in rule
    assert f'href="/rules/queue/{site.queue.slug}/"' in rule


def test_a_form_that_no_queue_uses_is_read_in_the_index_too(site):
    EvidenceTemplateFactory(slug="spare", name="Spare form", version=1)
    EvidenceTemplateFactory(slug="spare", name="Spare form, newer", version=2)
    text = page(site.coder, "/rules/")
    assert "/rules/template/spare/" in text
    assert "Spare form, newer" in text
    assert ">Spare form<" not in text


def test_who_may_not_change_is_told_why(site):
    text = page(site.coder, site.address)

    assert "managers of every queue that uses it" in text
    answer = browser(site.coder).get(f"{site.address}change/")
    assert (answer.status_code, answer["Location"]) == (302, site.address)


def test_a_queue_whose_review_day_passed_is_marked(site):
    Queue.objects.update(review_on=date(2026, 11, 1))
    assert "review day passed" in page(site.coder, "/rules/")
    Queue.objects.update(review_on=date(2026, 11, 23))
    assert "review day passed" not in page(site.coder, "/rules/")


def test_a_look_shows_what_differs_and_who_would_be_told_and_stores_nothing(site):
    with time_machine.travel("2026-11-30T18:00:00Z", tick=False):
        answer = browser(site.manager).post(
            f"{site.address}change/",
            ladder(KEPT, (36, "before", "manager"), look="1"),
        )

    text = " ".join(answer.content.decode().split())
    assert "2 clocks of 2 items would follow it" in text
    assert "2 items would be told at once." in text
    assert "Internal, 36 business hours before the time is over" in text
    assert "The manager hears too late." in text
    assert not RuleVersion.objects.exists()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([KEPT, (0, "before", "manager")], "Two steps come at the same moment"),
        ([(4, "before", "manager")], "a breach would reach nobody"),
        ([KEPT, (0, "share", "manager")], "before the time begins"),
    ],
)
def test_a_fault_is_said_before_anything_is_proposed(site, rows, words):
    answer = browser(site.manager).post(
        f"{site.address}change/", ladder(*rows, look="1")
    )

    assert words in answer.content.decode()
    assert answer.status_code == 200
    assert not RuleVersion.objects.exists()


def test_a_fault_is_refused_when_proposed_too(site):
    answer = send(
        browser(site.manager),
        f"{site.address}change/",
        ladder((4, "before", "manager"), do="1"),
    )

    assert "a breach would reach nobody" in answer.content.decode()
    assert not RuleVersion.objects.exists()


def test_a_proposal_goes_to_another_person_who_puts_it_in_force(site):
    proposer, decider = browser(site.manager), browser(site.second)
    answer = send(
        proposer,
        f"{site.address}change/",
        ladder(KEPT, (4, "before", "manager"), do="1"),
    )
    assert answer["Location"] == f"{site.address}2/"

    mine = page(site.manager, f"{site.address}2/")
    theirs = page(site.second, f"{site.address}2/")
    assert "another person decides it" in mine
    assert "Put in force" not in mine
    assert "The manager hears too late." in theirs
    assert "2 clocks of 2 items would follow it" in theirs
    assert "1 change waits" in page(site.coder, "/rules/")

    approve(decider, f"{site.address}2/", reason="")

    new = SlaPolicy.objects.get(version=2)
    assert sorted(new.steps.values_list("offset_hours", flat=True)) == [-4, 0]
    site.queue.refresh_from_db()
    assert site.queue.sla_policy_id == new.pk
    assert "Version 2 is in force." in page(site.coder, site.address)


def test_a_row_that_was_left_empty_is_no_step(site):
    empty = ("", "share", "assignee")
    answer = send(
        browser(site.manager),
        f"{site.address}change/",
        ladder(KEPT, (4, "before", "manager"), empty, empty, do="1"),
    )

    assert answer["Location"] == f"{site.address}2/"
    content = RuleVersion.objects.get(number=2).content
    assert [step["offset_hours"] for step in content["steps"]] == [-4, 0]


def test_a_step_that_is_taken_out_is_gone(site):
    rows = [KEPT, (8, "after", "manager")]
    posted = ladder(*rows, do="1") | {"rows-0-remove": "on"}
    send(browser(site.manager), f"{site.address}change/", posted)

    content = RuleVersion.objects.get(number=2).content
    assert [step["offset_hours"] for step in content["steps"]] == [8]


def test_ones_own_proposal_is_not_approved_by_address(site):
    client = browser(site.manager)
    send(client, f"{site.address}change/", ladder(KEPT, name="Five days", do="1"))

    client.post(f"{site.address}2/approve/", {"reason": "Me.", "read": "1"})

    assert RuleVersion.objects.get(number=2).state == "proposed"
    assert SlaPolicy.objects.count() == 1


def test_send_back_and_withdraw(site):
    client = browser(site.manager)
    send(client, f"{site.address}change/", ladder(KEPT, name="Five days", do="1"))
    browser(site.second).post(f"{site.address}2/send-back/", {"reason": "Say hours."})
    send(client, f"{site.address}change/", ladder(KEPT, name="Hours", do="1"))
    client.post(f"{site.address}3/withdraw/")

    states = dict(RuleVersion.objects.values_list("number", "state"))
    assert states == {1: "in_force", 2: "sent_back", 3: "withdrawn"}
    assert "Say hours." in page(site.manager, f"{site.address}2/")


def test_any_two_versions_are_compared(site):
    for name in ("Five days", "Forty hours"):
        send(
            browser(site.manager),
            f"{site.address}change/",
            ladder(KEPT, name=name, do="1"),
        )
        number = RuleVersion.objects.latest("number").number
        approve(browser(site.second), f"{site.address}{number}/")

    text = page(site.auditor, site.address, a=1, b=3)

    assert "One week" in text
    compared = text[text.index('id="compare"') :]
    assert "Forty hours" in compared
    assert "Five days" not in compared[: compared.index("</section>")]


def queue_form(site, **more):
    """Return what the page of a queue's settings posts."""
    return {
        "purpose": site.queue.purpose,
        "team": site.queue.team.slug,
        "supervisor": site.queue.supervisor.username,
        "review_on": "2027-01-15",
        "hand_out": "pick",
        "max_in_hand": 0,
        "release_after_hours": 0,
        "reason": "Fewer at once.",
        "do": "1",
    } | more


def test_a_manager_changes_a_queue_at_once(site):
    path = f"/rules/queue/{site.queue.slug}/"
    send(browser(site.manager), f"{path}change/", queue_form(site, max_in_hand=4))

    site.queue.refresh_from_db()
    assert site.queue.max_in_hand == 4
    assert Event.objects.filter(action="rule.changed").count() == 1
    assert "Fewer at once." in page(site.coder, path)


def test_settings_are_changed_on_their_page_while_another_form_waits(site):
    path = f"/rules/queue/{site.queue.slug}/"
    live = selectors.live_content("queue", site.queue.slug)
    EvidenceTemplateFactory(slug="other")
    rules.propose(
        actor=site.manager,
        kind="queue",
        slug=site.queue.slug,
        content=live | {"template": "other"},
        effective_from=selectors.site_today(),
        reason="More is asked.",
    )

    text = page(site.manager, path)
    assert "The settings can be changed meanwhile" in text
    assert f'href="{path}change/"' in text
    assert f'href="{path}form/"' not in text
    send(browser(site.manager), f"{path}change/", queue_form(site, max_in_hand=4))
    site.queue.refresh_from_db()
    assert site.queue.max_in_hand == 4


def test_only_managers_are_offered_as_supervisors_and_who_is_one_today(site):
    path = f"/rules/queue/{site.queue.slug}/change/"

    text = page(site.manager, path)
    answer = browser(site.manager).post(
        path, queue_form(site, supervisor=site.auditor.username)
    )

    field = text[text.index('name="supervisor"') :]
    offered = set(
        re.findall(r'<option value="(\w+)"', field[: field.index("</select>")])
    )
    assert offered == {
        site.manager.username,
        site.second.username,
        site.queue.supervisor.username,
    }
    assert "Choose somebody with the role of a manager" in answer.content.decode()
    assert not Event.objects.filter(action="rule.changed").exists()


def test_a_queue_is_not_changed_without_a_reason(site):
    answer = send(
        browser(site.manager),
        f"/rules/queue/{site.queue.slug}/change/",
        queue_form(site, max_in_hand=4, reason=""),
    )

    site.queue.refresh_from_db()
    assert (answer.status_code, site.queue.max_in_hand) == (200, 0)


def test_a_calendar_is_looked_at_and_proposed_with_a_half_day(site):
    path = f"/rules/calendar/{site.facility.calendar.slug}/"
    week = {f"day_{n}": "08:00-17:00" if n < 6 else "" for n in range(1, 8)}
    days = [("2026-12-24", "Christmas Eve", "08:00-12:00")]
    posted = {
        "name": site.facility.calendar.name,
        "time_zone": "America/Chicago",
        "federal_holidays": "on",
        **week,
        "rows-TOTAL_FORMS": 1,
        "rows-INITIAL_FORMS": 0,
        **{
            f"rows-0-{name}": value
            for name, value in zip(("day", "name", "hours"), days[0], strict=True)
        },
        "effective_from": "2026-11-23",
        "reason": "We close at noon.",
    }
    client = browser(site.administrator)

    looked = client.post(f"{path}change/", posted | {"look": "1"}).content.decode()
    send(client, f"{path}change/", posted | {"do": "1"})
    approve(browser(site.manager), f"{path}2/")

    assert "1 of the next 365" in " ".join(looked.split())
    calendar = BusinessCalendar.objects.get(pk=site.facility.calendar_id)
    assert list(calendar.holidays.values_list("name", "hours")) == [
        ("Christmas Eve", [["08:00", "12:00"]])
    ]


@pytest.mark.parametrize("kind", ["review", "template"])
def test_other_rules_open_as_forms(site, kind):
    slug = getattr(
        site.queue, {"review": "review_policy", "template": "template"}[kind]
    ).slug
    client = browser(site.manager)

    assert client.get(f"/rules/{kind}/{slug}/").status_code == 200
    assert client.get(f"/rules/{kind}/{slug}/change/").status_code == 200


def test_a_review_policy_is_proposed_by_its_form_whole(site):
    slug = site.queue.review_policy.slug
    typed = {
        "name": "Coding review",
        "amount_from": "2000",
        "risk_classes": "timely_filing, medical_necessity",
        "apprentice_all": "on",
        "random_per_block": "1",
        "recurring_from": "12",
        "recurring_days": "60",
        "judgements": "decision:write_off",
        "review_hours": "8",
        "autonomy": "20 95 10\n40 97 4",
        "miss_reviews": "5",
        "approvals": "decision:write_off",
        "approval_from": "1000.00",
        "approver_role": "manager",
        "effective_from": "2026-11-24",
        "reason": "As the department agreed.",
    }
    client = browser(site.manager)
    opened = client.get(f"/rules/review/{slug}/change/")
    assert opened.status_code == 200
    assert send(client, f"/rules/review/{slug}/change/", typed).status_code in {
        200,
        302,
    }
    content = RuleVersion.objects.filter(rule__slug=slug).latest("number").content
    assert content["autonomy"] == [[20, 95, 10], [40, 97, 4]]
    assert content["risk_classes"] == ["timely_filing", "medical_necessity"]
    assert (content["payer_watch"], content["approval_from"]) == (False, "1000.00")


def test_routing_opens_as_a_form(site):
    client = browser(site.administrator)
    assert client.get(f"/rules/routing/{site.queue.kind}/").status_code == 200
    assert client.get(f"/rules/routing/{site.queue.kind}/change/").status_code == 200


@pytest.mark.parametrize("path", ["sla/none/", "nonsense/none/", "sla/none/4/"])
def test_what_is_not_there_is_not_found(site, path):
    assert browser(site.manager).get(f"/rules/{path}").status_code == 404


def test_the_index_costs_the_same_for_many_queues(site, django_assert_max_num_queries):
    QueueFactory.create_batch(5)
    client = browser(site.manager)
    client.get("/rules/")
    with django_assert_max_num_queries(16):
        client.get("/rules/")


def routing(site, *rows, kept=1, **more):
    """Return what the page of routing posts: order, name, lines, queue of each rule."""
    posted = {
        "rows-TOTAL_FORMS": len(rows),
        "rows-INITIAL_FORMS": kept,
        "effective_from": "2026-11-23",
        "reason": "Large ones have their own people.",
    } | more
    for number, values in enumerate(rows):
        names = ("order", "name", "conditions", "queue")
        posted |= {
            f"rows-{number}-{name}": value
            for name, value in zip(names, values, strict=True)
        }
    return posted


@pytest.fixture
def large(site):
    """Another queue of the same kind of work."""
    return QueueFactory(kind=site.queue.kind, slug="large", name="Large ones")


def test_rules_are_rows_tried_on_the_work_that_is_there_and_proposed(site, large):
    WorkItem.objects.filter(queue=site.queue).update(amount=100)
    WorkItem.objects.filter(pk=site.queue.items.first().pk).update(amount=900)
    rest = ("10", "Everything", "", site.queue.slug)
    RoutingRule.objects.filter(queue=large).delete()
    RoutingRule.objects.update(name="Everything", conditions=[])
    client = browser(site.administrator)
    address = f"/rules/routing/{site.queue.kind}/change/"
    posted = routing(site, rest, ("", "Large", "amount >= $500", "large"))

    looked = client.post(address, posted | {"look": "1"})

    effect = looked.context["routing"]
    assert (effect.looked, effect.moved) == (2, 1)
    assert [(t.name, t.items, t.before) for t in effect.taken] == [
        ("Large", 1, 0),
        ("Everything", 1, 2),
    ]
    assert [(o.items, o.was, o.now) for o in effect.led] == [
        (1, site.queue.name, "Large ones")
    ]
    assert not RuleVersion.objects.exists()

    assert send(client, address, posted).status_code == 302

    proposed = RuleVersion.objects.get(state="proposed")
    assert proposed.content["rules"] == [
        {
            "name": "Large",
            "conditions": [{"field": "amount", "op": "gte", "value": "500"}],
            "queue": "large",
        },
        {"name": "Everything", "conditions": [], "queue": site.queue.slug},
    ]
    shown = page(site.second, f"/rules/routing/{site.queue.kind}/{proposed.number}/")
    assert "1 item would come into another queue." in shown


def test_a_line_that_cannot_be_read_is_named_and_nothing_typed_is_lost(site):
    posted = routing(
        site, ("5", "Odd", "payer is a\ncarc has 97", site.queue.slug), kept=0
    )
    answer = browser(site.administrator).post(
        f"/rules/routing/{site.queue.kind}/change/", posted
    )

    text = html.unescape(answer.content.decode())
    assert "Line 2: there is no “carc”." in text
    assert "carc has 97" in text
    assert not RuleVersion.objects.exists()


def test_rules_lead_only_to_queues_of_their_kind(site):
    other = QueueFactory(kind="denial")
    posted = routing(site, ("10", "Everything", "", other.slug), kept=0)
    answer = browser(site.administrator).post(
        f"/rules/routing/{site.queue.kind}/change/", posted
    )

    assert "Select a valid choice." in html.unescape(answer.content.decode())
    assert not RuleVersion.objects.exists()


def test_a_rule_that_is_taken_out_is_gone_and_the_others_keep_their_order(site, large):
    rows = [
        ("30", "Everything", "", site.queue.slug),
        ("20", "Second", "amount >= 20", "large"),
        ("10", "First", "amount >= 9", "large"),
        ("15", "Gone", "amount >= 1", "large"),
    ]
    posted = routing(site, *rows, kept=0, **{"rows-3-remove": "on"})
    client = browser(site.administrator)
    assert (
        send(client, f"/rules/routing/{site.queue.kind}/change/", posted).status_code
        == 302
    )

    content = RuleVersion.objects.get(state="proposed").content
    assert [rule["name"] for rule in content["rules"]] == [
        "First",
        "Second",
        "Everything",
    ]
