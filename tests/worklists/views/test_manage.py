"""The manager's page: escalations to answer, queues, and who carries how much."""

import re
from datetime import timedelta
from html import unescape

import pytest

from tests.factories import QueueFactory, grant, open_item, open_many, take
from tests.worklists.views.conftest import fresh, text_of
from worklists.context import now
from worklists.models import (
    Absence,
    AgingCount,
    AgingDay,
    Escalation,
    User,
    WorkItem,
)
from worklists.selectors.access import today_of
from worklists.selectors.calendars import calendar_of
from worklists.selectors.pages import manage as managing
from worklists.selectors.pages.escalations import escalations_for
from worklists.selectors.pages.people import people_for
from worklists.selectors.people import Carried
from worklists.services.perform import perform
from worklists.views import manage

pytestmark = pytest.mark.django_db


def call(site, item):
    """Let the coder call the manager for an item."""
    perform(
        item_id=item.pk,
        action="escalate",
        actor=site.coder,
        expected_version=fresh(item).version,
        reason="Which system counts?",
        options={"tell": "manager"},
    )
    return Escalation.objects.get(item=item)


def test_escalations_wait_with_their_form(site, as_person, held):
    called = call(site, held)

    page = text_of(as_person(site.manager).get("/manage/"))

    assert "One escalation waits for your answer." in page
    assert f"{site.coder} called for help" in page
    assert f'id="answer-{called.pk}"' in page
    assert f'name="escalation" value="{called.pk}"' in page


def test_what_waits_for_others_of_the_team_stands_apart(site, as_person, held):
    called = call(site, held)
    Escalation.objects.filter(pk=called.pk).update(to=site.queue.team.lead)
    client = as_person(site.manager)

    for address in ("/manage/", "/"):
        page = text_of(client.get(address))
        assert "No escalation waits for your answer." in page
        assert "One escalation waits for others of your teams." in page
        assert "Of your teams, waiting for others" in page
    assert f'id="answer-{called.pk}"' in client.get("/manage/").text

    Escalation.objects.filter(pk=called.pk).update(to=None)
    page = text_of(client.get("/manage/"))
    assert "One escalation waits for your answer." in page
    assert "others of your teams" not in page


def test_what_waits_for_the_person_comes_before_what_waits_for_others(site, held):
    theirs = call(site, held)
    mine = Escalation.objects.get(pk=theirs.pk)
    mine.pk, mine.step = None, 9
    mine.fired_at = theirs.fired_at + timedelta(days=1)
    mine.save()
    Escalation.objects.filter(pk=theirs.pk).update(to=site.queue.team.lead)

    assert [(row.pk, row.own) for row in escalations_for(site.manager)] == [
        (mine.pk, True),
        (theirs.pk, False),
    ]


def test_an_answered_one_is_gone(site, as_person, held):
    called = call(site, held)
    client = as_person(site.manager)
    form = {
        "version": fresh(held).version,
        "escalation": called.pk,
        "outcome": "worked",
        "reason": "Both count.",
        "then": "manage",
    }

    assert (
        client.post(f"/items/{held.pk}/do/acknowledge_escalation/", form).url
        == "/manage/"
    )
    assert "No escalation waits" in text_of(client.get("/manage/"))


def test_load_is_shown_against_a_day_and_absence_is_said(site, as_person, held):
    today = today_of(site.coder)
    Absence.objects.create(
        user=site.coder,
        starts_on=today - timedelta(days=1),
        ends_on=today + timedelta(days=3),
        recorded_by=site.manager,
    )

    page = text_of(as_person(site.manager).get("/manage/"))

    assert "away until" in page
    assert f"{site.coder} is away with one item." in page


def test_the_fullest_are_shown_when_there_are_more(site, monkeypatch):
    monkeypatch.setattr(managing, "MOST", 1)
    for who, count in ((site.coder, 1), (site.other_coder, 2)):
        for item in open_many(site.queue, site.facility, count):
            take(item, who)
    User.objects.filter(pk=site.coder.pk).update(last_name="A")
    User.objects.filter(pk=site.other_coder.pk).update(last_name="Z")

    own, load = managing.loads_for(site.manager)

    assert own.own  # who carries nothing has room, however much others carry
    assert (own.total, load.own) == (0, False)
    assert load.person == site.other_coder
    assert (load.carried, load.total) == (Carried(2, 0, 0), 2)


def test_who_carries_as_much_is_told_apart_by_name(site, monkeypatch):
    monkeypatch.setattr(managing, "MOST", 1)
    for who in (site.coder, site.other_coder):
        take(open_item(site.queue, site.facility), who)
    User.objects.filter(pk=site.coder.pk).update(last_name="Z")
    User.objects.filter(pk=site.other_coder.pk).update(last_name="A")

    _, load = managing.loads_for(site.manager)

    assert (load.person, load.total) == (site.other_coder, 1)


def test_only_work_of_managed_queues_that_goes_on_is_load(site):
    elsewhere = QueueFactory(team=site.queue.team)
    grant(site.coder, elsewhere, "work")
    states = {"in_progress": 1, "returned": 1, "pending": 1, "in_review": 2}
    for state, count in (states | {"completed": 3}).items():
        for item in open_many(site.queue, site.facility, count):
            take(item, site.coder)
            WorkItem.objects.filter(pk=item.pk).update(state=state)
    take(open_item(elsewhere, site.facility), User.objects.get(pk=site.coder.pk))
    given = open_item(site.queue, site.facility)
    WorkItem.objects.filter(pk=given.pk).update(assignee=site.coder)

    [load] = [one for one in managing.loads_for(site.manager) if not one.own]

    assert (load.person, load.away) == (site.coder, None)
    assert (load.carried, load.total) == (Carried(3, 1, 2), 4)


def test_load_counts_the_same_people_and_items_as_the_people_page(site):
    team = site.queue.team
    team.members.add(site.coder, site.apprentice)
    elsewhere = QueueFactory(team=team)
    grant(site.coder, elsewhere, "work")
    take(open_item(site.queue, site.facility), site.coder)
    take(open_item(elsewhere, site.facility), User.objects.get(pk=site.coder.pk))
    take(open_item(site.queue, site.facility), site.other_coder)
    manager = User.objects.get(pk=site.manager.pk)
    team.manager = manager
    team.save()

    loads = managing.loads_for(manager)
    people = people_for(manager)

    own = {load.person: load.total for load in loads if load.own}
    assert own == {view.person: view.carries for view in people}
    assert (own[site.coder], own[site.apprentice]) == (2, 0)
    others = {load.person: load.total for load in loads if not load.own}
    assert others == {site.other_coder: 1}
    assert [load.own for load in loads] == sorted(
        (load.own for load in loads), reverse=True
    )


def test_overdue_items_are_said(site, as_person):
    open_item(site.queue, site.facility, at=now() - timedelta(days=60))

    assert "One item is overdue." in text_of(as_person(site.manager).get("/manage/"))


def test_queues_a_manager_does_not_manage_are_not_on_the_page(site, as_person):
    other = QueueFactory(team=site.queue.team, name="Somebody else’s")
    grant(site.manager, other, "view")

    assert "Somebody else" not in text_of(as_person(site.manager).get("/manage/"))


def test_the_oldest_are_shown_and_the_rest_on_request(site, as_person, monkeypatch):
    monkeypatch.setattr(manage, "FIRST", 1)
    first, second = open_many(site.queue, site.facility, 2)
    for item in (first, second):
        take(item, site.coder)
        call(site, item)
    client = as_person(site.manager)

    page = text_of(client.get("/manage/"))
    assert "Two escalations wait for your answer." in page
    assert '<a href="/escalations/?of=own">Show all 2</a>' in page
    assert second.number not in page
    assert second.number in text_of(client.get("/escalations/?of=own"))


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_with_more_rows(
    site, as_person, django_assert_num_queries, count
):
    for item in open_many(site.queue, site.facility, count):
        take(item, site.coder)
        call(site, item)
    counted_on(site, *range(10 * count, 0, -1))
    client = as_person(site.manager)
    client.get("/manage/")

    with django_assert_num_queries(25):
        client.get("/manage/")


def counted_on(site, *items, ago=0):
    """Let the daily counts of the last business days say so many items."""
    works, days = calendar_of(site.facility.pk), []
    day = today_of(site.manager) - timedelta(days=ago)
    while len(days) < len(items):
        if works.works_on(day):
            days.append(day)
        day -= timedelta(days=1)
    for day, count in zip(reversed(days), items, strict=True):
        row = AgingDay.objects.create(
            facility=site.facility, day=day, taken_at=now() - timedelta(hours=1)
        )
        for basis in ("arrival", "service"):
            AgingCount.objects.create(
                aging_day=row,
                queue=site.queue,
                basis=basis,
                bucket=0,
                items=count,
                amount=0,
                overdue=0,
                untouched=0,
            )


@pytest.mark.parametrize(
    ("counts", "said", "why"),
    [
        ((), "–", "Too little history: 5 counted business days are needed"),
        ((50, 40, 30, 20), "–", "Too little history"),
        ((100, 90, 80, 70, 60), "about 6 days", "60 at the last daily count, 10.0"),
        ((100, 98, 96, 94, 92), "about 9 weeks", "2.0 fewer a business day over the"),
        ((900, 899, 898, 897, 896), "over 3 months", "If it goes on like this."),
        ((50, 51, 52, 51, 50), "not falling", "not fewer over the last 5 business"),
    ],
)
def test_each_queue_says_when_it_would_be_empty(site, as_person, counts, said, why):
    counted_on(site, *counts)

    page = as_person(site.manager).get("/manage/").text
    wall = page[page.index('id="queues"') : page.index('id="calls"')]

    assert "Projected finish" in wall
    assert said in wall
    assert why in unescape(wall)
    assert "Projected finish" not in as_person(site.manager).get("/queues/").text


def test_old_counts_say_nothing_of_the_finish(site, as_person):
    counted_on(site, 100, 90, 80, 70, 60, ago=7)

    page = text_of(as_person(site.manager).get("/manage/"))

    assert "Too little history" in page
    assert "about 6 days" not in page


def test_the_queues_come_before_what_waits(site, as_person, held):
    call(site, held)

    page = as_person(site.manager).get("/manage/").text

    assert page.index('id="queues"') < page.index('id="calls"') < page.index("loads")


def many_calls(site, count, **fields):
    """Let an item have so many escalations by the ladder, one an hour."""
    item = take(open_item(site.queue, site.facility), site.coder)
    rows = Escalation.objects.bulk_create(
        Escalation(
            item=item,
            tell="manager",
            due_at=now(),
            fired_at=now() - timedelta(hours=count - n),
            needs_acknowledgement=True,
            **fields,
        )
        for n in range(count)
    )
    return [row.pk for row in rows]


class TestMoreThanAreRead:
    """Many of one's own do not hide the team's, and each is reached."""

    @pytest.fixture
    def calls(self, site):
        """52 escalations of the manager's own and 51 of the lead's, oldest first."""
        return (
            many_calls(site, 52, to=site.manager),
            many_calls(site, 51, to=site.queue.team.lead),
        )

    @pytest.mark.usefixtures("calls")
    @pytest.mark.parametrize("address", ["/", "/manage/"])
    def test_both_are_counted_and_begun(self, site, as_person, address):
        page = text_of(as_person(site.manager).get(address))

        assert "52 escalations wait for your answer." in page
        assert "51 escalations wait for others of your teams." in page
        for of, count in (("own", 52), ("teams", 51)):
            assert f'<a href="/escalations/?of={of}">Show all {count}</a>' in page
        assert page.count("called for help") == 0
        assert page.count('data-dialog-open="answer-') == (
            10 if address == "/manage/" else 0
        )

    @pytest.mark.parametrize(("of", "part"), [("own", 0), ("teams", 1)])
    def test_pages_lead_through_all_of_one_part(self, site, as_person, calls, of, part):
        client = as_person(site.manager)
        seen, address = [], f"/escalations/?of={of}"
        while address:
            page = client.get(address).content.decode()
            seen += map(int, re.findall(r'data-dialog-open="answer-(\d+)"', page))
            onward = re.search(r'rel="next"\s+href="([^"]+)"', page)
            address = f"/escalations/{unescape(onward[1])}" if onward else ""

        assert seen == calls[part]

    def test_an_answer_leads_back_to_the_list(self, site, as_person, calls):
        client = as_person(site.manager)
        row = Escalation.objects.select_related("item").get(pk=calls[0][0])
        form = {
            "version": row.item.version,
            "escalation": row.pk,
            "outcome": "worked",
            "reason": "Done now.",
            "then": "escalations",
        }

        answer = client.post(f"/items/{row.item_id}/do/acknowledge_escalation/", form)

        assert answer.url == "/escalations/"
        row.refresh_from_db()
        assert row.acknowledged_by_id == site.manager.pk

    @pytest.mark.usefixtures("calls")
    def test_a_reviewer_who_leads_nobody_finds_an_empty_list(self, site, as_person):
        page = text_of(as_person(site.reviewer).get("/escalations/?of=teams"))

        assert "No escalation waits here" in page
        assert "answer-" not in page


def test_who_called_for_help_stands_before_the_steps_of_a_ladder(site, held):
    called = call(site, held)
    ladder = Escalation.objects.get(pk=called.pk)
    ladder.pk, ladder.step, ladder.raised_by = None, 9, None
    ladder.fired_at = called.fired_at - timedelta(days=7)
    ladder.save()
    later = Escalation.objects.get(pk=called.pk)
    later.pk, later.step, later.raised_by = None, 8, site.apprentice
    later.fired_at = called.fired_at + timedelta(hours=1)
    later.save()

    assert list(escalations_for(site.manager)) == [called, later, ladder]


def test_escalations_of_one_moment_keep_their_order(site, held):
    first = call(site, held)
    other = Escalation.objects.get(pk=first.pk)
    other.pk = None
    other.step = 9
    other.save()
    # A row that is written again moves to the end of its table.
    Escalation.objects.filter(pk=first.pk).update(tell=first.tell)

    assert [row.pk for row in escalations_for(site.manager)] == [first.pk, other.pk]
